#pragma once

#include <memory>
#include <string>

#include "golden/stage.hpp"

namespace mcp_mqtt::golden {

/// A peer that says what no program with this library says: whatever a scenario puts on a topic.
class RawPeer {
 public:
  /// `component`: "mcp-client" or "mcp-server".
  RawPeer(Stage& stage, std::string who, std::string id, std::string component);
  ~RawPeer();

  void subscribe(const std::string& filter);
  void publish(const std::string& topic, const Json& message, bool retain = false);
  void publish_text(const std::string& topic, std::string payload, bool retain = false);
  /// The next message that it gets.
  Json next();

 private:
  std::string id_;
  std::string component_;
  test::EventLog<mqtt::Message> inbox_;
  std::shared_ptr<mqtt::Transport> transport_;
};

/// A client that knows the topics of the stage's server.
class RawClient {
 public:
  explicit RawClient(Stage& stage);

  /// `initialize` and `notifications/initialized` in the stage's revision.
  void initialize();
  Json ask_for_revision(const std::string& revision);
  /// On the control topic.
  Json ask_on_control_topic(const Json& message);
  /// On the RPC topic.
  void send(const Json& message) { peer_.publish(rpc_, message); }
  void send_text(std::string payload) { peer_.publish_text(rpc_, std::move(payload)); }
  Json next() { return peer_.next(); }
  /// Sends a request and waits for what comes back.
  Json ask(const Json& message);

  static Json request(const Json& id, const std::string& method,
                      const Json& params = Json::object());
  static Json notification(const std::string& method, const Json& params = Json::object());

 private:
  Stage& stage_;
  RawPeer peer_;
  std::string rpc_;
};

}  // namespace mcp_mqtt::golden
