#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/mqtt/transport.hpp>

#include "support/waiting.hpp"

namespace mcp_mqtt::test {

/// An MCP server that says whatever a test wants it to say, right or wrong, over any transport: its
/// handshake is in order, all other answers come from the script.
class ScriptedServer {
 public:
  /// The result of a request; nullopt: silence. Called on the transport's thread.
  using Script = std::function<std::optional<Json>(const std::string& method, const Json& params)>;

  ScriptedServer(std::shared_ptr<mqtt::Transport> transport, Json capabilities, Script script)
      : capabilities_(std::move(capabilities)),
        script_(std::move(script)),
        transport_(std::move(transport)) {}
  ~ScriptedServer() { transport_.reset(); }

  static constexpr const char* id = "scripted-1";
  static constexpr const char* name = "scripted";

  /// Connects and announces itself.
  void start(const mqtt::BrokerUrl& broker) {
    mqtt::ConnectOptions options;
    options.broker = broker;
    options.client_id = id;
    mqtt::ConnectionEvents events;
    events.on_message = [this](const mqtt::Message& message) { on_message(message); };
    events.on_connection_lost = [](const Error&) {};
    ASSERT_TRUE(succeeded(outcome_of<mqtt::ConnectionInfo>(
        [&](auto done) { transport_->connect(options, events, done); })));
    const std::string control = std::string("$mcp-server/") + id + "/" + name;
    ASSERT_TRUE(
        succeeded(outcome_of<void>([&](auto done) { transport_->subscribe({control}, done); })));
    Json online{{"server_name", name}, {"description", ""}, {"meta", Json::object()}};
    publish(std::string("$mcp-server/presence/") + id + "/" + name,
            message("notifications/server/online", std::move(online)), true);
  }

  /// A notification or request on the RPC topic of the last client.
  void send(const Json& body) { publish(rpc_topic(), body, false); }
  void notify(const std::string& method, Json params) { send(message(method, std::move(params))); }
  void notify_on_capability(const std::string& method, Json params) {
    publish(std::string("$mcp-server/capability/") + id + "/" + name,
            message(method, std::move(params)), false);
  }

  /// What clients sent after the handshake.
  const EventLog<Json>& received() const noexcept { return received_; }

 private:
  static Json message(const std::string& method, Json params) {
    return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
  }
  std::string rpc_topic() const {
    const std::lock_guard lock(mutex_);
    return "$mcp-rpc/" + client_id_ + "/" + id + "/" + name;
  }
  void publish(const std::string& topic, const Json& body, bool retain) {
    transport_->publish({topic, body.dump(), mqtt::Qos::at_least_once, retain, {}}, [](auto) {});
  }

  void on_message(const mqtt::Message& received) {
    const Json body = Json::parse(received.payload, nullptr, false);
    const std::string method = body.value("method", std::string());
    if (method == "initialize") {
      for (const auto& [key, value] : received.user_properties) {
        if (key != "MCP-MQTT-CLIENT-ID") continue;
        const std::lock_guard lock(mutex_);
        client_id_ = value;
      }
      Json result{{"protocolVersion", body["params"]["protocolVersion"]},
                  {"capabilities", capabilities_},
                  {"serverInfo", {{"name", name}, {"version", "1"}}}};
      transport_->subscribe({rpc_topic(), mqtt::Qos::at_least_once, true},
                            [this, id = body["id"], result](Result<void>) {
                              send({{"jsonrpc", "2.0"}, {"id", id}, {"result", result}});
                            });
      return;
    }
    received_.push(body);
    if (method.empty() || !body.contains("id")) return;
    if (auto result = script_(method, body["params"])) {
      send({{"jsonrpc", "2.0"}, {"id", body["id"]}, {"result", *std::move(result)}});
    }
  }

  Json capabilities_;
  Script script_;
  EventLog<Json> received_;
  mutable std::mutex mutex_;
  std::string client_id_;
  std::shared_ptr<mqtt::Transport> transport_;
};

}  // namespace mcp_mqtt::test
