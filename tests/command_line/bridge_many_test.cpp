#include <csignal>
#include <memory>
#include <regex>
#include <set>

#include <mcp_mqtt/server.hpp>

#include "command_line/bridge_fixture.hpp"

// `mcp-mqtt bridge FILTER`: a host in front of all servers that match, as if they were one.
namespace mcp_mqtt::test {
namespace {

class BridgeToMany : public BridgeFixture {
 protected:
  std::unique_ptr<BridgedHost> bridge(std::vector<std::string> arguments = {"shop/#"}) const {
    return BridgeFixture::bridge(std::move(arguments));
  }
};

Json call_to(const std::string& tool, Json arguments = Json::object()) {
  return {{"name", tool}, {"arguments", std::move(arguments)}};
}

std::string first_text(const Json& result) {
  return result.value("/content/0/text"_json_pointer, std::string("no text"));
}

/// The values of one member in the entries of a list, over all its pages.
std::vector<std::string> listed(BridgedHost& host, const std::string& method,
                                const std::string& list, const char* key) {
  std::vector<std::string> out;
  Json params = Json::object();
  while (true) {
    const Json page = host.result_of(method, params);
    if (!page.is_object() || !page.contains(list)) return out;
    for (const Json& entry : page.at(list)) out.push_back(entry.at(key).get<std::string>());
    if (!page.contains("nextCursor")) return out;
    params["cursor"] = page.at("nextCursor");
  }
}

std::vector<std::string> tools_of(BridgedHost& host) {
  return listed(host, "tools/list", "tools", "name");
}

bool has(const std::vector<std::string>& all, const std::string& wanted) {
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

/// Lists the tools until one is there, or gone, again after each list_changed.
bool lists_until(BridgedHost& host, const std::string& tool, bool there) {
  for (int round = 0; round < 20; ++round) {
    const std::size_t seen = host.messages().size();
    if (has(tools_of(host), tool) == there) return true;
    if (host.wait_for("notifications/tools/list_changed", seen).is_null()) return false;
  }
  return false;
}

const Json all_capabilities{{"sampling", Json::object()},
                            {"elicitation", Json::object()},
                            {"roots", {{"listChanged", true}}}};

TEST_F(BridgeToMany, NamesAreKeptApart) {
  const auto one = workshop("shop/one");
  const auto two = workshop("shop/two");
  const auto host = bridge();
  const Json result = host->initialize("2025-06-18");
  EXPECT_EQ(result.at("serverInfo").value("name", ""), "mcp-mqtt");
  EXPECT_EQ(result.value("protocolVersion", ""), "2025-06-18");
  EXPECT_NE(result.value("instructions", "").find("shop--two is shop/two: Mind your fingers."),
            std::string::npos);
  EXPECT_EQ(one->events().take(), "client a-host");

  const auto tools = tools_of(*host);
  EXPECT_EQ(tools.size(), 14U);
  EXPECT_EQ(std::set<std::string>(tools.begin(), tools.end()).size(), 14U);
  for (const std::string& tool : tools) {
    EXPECT_TRUE(std::regex_match(tool, std::regex("[a-zA-Z0-9_-]{1,64}"))) << tool;
  }
  EXPECT_EQ(first_text(host->result_of("tools/call", call_to("shop--two__saw", {{"cuts", 2}}))),
            "2 cuts");
  EXPECT_EQ(host->error_of("tools/call", call_to("saw")).value("message", ""),
            "there is no tool 'saw'");
  EXPECT_EQ(host->error_of("tools/call", call_to("gone__saw")).value("message", ""),
            "there is no tool 'gone__saw': the server behind 'gone' is not online");
  EXPECT_EQ(host->error_of("tools/call", call_to("shop--one__axe")).value("code", 0), -32602);
  EXPECT_EQ(host->error_of("vendor/method").value("code", 0), -32601);
  EXPECT_EQ(host->error_of("tools/list", {{"cursor", "x"}}).value("code", 0), -32602);

  EXPECT_EQ(listed(*host, "prompts/list", "prompts", "name"),
            (std::vector<std::string>{"shop--one__build", "shop--two__build"}));
  EXPECT_EQ(host->result_of("prompts/get", call_to("shop--one__build", {{"what", "box"}}))
                .value("/messages/0/content/text"_json_pointer, ""),
            "Build a box");
  EXPECT_EQ(host->result_of("completion/complete",
                            {{"ref", {{"type", "ref/prompt"}, {"name", "shop--two__build"}}},
                             {"argument", {{"name", "what"}, {"value", "be"}}}})
                .at("completion")
                .at("values"),
            Json::array({"bench"}));
  EXPECT_EQ(host->leave(), 0);
}

TEST_F(BridgeToMany, UrisLeadToTheirServer) {
  const auto one = workshop("shop/one");
  const auto two = workshop("shop/two");
  const auto host = bridge();
  host->initialize();
  const auto uris = listed(*host, "resources/list", "resources", "uri");
  EXPECT_EQ(uris, (std::vector<std::string>{"mcp-mqtt:/shop--one/plan://1",
                                            "mcp-mqtt:/shop--two/plan://1"}));
  const auto templates =
      listed(*host, "resources/templates/list", "resourceTemplates", "uriTemplate");
  EXPECT_EQ(templates, (std::vector<std::string>{"mcp-mqtt:/shop--one/wood://{kind}",
                                                 "mcp-mqtt:/shop--two/wood://{kind}"}));
  const auto read = [&](const Json& uri) {
    return host->result_of("resources/read", {{"uri", uri}}).at("contents").at(0);
  };
  EXPECT_EQ(read("mcp-mqtt:/shop--two/wood://oak"),
            (Json{{"uri", "mcp-mqtt:/shop--two/wood://oak"}, {"text", "oak is wood"}}));
  EXPECT_EQ(host->result_of("completion/complete",
                            {{"ref", {{"type", "ref/resource"}, {"uri", templates.at(1)}}},
                             {"argument", {{"name", "kind"}, {"value", "a"}}}})
                .at("completion")
                .at("values"),
            Json::array({"ash"}));
  const Json unknown = host->error_of("resources/read", {{"uri", "plan://1"}});
  EXPECT_EQ(unknown.value("code", 0), -32002);

  // In results, too.
  const Json shown = host->result_of("tools/call", call_to("shop--one__show")).at("content");
  EXPECT_EQ(shown.at(0).at("uri"), "mcp-mqtt:/shop--one/plan://1");
  EXPECT_EQ(read(shown.at(0).at("uri")).at("text"), "Measure once.");
  EXPECT_EQ(shown.at(1).at("resource").at("uri"), "mcp-mqtt:/shop--one/plan://2");

  host->result_of("resources/subscribe", {{"uri", uris.at(1)}});
  EXPECT_TRUE(two->events().wait_for([](const std::string& e) { return e == "watches plan://1"; }));
  one->server().notify_resource_updated("plan://1");
  two->server().notify_resource_updated("plan://1");
  EXPECT_EQ(host->wait_for("notifications/resources/updated").at("params").at("uri"), uris.at(1));
  host->result_of("resources/unsubscribe", {{"uri", uris.at(1)}});
  EXPECT_TRUE(two->events().wait_for([](const std::string& e) { return e == "leaves plan://1"; }));
}

TEST_F(BridgeToMany, WhatServersAskIsKeptApart) {
  const auto one = workshop("shop/one");
  const auto two = workshop("shop/two");
  const auto host = bridge({"shop/one", "shop/two"});
  host->initialize("2025-11-25", all_capabilities);
  const auto of_server = [&](const std::string& name) {
    return host->wait_for([&](const Json& message) {
      return message.value("/params/message"_json_pointer, "") == name + ": Which colour?";
    });
  };
  const int first = host->ask("tools/call", call_to("shop--one__ask_user"));
  const int second = host->ask("tools/call", call_to("shop--two__ask_user"));
  const Json asked_one = of_server("shop/one");
  const Json asked_two = of_server("shop/two");
  EXPECT_NE(asked_one.at("id"), asked_two.at("id"));
  host->reply(asked_two, {{"action", "accept"}, {"content", {{"colour", "blue"}}}});
  host->reply(asked_one, {{"action", "accept"}, {"content", {{"colour", "red"}}}});
  EXPECT_EQ(first_text(host->answer_to(first).at("result")), "red");
  EXPECT_EQ(first_text(host->answer_to(second).at("result")), "blue");

  // Each server counts its progress tokens by itself.
  const std::size_t before = host->messages().size();
  host->ask("tools/call", call_to("shop--one__ask_model"));
  host->ask("tools/call", call_to("shop--two__ask_model"));
  const Json model_one = host->wait_for("sampling/createMessage", before);
  const Json model_two = host->wait_for(
      [&](const Json& message) {
        return message.value("method", "") == "sampling/createMessage" && message != model_one;
      },
      before);
  const auto token = "/params/_meta/progressToken"_json_pointer;
  EXPECT_NE(model_one.at(token), model_two.at(token));
  for (const Json& asked : {model_one, model_two}) {
    host->notify("notifications/progress", {{"progressToken", asked.at(token)}, {"progress", 1}});
    host->reply(asked, {{"role", "assistant"},
                        {"model", "a-model"},
                        {"content", {{"type", "text"}, {"text", "glue"}}}});
  }
  for (const auto* shop : {one.get(), two.get()}) {
    EXPECT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "model at work"; }));
  }
  host->notify("notifications/roots/list_changed");
  for (const auto* shop : {one.get(), two.get()}) {
    EXPECT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "roots changed"; }));
  }
}

