#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/server.hpp>

#include "support/child_process.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/temp_directory.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::test {

/// How a run of mcp-mqtt ended.
struct Ran {
  int code = -1;  ///< The exit code; -1: a signal ended it, or it did not end in time.
  std::string output;
  std::string error;

  Json json() const { return Json::parse(output, nullptr, false); }
  /// Standard error as one line is: it begins with "mcp-mqtt: " and has one line feed, at the end.
  bool one_error_line() const;
};

/// A broker, a server on it that is called `garden` and has a bit of everything, and mcp-mqtt as a
/// child process in pipes.
class Garden {
 public:
  explicit Garden(MosquittoOptions options = {}, const ConnectionOptions& connection = {});

  MosquittoBroker& broker() { return broker_; }
  std::string broker_url() const { return broker_.url(); }
  McpServer& server() { return *server_; }
  /// "slow", when its handler runs, and "cancelled", when that is told to end.
  const EventLog<std::string>& events() const { return events_; }
  const TempDirectory& folder() const { return folder_; }

  /// Variables for mcp-mqtt: this broker, and no settings of whoever runs the test.
  std::vector<std::string> environment() const;
  /// Starts mcp-mqtt.
  std::unique_ptr<ChildProcess> start(std::vector<std::string> arguments,
                                      std::vector<std::string> more_environment = {}) const;
  /// Runs it to its end.
  Ran run(std::vector<std::string> arguments, std::vector<std::string> more_environment = {}) const;
  /// Waits for the end of a started one.
  static Ran end_of(ChildProcess& process);

  /// Another server on the same broker, with nothing in it.
  std::unique_ptr<McpServer> start_server(const std::string& name) const;

 private:
  void fill();

  TempDirectory folder_;
  MosquittoBroker broker_;
  EventLog<std::string> events_;
  std::unique_ptr<McpServer> server_;
};

}  // namespace mcp_mqtt::test
