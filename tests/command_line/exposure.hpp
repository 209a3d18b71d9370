#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include <mcp_mqtt/client.hpp>
#include <mcp_mqtt/peer_request.hpp>

#include "command_line/garden.hpp"

namespace mcp_mqtt::test {

/// A client of a server that mcp-mqtt exposes, and what it was asked and told.
class Guest {
 public:
  Guest(const std::string& broker_url, const std::string& name,
        const Json& capabilities = Json::object());

  /// Opens the session. Throws McpError.
  void open(const std::string& server = "exposed");
  /// What a tool of stdio_server says, as JSON. Throws McpError.
  Json call(const std::string& tool, const Json& arguments = Json::object()) const;
  /// The outcome goes to `outcomes`.
  PendingCall start(const std::string& method, Json params, const CallOptions& options = {}) const;
  /// What stdio_server knows of itself and of this client.
  Json facts() const { return call("facts"); }

  ClientSession session;
  EventLog<PeerRequest> asked;
  EventLog<std::string> told;
  EventLog<Error> closed;
  EventLog<Result<Json>> outcomes;

 private:
  std::unique_ptr<McpClient> client_;
};

/// `mcp-mqtt expose` before stdio_server, on a broker of its own.
class Exposure : public ::testing::Test {
 protected:
  void SetUp() override;
  /// Ends it as a person would: killed, it could not end its children.
  void TearDown() override;

  static std::vector<std::string> server(std::vector<std::string> flags = {});
  /// mcp-mqtt expose with the options, and the command after `--`.
  std::unique_ptr<ChildProcess> start(std::vector<std::string> options,
                                      const std::vector<std::string>& command) const;
  /// start(), and waits until the server is online as `exposed`.
  void expose(std::vector<std::string> options = {}, std::vector<std::string> flags = {});
  std::unique_ptr<Guest> guest(const std::string& name = "guest",
                               const Json& capabilities = Json::object()) const;
  /// Whether the log says it by and by.
  bool logs(const std::string& text) const { return process->wait_for_output(text, patience); }

  std::unique_ptr<Garden> garden;
  std::unique_ptr<ChildProcess> process;
};

/// Waits until there is no such process.
bool ends(int pid);

}  // namespace mcp_mqtt::test
