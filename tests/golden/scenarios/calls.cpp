#include "golden/features.hpp"
#include "golden/raw_peer.hpp"
#include "golden/stage.hpp"

namespace mcp_mqtt::golden {
namespace {

/// A tool that asks the client's model something that is never answered, and says how that ended.
void add_asking_tool(McpServer& server, CallOptions options, test::EventLog<std::string> ended) {
  server.add_tool("ask", "Asks the model", [=](RequestContext& context) {
    try {
      context.create_message({.messages = {user_says("What now?")}, .max_tokens = 10}, options);
    } catch (const McpError& error) {
      ended.push(std::string(to_string(error.kind())));
      return std::string("no answer: ") + error.what();
    }
    return std::string("answered");
  });
}

/// A model that thinks until nobody wants its answer.
void let_think(McpClient& client, test::EventLog<bool> asked, test::EventLog<bool> stopped) {
  client.on_sampling([=](const auto&, ClientRequestContext& context) {
    asked.push(true);
    stopped.push(!Gate().wait(context.stop_token()));
    return CreateMessageResult{.content = {TextContent{.text = "late"}}, .model = "slow"};
  });
}

void progress(Stage& stage) {
  auto& server = stage.server();
  const test::EventLog<double> heard;
  server.add_tool("print", "Prints two pages", [=](RequestContext& context) {
    for (int page = 1; page <= 2; ++page) {
      context.report_progress(page, 2, "page " + std::to_string(page));
      if (!context.cancelled()) heard.take();
    }
    context.report_progress(1, 2, "less than before: not sent");
    return "printed";
  });
  server.add_tool("feed", "Does not know how long it takes", [=](RequestContext& context) {
    context.report_progress(0.5);
    heard.take();
    return "fed";
  });
  const auto session = stage.open();
  const CallOptions listening{
      .on_progress = [=](const Progress& step) { heard.push(step.progress); }};
  stage.say("The caller wants to know.");
  session.call_tool("print", Json::object(), listening);
  session.call_tool("feed", Json::object(), listening);
  stage.say("The caller does not.");
  heard.push(0);
  session.call_tool("feed");
}

void progress_of_client(Stage& stage) {
  const test::EventLog<double> heard;
  stage.server().add_tool("ask", "Asks the model", [=](RequestContext& context) {
    const CallOptions listening{
        .on_progress = [=](const Progress& step) { heard.push(step.progress); }};
    return context.create_message({.messages = {user_says("Why?")}, .max_tokens = 10}, listening)
        .text();
  });
  stage.client().on_sampling([=](const auto&, ClientRequestContext& context) {
    for (const int step : {1, 2}) {
      context.report_progress(step, 2, "thinking");
      heard.take();
    }
    return CreateMessageResult{.content = {TextContent{.text = "because"}}, .model = "small"};
  });
  const auto session = stage.open();
  stage.say("A server that asks a client's model wants to know how far it is.");
  session.call_tool("ask");
}

void cancellation(Stage& stage) {
  auto& server = stage.server();
  const test::EventLog<bool> started;
  const test::EventLog<bool> stopped;
  server.add_tool("print", "Prints until it is cancelled", [=](RequestContext& context) {
    started.push(true);
    stopped.push(!Gate().wait(context.stop_token()));
    return "unwanted";
  });
  const auto session = stage.open();
  stage.say("The client cancels a call: the handler is told, and does not answer.");
  const test::Outcome<CallToolResult> printed;
  const auto call = session.async_call_tool("print", Json::object(), {}, printed.callback());
  EXPECT_TRUE(started.take());
  call.cancel("wrong paper");
  stage.say_error(printed.wait().error());
  EXPECT_EQ(stopped.take(), true);
  stage.say("The session goes on.");
  session.ping();
}

void cancellation_by_server(Stage& stage) {
  const test::EventLog<std::string> ended;
  const test::EventLog<bool> asked;
  const test::EventLog<bool> stopped;
  add_asking_tool(stage.server(), {}, ended);
  let_think(stage.client(), asked, stopped);
  const auto session = stage.open();
  stage.say("The client cancels a call whose handler waits for the client: both end.");
  const test::Outcome<CallToolResult> outcome;
  const auto call = session.async_call_tool("ask", Json::object(), {}, outcome.callback());
  EXPECT_TRUE(asked.take());
  call.cancel();
  EXPECT_EQ(ended.take(), "cancelled");
  EXPECT_EQ(stopped.take(), true);
  stage.say_error(outcome.wait().error());
}

void timeout(Stage& stage) {
  auto& server = stage.server();
  const test::EventLog<bool> stopped;
  server.add_tool("print", "Prints for ever", [=](RequestContext& context) {
    stopped.push(!Gate().wait(context.stop_token()));
    return "unwanted";
  });
  const test::EventLog<std::string> ended;
  const test::EventLog<bool> asked;
  const test::EventLog<bool> model_stopped;
  add_asking_tool(server, {.timeout = 300ms}, ended);
  let_think(stage.client(), asked, model_stopped);
  const auto session = stage.open();
  stage.say("The client does not wait any longer, and says so.");
  stage.fails([&] { session.call_tool("print", Json::object(), {.timeout = 300ms}); });
  EXPECT_EQ(stopped.take(), true);
  stage.say("The server does not wait any longer.");
  session.call_tool("ask");
  EXPECT_EQ(ended.take(), "timeout");
  EXPECT_EQ(model_stopped.take(), true);
}

void batch(Stage& stage) {
  stage.server().add_tool("print", "Prints", [] { return "printed"; });
  stage.open();
  RawClient raw(stage);
  stage.say("A client that sends batches.");
  raw.initialize();
  stage.say("A request, a notification, a request that fails, and what is no request.");
  raw.ask(Json::array({RawClient::request(2, "tools/call", {{"name", "print"}}),
                       RawClient::notification("notifications/whatever"),
                       RawClient::request("three", "no/such/method"), 4}));
  stage.say("An empty batch.");
  raw.ask(Json::array());
  stage.say("Nothing that wants an answer: in a revision with batches it gets none.");
  raw.send(Json::array({RawClient::notification("notifications/whatever")}));
  if (stage.revision() != Revision::v2025_03_26) raw.next();
  stage.say("The session goes on.");
  raw.ask(RawClient::request(5, "ping"));
}

}  // namespace

std::vector<Feature> call_features() {
  return {
      {"progress", "Progress of a call", progress},
      {"progress_of_client", "Progress of a request of the server", progress_of_client},
      {"cancellation", "A client cancels a call", cancellation},
      {"cancellation_by_server", "A server cancels its request", cancellation_by_server},
      {"timeout", "Requests that time out are cancelled", timeout},
      {"batch", "Batches of JSON-RPC messages", batch},
  };
}

}  // namespace mcp_mqtt::golden
