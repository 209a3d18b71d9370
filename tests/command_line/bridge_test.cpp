#include <algorithm>
#include <csignal>
#include <memory>

#include "command_line/bridge_fixture.hpp"

// `mcp-mqtt bridge NAME`: a host on standard streams in front of one server.
namespace mcp_mqtt::test {
namespace {

class BridgeToOne : public BridgeFixture {
 protected:
  std::unique_ptr<Workshop> workshop() const { return BridgeFixture::workshop("shop/one"); }
  std::unique_ptr<BridgedHost> bridge(std::vector<std::string> arguments = {"shop/one"}) const {
    return BridgeFixture::bridge(std::move(arguments));
  }
};

Json call_of(const std::string& tool, Json arguments = Json::object()) {
  return {{"name", tool}, {"arguments", std::move(arguments)}};
}

std::string text_of(const Json& result) {
  return result.value("/content/0/text"_json_pointer, std::string("no text"));
}

const Json everything{{"sampling", Json::object()},
                      {"elicitation", Json::object()},
                      {"roots", {{"listChanged", true}}},
                      {"vendor", {{"kept", true}}}};

TEST_F(BridgeToOne, HostAndServerSeeEachOther) {
  const auto shop = workshop();
  const auto host = bridge();
  const Json result = host->initialize("2025-06-18", everything);
  EXPECT_EQ(result.value("protocolVersion", ""), "2025-06-18");
  EXPECT_EQ(result.at("serverInfo").value("name", ""), "shop/one");
  EXPECT_EQ(result.at("serverInfo").value("version", ""), "4.2");
  EXPECT_EQ(result.value("instructions", ""), "Mind your fingers.");
  EXPECT_TRUE(result.at("capabilities").contains("prompts"));
  EXPECT_EQ(shop->events().take(), "client a-host");
  EXPECT_EQ(shop->server().clients().at(0).info().capabilities.raw, everything);
  EXPECT_EQ(host->result_of("ping"), Json::object());
  EXPECT_EQ(host->leave(), 0);
  EXPECT_EQ(host->process().error_output(), "");
}

TEST_F(BridgeToOne, CallsWithProgressAndLog) {
  const auto shop = workshop();
  const auto host = bridge();
  host->initialize();
  EXPECT_EQ(host->result_of("logging/setLevel", {{"level", "info"}}), Json::object());
  const std::size_t before = host->messages().size();
  Json call = call_of("saw", {{"cuts", 2}});
  call["_meta"]["progressToken"] = "mine";
  EXPECT_EQ(text_of(host->result_of("tools/call", call)), "2 cuts");
  // The answer is the last that is said of it.
  std::vector<Json> said = host->messages();
  said.erase(said.begin(), said.begin() + static_cast<std::ptrdiff_t>(before));
  ASSERT_EQ(said.size(), 4U);
  EXPECT_TRUE(said.back().contains("result"));
  const Json log = host->wait_for("notifications/message", before);
  EXPECT_EQ(log.at("params"), (Json{{"level", "warning"}, {"logger", "saw"}, {"data", "dust"}}));
  const Json progress = host->wait_for("notifications/progress", before);
  EXPECT_EQ(progress.at("params"),
            (Json{{"progressToken", "mine"}, {"progress", 1}, {"total", 2}, {"message", "cut 1"}}));

  const Json unknown = host->error_of("tools/call", call_of("hammer"));
  EXPECT_EQ(unknown.value("code", 0), -32602);
  EXPECT_EQ(host->error_of("vendor/method").value("code", 0), -32601);
}

TEST_F(BridgeToOne, TheHostCancelsACall) {
  const auto shop = workshop();
  const auto host = bridge();
  host->initialize();
  const int id = host->ask("tools/call", call_of("slow"));
  ASSERT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "slow"; }));
  host->notify("notifications/cancelled", {{"requestId", id}});
  EXPECT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "cancelled"; }));
  host->result_of("ping");
  for (const Json& message : host->messages()) EXPECT_NE(message.value("id", Json()), id);
  EXPECT_EQ(host->leave(), 0);
}

