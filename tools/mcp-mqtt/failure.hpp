#pragma once

#include <stdexcept>
#include <string>

#include <mcp_mqtt/error.hpp>

namespace mcp_mqtt::command_line {

/// How the program ends; docs/command-line.md promises the numbers to scripts.
enum class ExitCode {
  ok = 0,
  tool_error = 1,    ///< The tool was called and said `isError`.
  check_failed = 1,  ///< The doctor found something that does not work.
  usage = 2,  ///< Arguments, settings or files that cannot be used; or names that the server lacks.
  broker = 3,     ///< The broker was not reached, refused, or was lost.
  no_server = 4,  ///< No such server is online, or it left.
  timeout = 5,    ///< No answer in time.
  server_error =
      6,      ///< The server answered with an error, or with what the protocol does not allow.
  other = 7,  ///< Anything else, such as an output that cannot be written.
  interrupted = 130  ///< Ctrl-C. SIGTERM ends the program with 143.
};

/// Ends the program with an exit code and one line that says what is wrong and what would be right.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// The exit code for what the library reports.
ExitCode exit_code_of(ErrorKind kind) noexcept;

/// Why there is no connection, with the broker's name, once.
Error naming_broker(Error error, const std::string& broker_name);
/// Ends the program where it cannot do without that connection.
Failure no_connection(const Error& error, const std::string& broker_name);

}  // namespace mcp_mqtt::command_line
