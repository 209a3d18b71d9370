#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include <mcp_mqtt/context.hpp>

#include "engine/client_engine.hpp"
#include "engine/server_engine.hpp"
#include "nodes.hpp"
#include "pieces.hpp"
#include "texts.hpp"
#include "wire/presence.hpp"
#include "wire/topics.hpp"
#include "wire/user_properties.hpp"

namespace mcp_mqtt::bench {
namespace {

using engine::ClientAction;
using engine::ServerAction;

/// A message of one side whose id can be set without making it anew.
class NumberedMessage {
 public:
  NumberedMessage(wire::Component sender, const char* sender_id, const std::string& rest) {
    message_.topic = wire::rpc_topic(client_id, server_id, server_name);
    message_.user_properties = wire::publish_properties(sender, sender_id);
    message_.payload = head + std::string(width, ' ') + rest;
  }
  const mqtt::Message& with_id(std::int64_t id) {
    char* const place = message_.payload.data() + std::string(head).size();
    char* const end = std::to_chars(place, place + width, id).ptr;
    std::fill(end, place + width, ' ');
    return message_;
  }

 private:
  static constexpr const char* head = R"({"jsonrpc":"2.0","id":)";
  static constexpr std::size_t width = 20;
  mqtt::Message message_;
};

mqtt::Message message_of(wire::Component sender, std::string topic, std::string payload) {
  const bool server = sender == wire::Component::server;
  return {std::move(topic), std::move(payload), mqtt::Qos::at_least_once, false,
          wire::publish_properties(sender, server ? server_id : client_id)};
}

template <class Wanted, class Engine>
std::vector<Wanted> take(Engine& engine) {
  std::vector<Wanted> found;
  for (auto& action : engine.take_actions()) {
    if (auto* wanted = std::get_if<Wanted>(&action)) found.push_back(std::move(*wanted));
  }
  return found;
}

/// What the broker acknowledges: all that was asked for.
template <class Engine>
void acknowledge(Engine& engine) {
  for (auto& action : engine.take_actions()) {
    if (auto* one = std::get_if<engine::Subscribe>(&action)) {
      engine.on_subscribed(one->ticket, {}, now);
    } else if (auto* sent = std::get_if<engine::Publish>(&action)) {
      engine.on_published(sent->ticket, {}, now);
    }
  }
}

/// A server with one client, whose calls are given to it as they come from a broker.
class LoneServer {
 public:
  LoneServer()
      : engine_(server_config()),
        call_(wire::Component::client, client_id,
              R"(,"method":"tools/call","params":)" + call_params().dump() + "}") {
    engine::Features features;
    features.tools.add(volume_tool(64)).value();
    engine_.set_features(std::move(features));
    engine_.on_connected({}, now);
    acknowledge(engine_);
    acknowledge(engine_);
    engine_.on_message(
        message_of(wire::Component::client, wire::control_topic(server_id, server_name),
                   R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{)"
                   R"("protocolVersion":"2025-11-25","capabilities":{"roots":{}},)"
                   R"("clientInfo":{"name":"host","version":"2.0.0"}}})"),
        now);
    acknowledge(engine_);
    acknowledge(engine_);
    engine_.on_message(
        message_of(wire::Component::client, wire::rpc_topic(client_id, server_id, server_name),
                   R"({"jsonrpc":"2.0","method":"notifications/initialized"})"),
        now);
    require(take<engine::ClientConnected>(engine_).size() == 1, "no client connected");
  }

  void call() {
    engine_.on_message(call_.with_id(++last_id_), now);
    auto runs = take<engine::RunHandler>(engine_);
    require(runs.size() == 1, "no handler to run");
    RequestContext context;
    engine_.finish(runs.front().call, runs.front().work(context), now);
    const auto answers = take<engine::Publish>(engine_);
    require(answers.size() == 1, "no answer to send");
    engine_.on_published(answers.front().ticket, {}, now);
    keep(answers);
  }

 private:
  engine::ServerEngine engine_;
  NumberedMessage call_;
  std::int64_t last_id_ = 1;
};

/// A client with one session, whose server's answers are given to it as they come from a broker.
class LoneClient {
 public:
  LoneClient()
      : engine_(client_config(), client_id, 1),
        answer_(wire::Component::server, server_id,
                R"(,"result":{"content":[{"type":"text","text":"volume is 30"}]}})") {
    engine_.on_connected(0, {}, now);
    engine::OpenRequest request;
    request.call = 1;
    request.server_name_filter = server_name;
    request.select = select_first();
    request.timeout = request.initialize_timeout = std::chrono::seconds(60);
    engine_.open(std::move(request), now);
    acknowledge(engine_);
    const ServerInstance server{server_id, server_name, "Volume", Json::object()};
    engine_.on_message(
        0,
        message_of(wire::Component::server, wire::server_presence_topic(server_id, server_name),
                   wire::encode_server_online(server, {}).value()),
        now);
    acknowledge(engine_);
    acknowledge(engine_);
    engine_.on_message(
        0,
        message_of(wire::Component::server, wire::rpc_topic(client_id, server_id, server_name),
                   R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25",)"
                   R"("capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}})"),
        now);
    const auto opened = take<engine::SessionOpened>(engine_);
    require(opened.size() == 1, "no session opened");
    session_ = opened.front().session;
  }

  void call() {
    engine_.request(session_, ++last_call_, "tools/call", call_params(),
                    {std::chrono::seconds(60), false, std::nullopt}, false, now);
    const auto sent = take<engine::Publish>(engine_);
    require(sent.size() == 1, "no call to send");
    engine_.on_published(sent.front().ticket, {}, now);
    engine_.on_message(0, answer_.with_id(++last_id_), now);
    const auto outcome = take<engine::CompleteCall>(engine_);
    require(outcome.size() == 1 && outcome.front().result, "a call has no outcome");
    keep(outcome);
  }

 private:
  engine::ClientEngine engine_;
  NumberedMessage answer_;
  engine::SessionNumber session_ = 0;
  engine::CallToken last_call_ = 1;
  std::int64_t last_id_ = 1;
};

}  // namespace

Pieces engine_pieces() {
  return {
      {"a server answers a call", [server = std::make_shared<LoneServer>()] { server->call(); }},
      {"a client makes a call", [client = std::make_shared<LoneClient>()] { client->call(); }}};
}

}  // namespace mcp_mqtt::bench
