#include <algorithm>

#include "server_harness.hpp"

// resources/list, templates/list and read on the server's side.
namespace mcp_mqtt::engine::test {
namespace {

class ServerResources : public ::testing::Test {
 protected:
  ServerResources() {
    server.add(text_resource("device://volume", "30"));
    server.bring_online();
    server.open_session("c1");
  }

  std::string read(const std::string& uri, const Json& id) {
    const Json result = server.ask_handler("c1", id, "resources/read", {{"uri", uri}});
    EXPECT_EQ(result["contents"][0]["uri"], uri) << result;
    return result["contents"][0].value("text", std::string());
  }
  void expect_not_found(const std::string& uri, const Json& id) {
    server.send("c1", request_json(id, "resources/read", {{"uri", uri}}));
    const Json answer = server.expect_answer("c1");
    EXPECT_EQ(answer["id"], id);
    EXPECT_EQ(answer["error"]["code"], error_code::resource_not_found) << answer;
    EXPECT_EQ(answer["error"]["data"]["uri"], uri) << answer;
    server.actions.expect_nothing();
  }
  void change_quietly(const std::function<void()>& change) {
    change();
    server.acknowledge(server.actions.expect_publish(ServerHarness::capability()));
  }

  ServerHarness server;
};

TEST_F(ServerResources, AreListedInTheOrderOfTheirUris) {
  ResourceDefinition full = text_resource("a://full");
  full.resource.title = "Full";
  full.resource.description = "with everything";
  full.resource.mime_type = "text/plain";
  full.resource.size = 4;
  full.resource.annotations = Annotations{{"user"}, 0.5, "2026-01-02T03:04:05Z"};
  full.resource.meta = {{"x", 1}};
  change_quietly([&] { server.add(full); });
  const Json listed = server.ask_server("c1", 2, "resources/list")["resources"];
  ASSERT_EQ(listed.size(), 2U) << listed;
  EXPECT_EQ(listed[0]["uri"], "a://full");
  EXPECT_EQ(listed[0]["title"], "Full");
  EXPECT_EQ(listed[0]["size"], 4);
  EXPECT_EQ(listed[0]["annotations"]["audience"], Json::array({"user"}));
  EXPECT_EQ(listed[0]["_meta"], (Json{{"x", 1}}));
  EXPECT_EQ(listed[1]["uri"], "device://volume");
}

TEST_F(ServerResources, HaveNoTitleBefore2025_06_18) {
  ResourceDefinition titled = text_resource("a://titled");
  titled.resource.title = "Titled";
  titled.resource.meta = {{"x", 1}};
  change_quietly([&] { server.add(titled); });
  for (const char* revision : {"2024-11-05", "2025-03-26"}) {
    const std::string client = std::string("old-") + revision;
    server.open_session(client, revision);
    const Json listed = server.ask_server(client, 2, "resources/list")["resources"];
    EXPECT_FALSE(listed[0].contains("title")) << listed;
    EXPECT_FALSE(listed[0].contains("_meta")) << listed;
  }
}

TEST_F(ServerResources, TemplatesAreAListOfTheirOwn) {
  change_quietly([&] { server.add(text_template("plant://{bed}/soil", "soil")); });
  const Json result = server.ask_server("c1", 2, "resources/templates/list");
  ASSERT_EQ(result["resourceTemplates"].size(), 1U);
  EXPECT_EQ(result["resourceTemplates"][0]["uriTemplate"], "plant://{bed}/soil");
  EXPECT_EQ(result["resourceTemplates"][0]["name"], "soil");
  EXPECT_EQ(server.ask_server("c1", 3, "resources/list")["resources"].size(), 1U);
}

TEST_F(ServerResources, ReadRunsTheHandlerWithUriAndMeta) {
  server.send("c1", request_json(2, "resources/read",
                                 {{"uri", "device://volume"}, {"_meta", {{"trace", "t1"}}}}));
  const auto run = server.actions.next<RunHandler>();
  EXPECT_EQ(run.method, "resources/read");
  EXPECT_EQ(run.name, "device://volume");
  EXPECT_EQ(run.meta, (Json{{"trace", "t1"}}));
  EXPECT_FALSE(run.run_inline);
  server.run(run);
  EXPECT_EQ(server.expect_result("c1", 2),
            Json::parse(
                R"({"contents":[{"uri":"device://volume","mimeType":"text/plain","text":"30"}]})"));
}

TEST_F(ServerResources, BinaryIsABlob) {
  ResourceDefinition image = text_resource("device://icon");
  image.handler = [](const ResourceRequest& request, RequestContext&) {
    return ReadResourceResult{{ResourceContents{request.uri, "image/png", "\x89PNG", true}},
                              nullptr};
  };
  image.run_inline = true;
  change_quietly([&] { server.add(image); });
  server.send("c1", request_json(2, "resources/read", {{"uri", "device://icon"}}));
  const auto run = server.actions.next<RunHandler>();
  EXPECT_TRUE(run.run_inline);
  server.run(run);
  const Json content = server.expect_result("c1", 2)["contents"][0];
  EXPECT_EQ(content["blob"], "iVBORw==");
  EXPECT_FALSE(content.contains("text"));
}

TEST_F(ServerResources, ATemplateHandsOverItsVariables) {
  change_quietly([&] { server.add(text_template("plant://{bed}/soil/{depth}", "soil")); });
  EXPECT_EQ(read("plant://north%20side/soil/3", 2), "soil bed=north side depth=3");
  expect_not_found("plant://north/soil", 3);
  expect_not_found("plant://north/water/3", 4);
}

TEST_F(ServerResources, TheMostSpecificAnswers) {
  change_quietly([&] { server.add(text_template("plant://{bed}/{what}", "any")); });
  change_quietly([&] { server.add(text_template("plant://{bed}/soil", "soil")); });
  change_quietly([&] { server.add(text_template("plant://{a}/{b}", "later equal")); });
  change_quietly([&] { server.add(text_resource("plant://north/soil", "itself")); });
  EXPECT_EQ(read("plant://north/soil", 2), "itself");
  EXPECT_EQ(read("plant://south/soil", 3), "soil bed=south");
  // Of equals the first in the order of their texts.
  EXPECT_EQ(read("plant://south/water", 4), "later equal a=south b=water");
}

TEST_F(ServerResources, UnknownIsNotFoundWithItsUri) {
  expect_not_found("device://nothing", 2);
  expect_not_found("", 3);
  expect_not_found("plant://{bed}/soil", 4);
}

TEST_F(ServerResources, BadParams) {
  for (const Json& params : {Json::object(), Json{{"uri", 7}}, Json{{"uri", nullptr}}}) {
    for (const char* method : {"resources/read", "resources/subscribe", "resources/unsubscribe"}) {
      const auto message = server.ask_refused("c1", 2, method, params, error_code::invalid_params);
      EXPECT_NE(message.find("uri"), std::string::npos) << message;
    }
  }
  server.actions.expect_nothing();
}

TEST_F(ServerResources, RemovedWhileReadIsStillAnswered) {
  server.send("c1", request_json(2, "resources/read", {{"uri", "device://volume"}}));
  const auto run = server.actions.next<RunHandler>();
  change_quietly([&] { server.remove_resource("device://volume"); });
  server.run(run);
  EXPECT_EQ(server.expect_result("c1", 2)["contents"][0]["text"], "30");
  expect_not_found("device://volume", 3);
}

TEST_F(ServerResources, WithoutAnyLeftTheListIsEmpty) {
  change_quietly([&] { server.remove_resource("device://volume"); });
  EXPECT_EQ(server.ask_server("c1", 2, "resources/list")["resources"], Json::array());
  expect_not_found("device://volume", 3);
}

TEST_F(ServerResources, AHandlerMayAnswerThatThereIsNone) {
  ResourceDefinition gone = text_resource("device://gone");
  gone.handler = [](const ResourceRequest& request, RequestContext&) -> ReadResourceResult {
    throw McpError(resource_not_found(request.uri));
  };
  change_quietly([&] { server.add(gone); });
  server.send("c1", request_json(2, "resources/read", {{"uri", "device://gone"}}));
  server.run(server.actions.next<RunHandler>());
  const Json error = server.expect_answer("c1")["error"];
  EXPECT_EQ(error["code"], error_code::resource_not_found);
  EXPECT_EQ(error["data"]["uri"], "device://gone");
}

TEST_F(ServerResources, AHandlerThatThrowsIsAnInternalErrorAndTheServerGoesOn) {
  ResourceDefinition broken = text_resource("device://broken");
  broken.handler = [](const ResourceRequest&, RequestContext&) -> ReadResourceResult {
    throw std::runtime_error("the sensor does not answer");
  };
  change_quietly([&] { server.add(broken); });
  server.send("c1", request_json(2, "resources/read", {{"uri", "device://broken"}}));
  server.run(server.actions.next<RunHandler>());
  EXPECT_EQ(server.expect_error("c1", 2, error_code::internal_error), "the sensor does not answer");
  EXPECT_EQ(read("device://volume", 3), "30");
}

TEST_F(ServerResources, ReadsCountAsRequestsUnderWay) {
  ServerConfig config = server_config();
  config.max_requests_per_session = 1;
  ServerHarness small(config);
  small.add(text_resource("device://volume"));
  small.bring_online();
  small.open_session("c1");
  const Json params{{"uri", "device://volume"}};
  small.send("c1", request_json(2, "resources/read", params));
  const auto run = small.actions.next<RunHandler>();
  small.ask_refused("c1", 3, "resources/read", params, error_code::server_busy);
  small.send("c1", request_json(2, "resources/read", params));
  small.expect_error("c1", 2, error_code::invalid_request);  // the id is in use
  small.run(run);
  small.expect_result("c1", 2);
  small.ask_handler("c1", 3, "resources/read", params);
}

TEST_F(ServerResources, AReadCanBeCancelled) {
  server.send("c1", request_json(2, "resources/read", {{"uri", "device://volume"}}));
  const auto run = server.actions.next<RunHandler>();
  server.send("c1", notification_json("notifications/cancelled", {{"requestId", 2}}));
  EXPECT_EQ(server.actions.next<CancelRun>().call, run.call);
  server.run(run);
  server.actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