TEST_F(BridgeToOne, TheServerAsksTheHost) {
  const auto shop = workshop();
  const auto host = bridge();
  host->initialize("2025-11-25", everything);

  int call = host->ask("tools/call", call_of("ask_model"));
  Json asked = host->wait_for("sampling/createMessage");
  EXPECT_EQ(asked.at("params").at("messages").at(0).at("content").at("text"), "Which glue?");
  host->reply(asked, {{"role", "assistant"},
                      {"model", "a-model"},
                      {"content", {{"type", "text"}, {"text", "bone glue"}}}});
  EXPECT_EQ(text_of(host->answer_to(call).at("result")), "bone glue");

  call = host->ask("tools/call", call_of("ask_user"));
  asked = host->wait_for("elicitation/create");
  EXPECT_EQ(asked.at("params").at("message"), "Which colour?");
  host->reply(asked, {{"action", "accept"}, {"content", {{"colour", "red"}}}});
  EXPECT_EQ(text_of(host->answer_to(call).at("result")), "red");

  call = host->ask("tools/call", call_of("ask_roots"));
  asked = host->wait_for("roots/list");
  host->reply(asked, {{"roots", Json::array({{{"uri", "file:///home"}}})}});
  EXPECT_EQ(text_of(host->answer_to(call).at("result")), "file:///home");
  host->notify("notifications/roots/list_changed");
  EXPECT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "roots changed"; }));

  // A call that is cancelled takes its question along.
  const std::size_t before = host->messages().size();
  call = host->ask("tools/call", call_of("ask_user"));
  asked = host->wait_for("elicitation/create", before);
  host->notify("notifications/cancelled", {{"requestId", call}});
  const Json cancelled = host->wait_for("notifications/cancelled", before);
  EXPECT_EQ(cancelled.at("params").at("requestId"), asked.at("id"));
}

TEST_F(BridgeToOne, ListsResourcesPromptsAndCompletion) {
  const auto shop = workshop();
  const auto host = bridge();
  host->initialize();
  EXPECT_EQ(host->result_of("tools/list").at("tools").size(), 7U);
  EXPECT_EQ(
      host->result_of("resources/read", {{"uri", "wood://oak"}}).at("contents").at(0).at("text"),
      "oak is wood");
  EXPECT_EQ(host->error_of("resources/read", {{"uri", "nothing://"}}).value("code", 0), -32002);
  EXPECT_EQ(host->result_of("prompts/get", call_of("build", {{"what", "box"}}))
                .at("messages")
                .at(0)
                .at("content")
                .at("text"),
            "Build a box");
  EXPECT_EQ(host->result_of("completion/complete",
                            {{"ref", {{"type", "ref/resource"}, {"uri", "wood://{kind}"}}},
                             {"argument", {{"name", "kind"}, {"value", "o"}}}})
                .at("completion")
                .at("values"),
            Json::array({"oak"}));
  shop->server().add_tool("glue", "Glue it", [] { return std::string("glued"); });
  host->wait_for("notifications/tools/list_changed");
  EXPECT_EQ(host->result_of("tools/list").at("tools").size(), 8U);
}

TEST_F(BridgeToOne, Subscriptions) {
  const auto shop = workshop();
  const auto host = bridge();
  host->initialize();
  host->result_of("resources/subscribe", {{"uri", "plan://1"}});
  shop->server().notify_resource_updated("plan://1");
  const Json updated = host->wait_for("notifications/resources/updated");
  EXPECT_EQ(updated.at("params"), (Json{{"uri", "plan://1"}}));
  host->result_of("resources/unsubscribe", {{"uri", "plan://1"}});
  EXPECT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "leaves plan://1"; }));
}

