#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <sstream>

#include "command_line/bridge_fixture.hpp"
#include "support/child_process.hpp"

// Hosts that others made, in front of `mcp-mqtt bridge`: the official Inspector and the official
// SDK's stdio client; and the snippets of docs/guides/hosts.md.
namespace mcp_mqtt::test {
namespace {

void replace_every(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// The blocks of the document that are marked `json`, for this broker and this program.
std::vector<Json> snippets(const std::string& broker_url) {
  std::ifstream file(HOSTS_DOCUMENT);
  std::vector<Json> out;
  std::string block;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```json") {
      inside = true;
      block.clear();
    } else if (line == "```" && inside) {
      inside = false;
      replace_every(block, "mqtt://localhost", broker_url);
      replace_every(block, "\"mcp-mqtt\"", "\"" MCP_MQTT_PROGRAM "\"");
      out.push_back(Json::parse(block, nullptr, false));
      EXPECT_TRUE(out.back().is_object()) << block;
    } else if (inside) {
      block += line + '\n';
    }
  }
  return out;
}

class Hosts : public BridgeFixture {
 protected:
  std::vector<std::string> environment() const {
    auto variables = BridgeFixture::environment();
    variables.emplace_back("MCP_INSPECTOR_SECRET_STORE=memory");
    return variables;
  }
};

TEST_F(Hosts, TheirSnippetsStartABridge) {
  const auto desk = workshop("desk/companion");
  std::size_t started = 0;
  for (const Json& snippet : snippets(broker_->url())) {
    const auto& servers =
        snippet.contains("servers") ? snippet.at("servers") : snippet.at("mcpServers");
    for (const auto& [name, server] : servers.items()) {
      EXPECT_EQ(server.at("command"), MCP_MQTT_PROGRAM);
      std::vector<std::string> arguments = server.at("args");
      const auto word = std::find(arguments.begin(), arguments.end(), "bridge");
      ASSERT_NE(word, arguments.end());
      arguments.erase(word);
      BridgedHost host(arguments, environment());
      host.initialize();
      EXPECT_EQ(host.result_of("tools/list").at("tools").size(), 7U) << name;
      EXPECT_EQ(host.leave(), 0);
      ++started;
    }
  }
  EXPECT_GE(started, 3U);
}

/// Those from npm.
class NpmHosts : public Hosts {
 protected:
  void SetUp() override {
    const std::string modules = HOSTS_FOLDER "/node_modules";
    node_ = modules + "/node/bin/node";
    inspector_ = modules + "/@modelcontextprotocol/inspector/clients/launcher/build/index.js";
    if (!std::filesystem::exists(node_) || !std::filesystem::exists(inspector_)) {
      GTEST_SKIP() << modules << " is missing: npm ci --prefix tests/command_line/hosts";
    }
    Hosts::SetUp();
  }

  /// What the Inspector prints.
  Json inspect(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {node_, inspector_, "--cli"});
    ChildProcess process(std::move(arguments), {.environment = environment(),
                                                .working_directory = folder_.path().string()});
    process.close_input();
    const auto status = process.wait_for(2 * patience);
    EXPECT_TRUE(status && status->success()) << process.output() << process.error_output();
    process.wait_for_output_end(patience);
    return Json::parse(process.output(), nullptr, false);
  }

  /// A script of the SDK, with what follows it; its last line is "all good".
  void run_script(const std::string& script, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {node_, HOSTS_FOLDER "/" + script});
    ChildProcess process(std::move(arguments),
                         {.environment = environment(), .working_directory = {}});
    process.close_input();
    const auto status = process.wait_for(3 * patience);
    EXPECT_TRUE(status && status->success()) << process.output() << process.error_output();
    process.wait_for_output_end(patience);
    EXPECT_NE(process.output().find("all good"), std::string::npos)
        << process.output() << process.error_output();
  }

  std::string node_;
  std::string inspector_;
};

