#pragma once

#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>

#include "support/child_process.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::test {

/// `mcp-mqtt gateway` as a child process, on a port of its own.
class GatewayProcess {
 public:
  /// `program` with the options of mcp-mqtt before the subcommand; `arguments` after it.
  GatewayProcess(std::vector<std::string> program, const std::vector<std::string>& arguments,
                 std::vector<std::string> environment = {})
      : process_(command(std::move(program), arguments),
                 {.environment = std::move(environment), .working_directory = {}}) {}

  /// Where it serves, once it does; empty where it does not.
  std::string url() const {
    if (!process_.wait_for_output("\n", patience)) return {};
    const std::string line = process_.output();
    const std::size_t at = line.find("http");
    return line.substr(at, line.find('\n') - at);
  }
  ChildProcess& process() { return process_; }

 private:
  static std::vector<std::string> command(std::vector<std::string> program,
                                          const std::vector<std::string>& arguments) {
    program.emplace_back("gateway");
    program.insert(program.end(), arguments.begin(), arguments.end());
    program.insert(program.end(), {"--listen", "127.0.0.1:0"});
    return program;
  }

  ChildProcess process_;
};

}  // namespace mcp_mqtt::test
