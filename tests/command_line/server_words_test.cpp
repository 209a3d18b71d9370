#include "mcp-mqtt/relay/server_words.hpp"

#include <gtest/gtest.h>
#include <regex>
#include <set>

#include "mcp-mqtt/relay/server_prefix.hpp"

namespace mcp_mqtt::command_line {
namespace {

TEST(ServerPrefix, KeepsTheLookOfUsualNames) {
  EXPECT_EQ(server_prefix("desk/companion", 32), "desk--companion");
  EXPECT_EQ(server_prefix("my_server", 32), "my_server");
  EXPECT_EQ(server_prefix("3D-Printer/ACH301/EECF7892AB1", 32), "3D-Printer--ACH301--EECF7892AB1");
}

TEST(ServerPrefix, TellsNamesApartThatLookAlike) {
  const std::vector<std::string> names{"desk/companion",
                                       "desk--companion",
                                       "desk__companion",
                                       "desk_companion",
                                       "desk-companion",
                                       "desk companion",
                                       "desk.companion",
                                       "desk/companion/",
                                       "/desk/companion",
                                       "desk//companion",
                                       "desk/-companion",
                                       "desk-/companion",
                                       "desk_/companion",
                                       "desk/_companion",
                                       "Desk/companion",
                                       "desk-_companion",
                                       "_",
                                       "-",
                                       "/",
                                       "ärger",
                                       "örger",
                                       "a/very/long/name/of/a/server/in/a/row/1",
                                       "a/very/long/name/of/a/server/in/a/row/2"};
  std::set<std::string> prefixes;
  for (const std::string& name : names) {
    for (const std::size_t longest : {12U, 32U}) {
      const std::string prefix = server_prefix(name, longest);
      EXPECT_TRUE(std::regex_match(prefix, std::regex("[A-Za-z0-9_-]+"))) << prefix;
      EXPECT_LE(prefix.size(), longest) << prefix;
      EXPECT_EQ(prefix.find("__"), std::string::npos) << prefix;
      EXPECT_FALSE(prefix.ends_with('_')) << prefix;
      EXPECT_EQ(prefix, server_prefix(name, longest));
    }
    EXPECT_TRUE(prefixes.insert(server_prefix(name, 32)).second) << name;
  }
  // Nobody gets another one's prefix by taking it for a name.
  for (const std::string& prefix : std::set<std::string>(prefixes)) {
    if (server_prefix(prefix, 32) == prefix) {
      EXPECT_NE(std::find(names.begin(), names.end(), prefix), names.end()) << prefix;
    }
  }
}

TEST(ServerWords, NamesComeBack) {
  ServerWords words("desk/companion", 64);
  const std::vector<std::string> names{
      "set_volume", "_private", "a.b/c d", std::string(128, 'x'), std::string(127, 'x') + 'y',
      "",           "ünïcode"};
  std::set<std::string> seen;
  for (const std::string& name : names) {
    const std::string shown = words.name_for_host(name);
    EXPECT_TRUE(std::regex_match(shown, std::regex("[A-Za-z0-9_-]{1,64}"))) << shown;
    EXPECT_TRUE(seen.insert(shown).second) << shown;
    const auto read = read_name(shown);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->prefix, "desk--companion");
    EXPECT_EQ(words.name_for_server(read->rest), name);
  }
  EXPECT_EQ(words.name_for_host("set_volume"), "desk--companion__set_volume");
  EXPECT_FALSE(read_name("set_volume"));
}

TEST(ServerWords, UrisComeBack) {
  const ServerWords words("desk/companion", 64);
  for (const std::string uri : {"plant://soil?x=1#y", "https://a/b", "urn:x", "", "a/b//c"}) {
    const auto read = read_uri(words.uri_for_host(uri));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->prefix, "desk--companion");
    EXPECT_EQ(read->rest, uri);
  }
  EXPECT_FALSE(read_uri("plant://soil"));
  EXPECT_FALSE(read_uri("mcp-mqtt:/desk"));
}

TEST(ServerWords, FindsUrisInResults) {
  const ServerWords words("desk", 64);
  Json result = Json::parse(R"({"content": [
      {"type": "resource_link", "uri": "a:1", "name": "a"},
      {"type": "resource", "resource": {"uri": "a:2", "text": "uri a:2"}},
      {"type": "text", "text": "a:3", "uri": "a:3"}, 17, {"type": "resource"},
      {"type": "resource_link", "uri": 5}],
      "structuredContent": {"uri": "a:4"}, "task": {"taskId": "7"},
      "_meta": {"io.modelcontextprotocol/related-task": {"taskId": "8"}}})");
  words.result_for_host("tools/call", result);
  EXPECT_EQ(result, Json::parse(R"({"content": [
      {"type": "resource_link", "uri": "mcp-mqtt:/desk/a:1", "name": "a"},
      {"type": "resource", "resource": {"uri": "mcp-mqtt:/desk/a:2", "text": "uri a:2"}},
      {"type": "text", "text": "a:3", "uri": "a:3"}, 17, {"type": "resource"},
      {"type": "resource_link", "uri": 5}],
      "structuredContent": {"uri": "a:4"}, "task": {"taskId": "desk/7"},
      "_meta": {"io.modelcontextprotocol/related-task": {"taskId": "desk/8"}}})"));
  Json back =
      Json::parse(R"({"_meta": {"io.modelcontextprotocol/related-task": {"taskId": "desk/8"}}})");
  words.meta_for_server(back);
  EXPECT_EQ(back["_meta"]["io.modelcontextprotocol/related-task"]["taskId"], "8");

  Json prompt = Json::parse(R"({"messages": [
      {"role": "user", "content": {"type": "resource", "resource": {"uri": "a:1"}}}, null]})");
  words.result_for_host("prompts/get", prompt);
  EXPECT_EQ(prompt.at("/messages/0/content/resource/uri"_json_pointer), "mcp-mqtt:/desk/a:1");
  Json read = Json::parse(R"({"contents": [{"uri": "a:1"}, {"text": "x"}]})");
  words.result_for_host("resources/read", read);
  EXPECT_EQ(read.at("/contents/0/uri"_json_pointer), "mcp-mqtt:/desk/a:1");
  for (Json odd : {Json(nullptr), Json(1), Json::array({1}), Json{{"content", 3}}}) {
    const Json before = odd;
    words.result_for_host("tools/call", odd);
    EXPECT_EQ(odd, before);
  }

  Json sampling = Json::parse(R"({"messages": [{"role": "user", "content": [
      {"type": "tool_result", "content": [{"type": "resource_link", "uri": "a:1"}]}]}]})");
  words.request_for_host("sampling/createMessage", sampling);
  EXPECT_EQ(sampling.at("/messages/0/content/0/content/0/uri"_json_pointer), "mcp-mqtt:/desk/a:1");
}

TEST(ServerWords, LeavesOutEntriesWithoutAName) {
  ServerWords words("desk", 64);
  const Json entries = words.entries_for_host(
      "tools", Json::parse(R"([{"name": "a", "title": "A"}, {"title": "B"}, {"name": 1}, 2])"));
  EXPECT_EQ(entries, Json::parse(R"([{"name": "desk__a", "title": "A"}])"));
}

}  // namespace
}  // namespace mcp_mqtt::command_line
