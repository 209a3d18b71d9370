#include <stdexcept>

#include "golden/features.hpp"
#include "golden/raw_peer.hpp"
#include "golden/stage.hpp"

namespace mcp_mqtt::golden {
namespace {

void bad_requests(Stage& stage) {
  auto& server = stage.server();
  server.add_tool("print", "Prints", [] { return "printed"; });
  server.add_resource({.uri = "printer://queue", .name = "queue"}, "empty");
  server.add_prompt("label", "What to print", [] { return "a label"; });
  server.complete_prompt("label", "size",
                         [](const std::string&) { return std::vector<std::string>{"small"}; });
  const auto session = stage.open();
  const auto ask = [&](const char* method, const Json& params = Json::object()) {
    stage.fails([&] { session.request(method, params); });
  };
  stage.say("Methods that do not exist, and one that belongs elsewhere.");
  ask("no/such/method");
  ask("initialize");
  stage.say("Params that are missing or of another type.");
  ask("tools/call");
  ask("tools/call", {{"name", 7}});
  ask("tools/call", {{"name", "print"}, {"arguments", "none"}});
  ask("resources/read");
  ask("resources/subscribe", {{"uri", nullptr}});
  ask("prompts/get", {{"name", "label"}, {"arguments", {{"n", 1}}}});
  ask("completion/complete", {{"ref", {{"type", "ref/nothing"}}}});
  ask("logging/setLevel");
  ask("tools/list", {{"cursor", 7}});
}

void bad_messages(Stage& stage) {
  auto& server = stage.server();
  const Gate gate;
  server.add_tool("print", "Prints", [=](RequestContext& context) {
    gate.wait(context.stop_token());
    return "printed";
  });
  stage.open();
  RawClient raw(stage);
  stage.say("A client that says what it should not.");
  raw.initialize();
  stage.say("No JSON, no JSON-RPC, an id that is none.");
  raw.send_text("{\"jsonrpc\": \"2.0\",");
  raw.next();
  raw.ask({{"id", 2}, {"method", "ping"}});
  raw.ask({{"jsonrpc", "2.0"}, {"id", {1}}, {"method", "ping"}});
  raw.ask({{"jsonrpc", "2.0"}, {"id", 3}, {"method", 7}});
  stage.say("An id that is in use still.");
  raw.send(RawClient::request(4, "tools/call", {{"name", "print"}}));
  raw.ask(RawClient::request(4, "ping"));
  gate.open();
  raw.next();
  stage.say("Answers that nobody waits for, and notifications that nobody knows: no word.");
  raw.send({{"jsonrpc", "2.0"}, {"id", 99}, {"result", Json::object()}});
  raw.send(RawClient::notification("notifications/whatever", {{"x", 1}}));
  raw.send(RawClient::notification("notifications/cancelled", {{"requestId", 99}}));
  stage.say("The session goes on, with a string for an id and without params.");
  raw.ask({{"jsonrpc", "2.0"}, {"id", "last"}, {"method", "ping"}});
}

void bad_requests_of_server(Stage& stage) {
  auto& client = stage.client();
  client.set_roots({{.uri = "file:///labels"}});
  client.on_sampling([](const auto&, auto&) -> CreateMessageResult {
    throw std::runtime_error("the model sleeps");
  });
  stage.open();
  const auto peer = stage.peer();
  const auto ask = [&](const char* method, const Json& params = Json::object()) {
    stage.fails([&] { peer.request(method, params); });
  };
  stage.say("Methods that the client does not have.");
  ask("no/such/method");
  ask("tools/list");
  stage.say("Params that it cannot use.");
  ask("sampling/createMessage");
  ask("sampling/createMessage", {{"messages", "hello"}, {"maxTokens", 1}});
  stage.say("A handler that throws.");
  ask("sampling/createMessage",
      {{"messages", {{{"role", "user"}, {"content", {{"type", "text"}, {"text", "hello"}}}}}},
       {"maxTokens", 1}});
  stage.say("The session goes on.");
  peer.list_roots();
}

}  // namespace

std::vector<Feature> bad_input_features() {
  return {
      {"bad_requests", "Requests that the server cannot answer", bad_requests},
      {"bad_messages", "Messages that are none", bad_messages},
      {"bad_requests_of_server", "Requests that the client cannot answer", bad_requests_of_server},
  };
}

}  // namespace mcp_mqtt::golden
