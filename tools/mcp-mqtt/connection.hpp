#pragma once

#include <functional>
#include <string>

#include <mcp_mqtt/client.hpp>

#include "mcp-mqtt/events.hpp"
#include "mcp-mqtt/program.hpp"

namespace mcp_mqtt::command_line {

/// The client of one run. Main thread; the functions that wait end with Failure, on Ctrl-C too. The
/// destructor says goodbye to broker and servers, for a bounded time.
class Connection {
 public:
  /// Puts the settings together, and warns of what is wrong with them. Does not connect.
  explicit Connection(Program& program);
  ~Connection();

  /// To set callbacks on, before connect().
  McpClient& client() { return client_; }
  const Settings& settings() const { return settings_; }

  /// Failure (`broker`) where the broker is not reached or refuses.
  void connect();
  /// connect(), then a session with the server. Failure (`no_server`) names those that are there.
  ClientSession open(const std::string& name);

  /// A callback hands over what is to be done on the main thread, where follow() runs.
  void post(std::function<void()> task) { tasks_->push(std::move(task)); }
  /// Runs what is posted, until Ctrl-C; always ends with Failure: when the session ends or the
  /// connection is given up, too. Tells of connections that are lost and found. Call
  /// prepare_to_follow() before connect().
  void prepare_to_follow();
  void follow();

 private:
  void on_event(const ClientEvent& event);
  ClientOptions client_options();
  [[noreturn]] void refuse_unknown(const std::string& name);

  Program& program_;
  Settings settings_;
  /// Callbacks hold it, until the client is gone.
  std::shared_ptr<Events<std::function<void()>>> tasks_ =
      std::make_shared<Events<std::function<void()>>>();
  McpClient client_;
};

}  // namespace mcp_mqtt::command_line
