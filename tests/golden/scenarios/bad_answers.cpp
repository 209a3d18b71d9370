#include "golden/features.hpp"
#include "golden/raw_server.hpp"
#include "golden/stage.hpp"

namespace mcp_mqtt::golden {
namespace {

using Tools = std::vector<Tool>;

template <class T>
void show(Stage& stage, const test::Outcome<T>& outcome) {
  const auto result = outcome.wait();
  if (result) {
    stage.say("The caller gets a result.");
  } else {
    stage.say_error(result.error());
  }
}

Json page(const Json& cursor) {
  Json result{{"tools", {{{"name", "print"}, {"inputSchema", {{"type", "object"}}}}}}};
  if (!cursor.is_null()) result["nextCursor"] = cursor;
  return result;
}

void unknown_revision(Stage& stage) {
  RawServer server(stage);
  const test::Outcome<ClientSession> opened;
  server.let_client_ask(opened);
  server.answer(server.next(), {{"protocolVersion", "2031-01-01"},
                                {"capabilities", Json::object()},
                                {"serverInfo", {{"name", "raw"}, {"version", "0"}}}});
  server.next();  // the goodbye
  show(stage, opened);
}

void bad_answers(Stage& stage) {
  RawServer server(stage);
  const auto session = server.open();
  const auto list = [&] {
    test::Outcome<Tools> outcome;
    session.async_list_tools({}, outcome.callback());
    return outcome;
  };
  stage.say("Pages that never end.");
  const auto endless = list();
  server.answer(server.next(), page("again"));
  server.answer(server.next(), page("again"));
  show(stage, endless);
  stage.say("A number for a cursor, as some servers send it, is passed on.");
  const auto numbered = list();
  server.answer(server.next(), page(2));
  server.answer(server.next(), page(nullptr));
  show(stage, numbered);
  stage.say("A result that is no list.");
  const auto empty = list();
  server.answer(server.next(), Json::object());
  show(stage, empty);
  stage.say("Answers that nobody waits for, then the one.");
  const test::Outcome<std::chrono::microseconds> pinged;
  session.async_ping({}, pinged.callback());
  const Json ping = server.next();
  server.send({{"jsonrpc", "2.0"}, {"id", 99}, {"result", Json::object()}});
  server.send({{"jsonrpc", "2.0"}, {"id", ping.at("id").dump()}, {"result", Json::object()}});
  server.answer(ping, {{"pong", true}});
  show(stage, pinged);
  stage.say("It comes again.");
  server.answer(ping, {{"pong", true}});
  stage.say("An error that is none.");
  const test::Outcome<CallToolResult> called;
  session.async_call_tool("print", Json::object(), {}, called.callback());
  server.send({{"jsonrpc", "2.0"}, {"id", server.next().at("id")}, {"error", "no paper"}});
  show(stage, called);
}

void batch_of_server(Stage& stage) {
  RawServer server(stage);
  const auto session = server.open();
  stage.say("A server sends two requests and a notification as one batch.");
  server.send(Json::array({RawClient::request("a", "ping"),
                           RawClient::notification("notifications/whatever"),
                           RawClient::request("b", "no/such/method")}));
  server.next();
  if (stage.revision() != Revision::v2025_03_26) server.next();  // each request is refused
  stage.say("The session goes on.");
  const test::Outcome<std::chrono::microseconds> pinged;
  session.async_ping({}, pinged.callback());
  server.answer(server.next(), Json::object());
  show(stage, pinged);
}

}  // namespace

std::vector<Feature> bad_answer_features() {
  return {
      {"revision_answer", "A revision that the client does not know", unknown_revision},
      {"bad_answers", "Answers that a client cannot use", bad_answers},
      {"batch_of_server", "A server that sends batches", batch_of_server},
  };
}

}  // namespace mcp_mqtt::golden