TEST_F(BridgeToOne, Tasks) {
  const auto shop = workshop();
  const auto host = bridge();
  host->initialize();
  Json call = call_of("print");
  call["task"] = {{"ttl", 60'000}};
  const Json task = host->result_of("tools/call", call).at("task");
  const Json status = host->wait_for("notifications/tasks/status");
  EXPECT_EQ(status.at("params").at("taskId"), task.at("taskId"));
  EXPECT_EQ(text_of(host->result_of("tasks/result", {{"taskId", task.at("taskId")}})), "printed");
  EXPECT_EQ(host->result_of("tasks/list").at("tasks").size(), 1U);
}

TEST_F(BridgeToOne, AServerThatComesBackIsFoundAgain) {
  auto shop = workshop();
  const auto host = bridge();
  host->initialize();
  host->result_of("resources/subscribe", {{"uri", "plan://1"}});
  const int call = host->ask("tools/call", call_of("slow"));
  ASSERT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "slow"; }));
  shop.reset();
  EXPECT_EQ(host->answer_to(call).at("error").value("code", 0), -32603);

  shop = workshop();
  host->wait_for("notifications/tools/list_changed");
  EXPECT_EQ(text_of(host->result_of("tools/call", call_of("saw", {{"cuts", 1}}))), "1 cuts");
  ASSERT_TRUE(
      shop->events().wait_for([](const std::string& e) { return e == "watches plan://1"; }));
  const std::size_t before = host->messages().size();
  shop->server().notify_resource_updated("plan://1");
  host->wait_for("notifications/resources/updated", before);
  EXPECT_EQ(host->leave(), 0);
}

TEST_F(BridgeToOne, TheHostLeaves) {
  const auto shop = workshop();
  // Everything at once, and the end: what was asked is answered.
  auto host = bridge();
  host->send({{"jsonrpc", "2.0"},
              {"id", "first"},
              {"method", "initialize"},
              {"params",
               {{"protocolVersion", "2025-11-25"},
                {"capabilities", Json::object()},
                {"clientInfo", {{"name", "a-script"}, {"version", "1"}}}}}});
  host->notify("notifications/initialized");
  const int id = host->ask("tools/call", call_of("saw", {{"cuts", 3}}));
  EXPECT_EQ(host->leave(), 0);
  EXPECT_EQ(text_of(host->answer_to(id).at("result")), "3 cuts");

  for (const int signal : {SIGTERM, SIGINT}) {
    host = bridge();
    host->initialize();
    host->ask("tools/call", call_of("slow"));
    ASSERT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "slow"; }));
    host->process().signal(signal);
    EXPECT_EQ(host->end(), 0);
    EXPECT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "cancelled"; }));
    EXPECT_EQ(host->process().error_output(), "");
    shop->events().clear();
  }
}

TEST_F(BridgeToOne, ASignalEndsOneThatWaits) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"absent", "--wait", "600"},
        std::vector<std::string>{"absent", "other", "--wait", "600"}}) {
    const auto host = bridge(arguments);
    host->result_of("ping");
    host->ask("initialize", {{"protocolVersion", "2025-11-25"}});
    host->process().signal(SIGTERM);
    EXPECT_EQ(host->end(), 0);
  }
}

TEST_F(BridgeToOne, ABrokerThatRestartsIsFoundAgain) {
  const auto shop = workshop();
  const auto host = bridge();
  host->initialize();
  const int call = host->ask("tools/call", call_of("slow"));
  ASSERT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "slow"; }));
  broker_->restart();
  EXPECT_EQ(host->answer_to(call).at("error").value("code", 0), -32603);
  EXPECT_EQ(text_of(host->result_of("tools/call", call_of("saw", {{"cuts", 1}}))), "1 cuts");
  host->wait_for("notifications/tools/list_changed");
  EXPECT_EQ(host->leave(), 0);
}

