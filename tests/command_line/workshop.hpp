#pragma once

#include <memory>
#include <string>

#include <mcp_mqtt/server.hpp>

#include "support/waiting.hpp"

namespace mcp_mqtt::test {

/// A server with one of each thing that a host and a server can say to each other.
class Workshop {
 public:
  Workshop(const std::string& broker_url, const std::string& name);

  McpServer& server() { return *server_; }
  /// What its handlers did, and what clients told it.
  const EventLog<std::string>& events() const { return events_; }

 private:
  void add_tools();
  void add_tools_that_ask();
  void add_the_rest();

  EventLog<std::string> events_;
  std::unique_ptr<McpServer> server_;
};

}  // namespace mcp_mqtt::test
