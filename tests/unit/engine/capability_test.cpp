#include "server_harness.hpp"

// What `initialize` declares, and that nothing else is served.
namespace mcp_mqtt::engine::test {
namespace {

const char* const revisions[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"};

Json declared(ServerHarness& server, std::string_view revision) {
  static int number = 0;
  return server.handshake("probe" + std::to_string(++number), 1, revision)
      .at("result")
      .at("capabilities");
}

/// A server with nothing at all.
std::unique_ptr<ServerHarness> bare() {
  auto server = std::make_unique<ServerHarness>();
  server->remove_tool("echo");
  server->change(FeatureList::none, [](Features& features) -> Result<void> {
    features.declare_tools = false;
    features.logging = false;
    return {};
  });
  server->bring_online();
  return server;
}

void add_everything(ServerHarness& server) {
  server.add(task_tool("maybe"));
  server.add(text_resource("a://b"));
  PromptDefinition prompt = echo_prompt("p", {{"colour"}});
  prompt.choices["colour"] = {"red"};
  server.add(prompt);
}

TEST(Capabilities, OfAServerWithNothing) {
  const auto server = bare();
  for (const char* revision : revisions) EXPECT_EQ(declared(*server, revision), Json::object());
}

TEST(Capabilities, OfAServerWithEverything) {
  ServerHarness server;
  add_everything(server);
  server.bring_online();
  Json expected = Json::parse(R"({"tools":{"listChanged":true},
    "resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},
    "logging":{}})");
  EXPECT_EQ(declared(server, "2024-11-05"), expected);
  expected["completions"] = Json::object();
  EXPECT_EQ(declared(server, "2025-03-26"), expected);
  EXPECT_EQ(declared(server, "2025-06-18"), expected);
  expected["tasks"] = Json::parse(R"({"list":{},"cancel":{},"requests":{"tools":{"call":{}}}})");
  EXPECT_EQ(declared(server, "2025-11-25"), expected);
}

TEST(Capabilities, EachFeatureDeclaresItself) {
  const auto only = [](const std::function<void(ServerHarness&)>& add) {
    const auto server = bare();
    add(*server);
    return declared(*server, "2025-11-25");
  };
  const Json tools = only([](auto& server) { server.add(echo_tool()); });
  EXPECT_EQ(tools, Json::parse(R"({"tools":{"listChanged":true}})"));
  const Json resource = only([](auto& server) { server.add(text_resource("a://b")); });
  const Json templates = only([](auto& server) { server.add(text_template("a://{b}")); });
  EXPECT_EQ(resource, Json::parse(R"({"resources":{"subscribe":true,"listChanged":true}})"));
  EXPECT_EQ(templates, resource);
  const Json prompt = only([](auto& server) { server.add(echo_prompt("p")); });
  EXPECT_EQ(prompt, Json::parse(R"({"prompts":{"listChanged":true}})"));
  const Json completer = only([](auto& server) {
    server.change(FeatureList::none, [](Features& features) {
      return features.completers.set_for_prompt(
          "p", "x", [](const CompleteRequest&, RequestContext&) { return Completion(); });
    });
  });
  EXPECT_EQ(completer, Json::parse(R"({"completions":{}})"));
}

TEST(Capabilities, WhatWillComeIsDeclaredOnRequest) {
  const auto server = bare();
  server->change(FeatureList::none, [](Features& features) -> Result<void> {
    features.declare_tools = features.declare_resources = features.declare_prompts = true;
    return {};
  });
  const Json capabilities = declared(*server, "2025-11-25");
  for (const char* name : {"tools", "resources", "prompts"}) {
    EXPECT_EQ(capabilities[name]["listChanged"], true) << name;
  }
  server->open_session("c1");
  EXPECT_EQ(server->ask_server("c1", 2, "resources/list")["resources"], Json::array());
  EXPECT_EQ(server->ask_server("c1", 3, "prompts/list")["prompts"], Json::array());
}

TEST(Capabilities, WhoIsServingAndHow) {
  ServerConfig config = server_config();
  config.implementation.title = "Companion";
  config.implementation.website_url = "https://example.org";
  config.instructions = "Ask before turning it up.";
  ServerHarness server(config);
  server.bring_online();
  const Json latest = server.handshake("c1")["result"];
  EXPECT_EQ(latest["instructions"], "Ask before turning it up.");
  EXPECT_EQ(latest["serverInfo"],
            Json::parse(R"({"name":"companion","version":"1.0.0","title":"Companion",
                            "websiteUrl":"https://example.org"})"));
  const Json oldest = server.handshake("c2", 1, "2024-11-05")["result"];
  EXPECT_EQ(oldest["serverInfo"], Json::parse(R"({"name":"companion","version":"1.0.0"})"));
}

// --- Which methods are served

struct MethodCase {
  const char* method;
  Json params;
  Revision since = Revision::v2024_11_05;
};

const MethodCase methods[] = {
    {"tools/list", Json::object()},
    {"tools/call", {{"name", "maybe"}}},
    {"resources/list", Json::object()},
    {"resources/templates/list", Json::object()},
    {"resources/read", {{"uri", "a://b"}}},
    {"resources/subscribe", {{"uri", "a://b"}}},
    {"resources/unsubscribe", {{"uri", "a://b"}}},
    {"prompts/list", Json::object()},
    {"prompts/get", {{"name", "p"}}},
    {"completion/complete",
     {{"ref", {{"type", "ref/prompt"}, {"name", "p"}}},
      {"argument", {{"name", "colour"}, {"value", ""}}}}},
    {"logging/setLevel", {{"level", "debug"}}},
    {"tasks/list", Json::object(), Revision::v2025_11_25},
    {"tasks/get", {{"taskId", "t"}}, Revision::v2025_11_25},
    {"tasks/result", {{"taskId", "t"}}, Revision::v2025_11_25},
    {"tasks/cancel", {{"taskId", "t"}}, Revision::v2025_11_25},
};

/// Sends a request that is answered at once or by a handler; the code of the error, 0 for a result.
int code_of(ServerHarness& server, const std::string& client, const MethodCase& one) {
  server.send(client, request_json(2, one.method, one.params));
  static_cast<void>(server.actions.find<SubscriptionChanged>());
  if (const auto run = server.actions.find<RunHandler>()) server.run(*run);
  const Json answer = server.expect_answer(client);
  EXPECT_EQ(answer.value("id", Json()), 2);
  server.actions.expect_nothing();
  return answer.contains("error") ? answer["error"]["code"].get<int>() : 0;
}

TEST(Methods, ThatWereNotOfferedAreNotFound) {
  const auto server = bare();
  for (const char* revision : revisions) {
    const std::string client = std::string("c") + revision;
    server->open_session(client, revision);
    for (const MethodCase& one : methods) {
      EXPECT_EQ(code_of(*server, client, one), error_code::method_not_found)
          << one.method << " in " << revision;
    }
    EXPECT_EQ(code_of(*server, client, {"ping", Json::object()}), 0);
    EXPECT_EQ(code_of(*server, client, {"vendor/unknown", Json::object()}),
              error_code::method_not_found);
  }
}

TEST(Methods, OfLaterRevisionsAreNotFoundInEarlierOnes) {
  ServerHarness server;
  add_everything(server);
  server.bring_online();
  for (const char* revision : revisions) {
    const std::string client = std::string("c") + revision;
    server.open_session(client, revision);
    for (const MethodCase& one : methods) {
      const int code = code_of(server, client, one);
      if (*parse_revision(revision) < one.since) {
        EXPECT_EQ(code, error_code::method_not_found) << one.method << " in " << revision;
      } else if (one.params.contains("taskId")) {
        EXPECT_EQ(code, error_code::invalid_params) << one.method;  // no such task
      } else {
        EXPECT_EQ(code, 0) << one.method << " in " << revision;
      }
    }
  }
}

TEST(Methods, BeforeInitializedOnlyPingAndTheListOfTools) {
  ServerHarness server;
  add_everything(server);
  server.bring_online();
  server.handshake("c1");
  for (const MethodCase& one : methods) {
    const int expected = one.method == std::string("tools/list") ? 0 : error_code::invalid_request;
    EXPECT_EQ(code_of(server, "c1", one), expected) << one.method;
  }
  EXPECT_EQ(code_of(server, "c1", {"ping", Json::object()}), 0);
}

TEST(Methods, AreRefusedUnderAnIdThatIsInUse) {
  ServerHarness server;
  add_everything(server);
  server.bring_online();
  server.open_session("c1");
  const auto run = server.start_call("c1", 2);
  for (const MethodCase& one : methods) {
    EXPECT_EQ(code_of(server, "c1", one), error_code::invalid_request) << one.method;
  }
  server.finish(run, text_result("x"));
  server.expect_result("c1", 2);  // the first still has its answer
}

TEST(Methods, WhatWasDeclaredStaysServedWhenItIsEmpty) {
  const auto server = bare();
  add_everything(*server);
  server->open_session("c1");
  EXPECT_TRUE(server->remove_tool("maybe"));
  server->remove_resource("a://b");
  server->remove_prompt("p");
  server->actions.clear();
  for (const char* method :
       {"tools/list", "resources/list", "resources/templates/list", "prompts/list", "tasks/list"}) {
    EXPECT_EQ(code_of(*server, "c1", {method, Json::object()}), 0) << method;
  }
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