TEST_F(BridgeToOne, WhatIsNoMessage) {
  const auto shop = workshop();
  const auto host = bridge();
  const auto refused = [&](const std::string& line) {
    const std::size_t before = host->messages().size();
    host->write(line);
    const Json answer = host->wait_for([](const Json&) { return true; }, before);
    EXPECT_EQ(answer.value("id", Json(1)), Json()) << answer;
    return answer.value("/error/code"_json_pointer, 0);
  };
  EXPECT_EQ(refused("hello"), -32700);
  EXPECT_EQ(refused("{\"jsonrpc\":\"2.0\""), -32700);
  EXPECT_EQ(refused("\"\xff\""), -32700);
  EXPECT_EQ(refused(std::string(20U << 20, '[')), -32700);
  EXPECT_EQ(refused("[]"), -32600);
  EXPECT_EQ(refused("17"), -32600);
  EXPECT_EQ(host->error_of("tools/list").value("code", 0), -32600);
  host->initialize("2025-06-18");
  EXPECT_EQ(refused(R"([{"jsonrpc":"2.0","id":"b","method":"ping"}])"), -32600);
  EXPECT_EQ(host->error_of("initialize").value("code", 0), -32600);
  host->write("\n\r\n");
  EXPECT_EQ(text_of(host->result_of("tools/call", call_of("saw", {{"cuts", 1}}))), "1 cuts");
  EXPECT_EQ(host->leave(), 0);
}

TEST_F(BridgeToOne, BatchesOfTheRevisionThatHasThem) {
  const auto shop = workshop();
  const auto host = bridge();
  host->initialize("2025-03-26");
  host->write(
      R"([{"jsonrpc":"2.0","id":"a","method":"ping"},{"jsonrpc":"2.0","method":"vendor/told"},)"
      R"({"jsonrpc":"2.0","id":"b","method":"tools/call","params":{"name":"saw","arguments":)"
      R"({"cuts":1}}},{"jsonrpc":"1.0","id":"c"},)"
      R"({"jsonrpc":"2.0","id":"d","method":"initialize"}])");
  const Json batch = host->wait_for([](const Json& message) { return message.is_array(); });
  std::vector<std::string> ids;
  for (const Json& one : batch) ids.push_back(one.value("id", std::string()));
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids, (std::vector<std::string>{"a", "b", "c", "d"})) << batch;
  EXPECT_EQ(host->leave(), 0);
}

TEST_F(BridgeToOne, NoSuchServer) {
  const auto shop = workshop();
  const auto host = bridge({"shop/ome", "--wait", "0.1"});
  const Json error = host->error_of("initialize", {{"protocolVersion", "2025-11-25"}});
  const std::string message = error.value("message", "");
  EXPECT_EQ(message,
            "no server 'shop/ome' is online at " + broker_->url() + ": did you mean 'shop/one'?");
  EXPECT_EQ(host->end(), 4);
  EXPECT_EQ(host->process().error_output(), "mcp-mqtt: " + message + '\n');
}

TEST_F(BridgeToOne, ADeviceThatIsSwitchedOnLater) {
  const auto host = bridge({"shop/one", "--wait", "60"});
  const int id = host->ask("initialize", {{"protocolVersion", "2025-11-25"}});
  const auto shop = workshop();
  EXPECT_EQ(host->answer_to(id).at("result").at("serverInfo").value("name", ""), "shop/one");
}

TEST_F(BridgeToOne, NoBroker) {
  const std::string url = broker_->url();
  const auto environment = this->environment();
  broker_.reset();
  BridgedHost host({"shop/one"}, environment);
  const Json error = host.error_of("initialize", {{"protocolVersion", "2025-11-25"}});
  EXPECT_NE(error.value("message", "").find(url), std::string::npos) << error;
  EXPECT_EQ(host.end(), 3);
}

TEST_F(BridgeToOne, BadArguments) {
  const auto refused = [&](std::vector<std::string> arguments) {
    BridgedHost host(std::move(arguments), environment());
    EXPECT_EQ(host.end(), 2);
    EXPECT_EQ(host.process().output(), "");
    return host.process().error_output();
  };
  EXPECT_EQ(refused({}), "mcp-mqtt: NAME is required (see mcp-mqtt bridge --help)\n");
  EXPECT_EQ(refused({"a#"}),
            "mcp-mqtt: the server-name-filter \"a#\" holds '#' beside other characters of a "
            "level\n");
  EXPECT_NE(refused({"a", "--max-servers", "0"}).find("--max-servers"), std::string::npos);
}

}  // namespace
}  // namespace mcp_mqtt::test