TEST_F(BridgeToMany, TasksBelongToTheirServer) {
  const auto one = workshop("shop/one");
  const auto two = workshop("shop/two");
  const auto host = bridge();
  host->initialize();
  Json call = call_to("shop--two__print");
  call["task"] = {{"ttl", 60'000}};
  const Json id = host->result_of("tools/call", call).at("task").at("taskId");
  EXPECT_TRUE(id.get<std::string>().starts_with("shop--two/")) << id;
  EXPECT_EQ(host->wait_for("notifications/tasks/status").at("params").at("taskId"), id);
  EXPECT_EQ(host->result_of("tasks/get", {{"taskId", id}}).at("taskId"), id);
  EXPECT_EQ(first_text(host->result_of("tasks/result", {{"taskId", id}})), "printed");
  EXPECT_EQ(listed(*host, "tasks/list", "tasks", "taskId"), std::vector<std::string>{id});
  EXPECT_EQ(host->error_of("tasks/get", {{"taskId", "gone/1"}}).value("code", 0), -32602);
}

TEST_F(BridgeToMany, ServersComeAndGo) {
  const auto host = bridge({"shop/#", "extra", "--wait", "0.3"});
  host->initialize();
  EXPECT_EQ(tools_of(*host), std::vector<std::string>());
  EXPECT_TRUE(host->process().wait_for_output("no server 'extra' is online", patience));
  host->result_of("logging/setLevel", {{"level", "warning"}});

  auto one = workshop("shop/one");
  EXPECT_TRUE(lists_until(*host, "shop--one__saw", true));
  const auto extra = workshop("extra");
  EXPECT_TRUE(lists_until(*host, "extra__saw", true));
  host->wait_for("notifications/prompts/list_changed");
  host->wait_for("notifications/resources/list_changed");

  // The level is for those that come later, too.
  EXPECT_EQ(first_text(host->result_of("tools/call", call_to("extra__saw", {{"cuts", 1}}))),
            "1 cuts");
  EXPECT_EQ(host->wait_for("notifications/message").at("params"),
            (Json{{"level", "warning"}, {"logger", "extra/saw"}, {"data", "dust"}}));

  host->result_of("resources/subscribe", {{"uri", "mcp-mqtt:/shop--one/plan://1"}});
  one.reset();
  EXPECT_TRUE(lists_until(*host, "shop--one__saw", false));
  EXPECT_TRUE(host->process().wait_for_output("shop/one is gone", patience));
  EXPECT_EQ(host->error_of("tools/call", call_to("shop--one__saw")).value("code", 0), -32602);
  EXPECT_TRUE(has(tools_of(*host), "extra__saw"));

  // The same server has the same names, and what was watched is watched again.
  one = workshop("shop/one");
  EXPECT_TRUE(lists_until(*host, "shop--one__saw", true));
  EXPECT_TRUE(one->events().wait_for([](const std::string& e) { return e == "watches plan://1"; }));
  one->server().add_tool("glue", "Glue it", [] { return std::string("glued"); });
  EXPECT_TRUE(lists_until(*host, "shop--one__glue", true));
  EXPECT_EQ(host->leave(), 0);
}

TEST_F(BridgeToMany, AServerThatIsKilledTakesItsCallsAlone) {
  ChildProcess desk({DESK_COMPANION, "--broker", broker_->url()});
  const auto shop = workshop("shop/one");
  const auto host = bridge({"desk/companion", "shop/one", "--wait", "30"});
  host->initialize("2025-11-25", all_capabilities);
  Json melody = call_to("desk--companion__play_melody", {{"notes", 1000}});
  melody["_meta"]["progressToken"] = 5;
  const int playing = host->ask("tools/call", melody);
  const int waiting = host->ask("tools/call", call_to("shop--one__ask_user"));
  host->wait_for("notifications/progress");
  const Json asked = host->wait_for("elicitation/create");
  desk.kill();
  EXPECT_EQ(host->answer_to(playing).at("error").value("code", 0), -32603);
  EXPECT_TRUE(lists_until(*host, "desk--companion__play_melody", false));
  host->reply(asked, {{"action", "accept"}, {"content", {{"colour", "red"}}}});
  EXPECT_EQ(first_text(host->answer_to(waiting).at("result")), "red");
  EXPECT_EQ(host->leave(), 0);
}

TEST_F(BridgeToMany, ABrokerThatRestartsIsFoundAgain) {
  const auto one = workshop("shop/one");
  const auto two = workshop("shop/two");
  const auto host = bridge();
  host->initialize();
  broker_->restart();
  host->wait_for("notifications/tools/list_changed");
  EXPECT_TRUE(lists_until(*host, "shop--one__saw", true));
  EXPECT_TRUE(lists_until(*host, "shop--two__saw", true));
  EXPECT_EQ(first_text(host->result_of("tools/call", call_to("shop--one__saw", {{"cuts", 1}}))),
            "1 cuts");
  EXPECT_EQ(host->leave(), 0);
}

TEST_F(BridgeToMany, TheHostCancels) {
  const auto one = workshop("shop/one");
  const auto two = workshop("shop/two");
  const auto host = bridge();
  host->initialize();
  const int id = host->ask("tools/call", call_to("shop--two__slow"));
  ASSERT_TRUE(two->events().wait_for([](const std::string& e) { return e == "slow"; }));
  host->notify("notifications/cancelled", {{"requestId", id}});
  EXPECT_TRUE(two->events().wait_for([](const std::string& e) { return e == "cancelled"; }));
  host->result_of("ping");
  for (const Json& message : host->messages()) EXPECT_NE(message.value("id", Json()), id);
}

TEST_F(BridgeToMany, NoMoreServersThanItMay) {
  const auto one = workshop("shop/one");
  auto two = workshop("shop/two");
  const auto host = bridge({"shop/#", "--max-servers", "1"});
  host->initialize();
  EXPECT_EQ(tools_of(*host).size(), 7U);
  EXPECT_TRUE(host->process().wait_for_output("more than 1 servers match", patience));
}

TEST_F(BridgeToMany, LongNamesAreCut) {
  McpServer server(ServerOptions{.name = "a/very/long/name/of a server/in the/field"});
  const std::string tool = "a_tool_with_a_name_that_is_as_long_as_a_name_may_be_in_the_protocol";
  server.add_tool(tool + "1", "One", [] { return std::string("one"); });
  server.add_tool(tool + "2", "Two", [] { return std::string("two"); });
  server.start(broker_->url());
  const auto host = bridge({"a/#", "--name-length", "40", "--wait", "30"});
  host->initialize();
  const auto tools = tools_of(*host);
  ASSERT_EQ(tools.size(), 2U);
  for (const std::string& name : tools) {
    EXPECT_TRUE(std::regex_match(name, std::regex("[a-zA-Z0-9_-]{1,40}"))) << name;
  }
  EXPECT_EQ(first_text(host->result_of("tools/call", call_to(tools.at(0)))), "one");
  EXPECT_EQ(first_text(host->result_of("tools/call", call_to(tools.at(1)))), "two");
}

}  // namespace
}  // namespace mcp_mqtt::test