TEST_F(NpmHosts, TheInspectorUsesOneServer) {
  const auto desk = workshop("desk/companion");
  // With the snippet for Claude Desktop.
  const std::string config = (folder_.path() / "mcp.json").string();
  const auto all = snippets(broker_->url());
  const auto snippet = std::find_if(all.begin(), all.end(), [](const Json& one) {
    return one.contains("mcpServers") && one.at("mcpServers").contains("desk");
  });
  ASSERT_NE(snippet, all.end());
  std::ofstream(config) << *snippet;
  const auto method = [&](const std::string& name, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--config", config, "--server", "desk", "--method", name});
    return inspect(std::move(more));
  };
  EXPECT_EQ(method("tools/list").at("tools").size(), 7U);
  const Json called = method("tools/call", {"--tool-name", "saw", "--tool-arg", "cuts=2"});
  EXPECT_EQ(called.at("content"), (Json{{{"type", "text"}, {"text", "2 cuts"}}}));
  EXPECT_EQ(method("resources/list").at("resources").at(0).at("uri"), "plan://1");
  EXPECT_EQ(method("resources/read", {"--uri", "wood://oak"}).at("contents").at(0).at("text"),
            "oak is wood");
  EXPECT_EQ(method("resources/templates/list").at("resourceTemplates").size(), 1U);
  EXPECT_EQ(method("prompts/list").at("prompts").at(0).at("name"), "build");
  EXPECT_EQ(method("prompts/get", {"--prompt-name", "build", "--prompt-args", "what=box"})
                .value("/messages/0/content/text"_json_pointer, ""),
            "Build a box");
}

TEST_F(NpmHosts, TheInspectorUsesServersAsOne) {
  const auto one = workshop("shop/one");
  const auto two = workshop("shop/two");
  const auto method = [&](const std::string& name, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {MCP_MQTT_PROGRAM, "--broker", broker_->url(), "bridge", "shop/#",
                               "--method", name});
    return inspect(std::move(more));
  };
  EXPECT_EQ(method("tools/list").at("tools").size(), 14U);
  EXPECT_EQ(method("tools/call", {"--tool-name", "shop--two__saw", "--tool-arg", "cuts=1"})
                .value("/content/0/text"_json_pointer, ""),
            "1 cuts");
  EXPECT_EQ(method("resources/read", {"--uri", "mcp-mqtt:/shop--one/wood://ash"})
                .at("contents")
                .at(0)
                .at("text"),
            "ash is wood");
}

TEST_F(NpmHosts, TheSdkUsesOneServer) {
  const auto shop = workshop("shop/one");
  run_script("sdk_host.mjs", {"", "", MCP_MQTT_PROGRAM, "bridge", "shop/one"});
  EXPECT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "roots changed"; }));
  EXPECT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "cancelled"; }));
}

TEST_F(NpmHosts, TheSdkUsesServersAsOne) {
  const auto one = workshop("shop/one");
  const auto two = workshop("shop/two");
  run_script("sdk_host.mjs",
             {"shop--two__", "mcp-mqtt:/shop--two/", MCP_MQTT_PROGRAM, "bridge", "shop/#"});
  for (const auto* shop : {one.get(), two.get()}) {
    EXPECT_TRUE(shop->events().wait_for([](const std::string& e) { return e == "roots changed"; }));
  }
  EXPECT_TRUE(two->events().wait_for([](const std::string& e) { return e == "cancelled"; }));
}

TEST_F(NpmHosts, TheSdkUsesTheReferenceServerThroughBothEnds) {
  const std::string server =
      EVERYTHING_FOLDER "/node_modules/@modelcontextprotocol/server-everything/dist/index.js";
  if (!std::filesystem::exists(server)) {
    GTEST_SKIP() << server << " is missing: npm ci --prefix tests/everything";
  }
  ChildProcess expose(
      {MCP_MQTT_PROGRAM, "expose", "--name", "everything", "--", node_, server, "stdio"},
      {.environment = environment(), .working_directory = {}});
  expose.close_input();
  ASSERT_TRUE(expose.wait_for_output("'everything' is online", 2 * patience))
      << expose.error_output();
  run_script("everything_host.mjs", {MCP_MQTT_PROGRAM, "bridge", "everything"});
  expose.signal(SIGTERM);
  EXPECT_TRUE(expose.wait_for(patience));
}

}  // namespace
}  // namespace mcp_mqtt::test
