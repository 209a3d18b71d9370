#include "golden/raw_peer.hpp"

#include <gtest/gtest.h>
#include <utility>

namespace mcp_mqtt::golden {
namespace {

/// The members of a message as people write them, for the readers of the dialogue.
nlohmann::ordered_json in_the_usual_order(const Json& message) {
  nlohmann::ordered_json ordered;
  if (message.is_array()) {
    ordered = nlohmann::ordered_json::array();
    for (const Json& each : message) ordered.push_back(in_the_usual_order(each));
    return ordered;
  }
  if (!message.is_object()) return message;
  for (const char* name : {"jsonrpc", "id", "method"}) {
    if (message.contains(name)) ordered[name] = message.at(name);
  }
  for (const auto& [name, value] : message.items()) ordered[name] = value;
  return ordered;
}

}  // namespace

RawPeer::RawPeer(Stage& stage, std::string who, std::string id, std::string component)
    : id_(std::move(id)),
      component_(std::move(component)),
      transport_(stage.make_transport(std::move(who))) {
  mqtt::ConnectOptions options;
  options.broker = mqtt::parse_broker_url(stage.url()).value();
  options.client_id = id_;
  options.user_properties = {{"MCP-COMPONENT-TYPE", component_}, {"MCP-META", "{}"}};
  mqtt::ConnectionEvents events;
  events.on_message = [inbox = inbox_](mqtt::Message message) { inbox.push(std::move(message)); };
  events.on_connection_lost = [](auto) {};
  const auto connected = test::outcome_of<mqtt::ConnectionInfo>(
      [&](auto done) { transport_->connect(std::move(options), std::move(events), done); });
  EXPECT_TRUE(test::succeeded(connected));
}

RawPeer::~RawPeer() {
  EXPECT_TRUE(
      test::succeeded(test::outcome_of<void>([&](auto done) { transport_->disconnect(done); })));
}

void RawPeer::subscribe(const std::string& filter) {
  EXPECT_TRUE(test::succeeded(test::outcome_of<void>([&](auto done) {
    transport_->subscribe({filter, mqtt::Qos::at_least_once, true}, done);
  })));
}

void RawPeer::publish(const std::string& topic, const Json& message, bool retain) {
  publish_text(topic, in_the_usual_order(message).dump(), retain);
}

void RawPeer::publish_text(const std::string& topic, std::string payload, bool retain) {
  EXPECT_TRUE(test::succeeded(test::outcome_of<void>([&](auto done) {
    transport_->publish({topic,
                         std::move(payload),
                         mqtt::Qos::at_least_once,
                         retain,
                         {{"MCP-COMPONENT-TYPE", component_}, {"MCP-MQTT-CLIENT-ID", id_}}},
                        done);
  })));
}

Json RawPeer::next() {
  const auto message = inbox_.take();
  if (!message) {
    ADD_FAILURE() << id_ << " got nothing";
    return nullptr;
  }
  return Json::parse(message->payload, nullptr, false);
}

RawClient::RawClient(Stage& stage)
    : stage_(stage),
      peer_(stage, "raw client", "raw-1", "mcp-client"),
      rpc_(std::string("$mcp-rpc/raw-1/") + Stage::server_id + '/' + Stage::server_name) {
  peer_.subscribe(rpc_);
}

Json RawClient::ask_for_revision(const std::string& revision) {
  return ask_on_control_topic(request(1, "initialize",
                                      {{"protocolVersion", revision},
                                       {"capabilities", Json::object()},
                                       {"clientInfo", {{"name", "raw"}, {"version", "0"}}}}));
}

Json RawClient::ask_on_control_topic(const Json& message) {
  peer_.publish(std::string("$mcp-server/") + Stage::server_id + '/' + Stage::server_name, message);
  return next();
}

void RawClient::initialize() {
  ask_for_revision(std::string(to_string(stage_.revision())));
  send(notification("notifications/initialized"));
  stage_.wait_for_client("raw-1");
}

Json RawClient::ask(const Json& message) {
  send(message);
  return next();
}

Json RawClient::request(const Json& id, const std::string& method, const Json& params) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
}

Json RawClient::notification(const std::string& method, const Json& params) {
  Json message{{"jsonrpc", "2.0"}, {"method", method}};
  if (!params.empty()) message["params"] = params;
  return message;
}

}  // namespace mcp_mqtt::golden
