#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "command_line/garden.hpp"

namespace mcp_mqtt::test {

/// A line of the doctor's plain output.
struct DoctorLine {
  std::string check, result, seen, advice;
};

std::vector<DoctorLine> doctor_lines(const Ran& ran);
/// The checks that came to this result.
std::set<std::string> checks_with(const Ran& ran, const std::string& result);
/// The line of a check; a test failure where there is none.
DoctorLine line_of(const Ran& ran, const std::string& check);

/// Runs of `mcp-mqtt doctor`, against a broker of its own or another URL.
class DoctorSite : public ::testing::Test {
 protected:
  void SetUp() override;

  void start_broker(MosquittoOptions options = {});
  std::unique_ptr<ChildProcess> start(std::vector<std::string> arguments,
                                      const std::string& url) const;
  Ran run(std::vector<std::string> arguments, const std::string& url) const;
  Ran run(std::vector<std::string> arguments = {}) const;

  /// The topics on which the broker keeps a message.
  std::vector<std::string> kept() const;
  /// Standard error of a run that ended so, which is one line; nothing else was written.
  static std::string failure(const Ran& ran, int code);

  TempDirectory folder;
  std::unique_ptr<MosquittoBroker> broker;
};

}  // namespace mcp_mqtt::test
