#include "wire/topics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace mcp_mqtt::wire {
namespace {

using testing::HasSubstr;

std::string refusal(const Result<void>& result) {
  if (result) {
    ADD_FAILURE() << "was taken";
    return {};
  }
  EXPECT_EQ(result.error().kind, ErrorKind::invalid_argument);
  return result.error().message;
}

TEST(ServerNameTest, TakesHierarchiesAndTheNamesOfTheField) {
  for (const char* name : {"3D-Printer/ACH301/EECF7892AB1", "ESP32 Demo Server", "a", "$weird/name",
                           "presence", "capability/x", "Küche/温度", "a.b_c-d:e", " "}) {
    EXPECT_TRUE(check_server_name(name)) << name;
  }
}

TEST(ServerNameTest, NamesTheOffendingCharacter) {
  EXPECT_THAT(refusal(check_server_name("")), HasSubstr("server-name is empty"));
  EXPECT_THAT(refusal(check_server_name("a/+/b")), HasSubstr("\"a/+/b\" holds '+' at byte 2"));
  EXPECT_THAT(refusal(check_server_name("a#")), HasSubstr("holds '#' at byte 1"));
  EXPECT_THAT(refusal(check_server_name("a\nb")), HasSubstr("U+000A at byte 1"));
  EXPECT_THAT(refusal(check_server_name(std::string("a\0b", 3))), HasSubstr("U+0000"));
  EXPECT_THAT(refusal(check_server_name("a\x7f")), HasSubstr("U+007F"));
  EXPECT_THAT(refusal(check_server_name("a\xc3")), HasSubstr("not valid UTF-8 at byte 1"));
}

TEST(ServerNameTest, HasNoEmptyLevel) {
  EXPECT_THAT(refusal(check_server_name("/a")), HasSubstr("begins with '/'"));
  EXPECT_THAT(refusal(check_server_name("a/")), HasSubstr("ends with '/'"));
  EXPECT_THAT(refusal(check_server_name("/")), HasSubstr("'/'"));
  EXPECT_THAT(refusal(check_server_name("a//b")), HasSubstr("empty level ('//') at byte 1"));
}

TEST(ServerNameTest, TheLongestNamesFitIntoEveryTopic) {
  const std::string name(max_server_name_bytes, 'n');
  const std::string id(max_id_bytes, 'i');
  ASSERT_TRUE(check_server_name(name));
  ASSERT_TRUE(check_server_id(id));
  ASSERT_TRUE(check_client_id(id));
  EXPECT_EQ(rpc_topic(id, id, name).size(), 65'535U);
  EXPECT_LE(server_capability_topic(id, name).size(), 65'535U);
  EXPECT_TRUE(std::holds_alternative<RpcTopic>(parse_topic(rpc_topic(id, id, name))));
  EXPECT_THAT(refusal(check_server_name(name + "n")), HasSubstr("63477 bytes"));
  EXPECT_THAT(refusal(check_server_id(id + "i")), HasSubstr("1025 bytes"));
  EXPECT_THAT(refusal(check_client_id(id + "i")), HasSubstr("1025 bytes"));
  EXPECT_THAT(refusal(check_server_name_filter(name + "n")), HasSubstr("63477 bytes"));
}

TEST(ServerNameTest, TheDeepestNamesFitIntoEveryTopic) {
  std::string name = "l";
  for (std::size_t level = 1; level < max_server_name_levels; ++level) name += "/l";
  ASSERT_TRUE(check_server_name(name));
  for (const std::string& topic : {rpc_topic("c", "s", name), server_presence_topic("s", name)}) {
    EXPECT_EQ(std::count(topic.begin(), topic.end(), '/') + 1, 200);
  }
  EXPECT_THAT(refusal(check_server_name(name + "/l")), HasSubstr("198 levels"));
  EXPECT_THAT(refusal(check_server_name_filter(name + "/#")), HasSubstr("198 levels"));
}

TEST(ServerIdTest, HasNoSlashAndNoWildcard) {
  EXPECT_TRUE(check_server_id("0a1b-server.7"));
  EXPECT_TRUE(check_server_id("an id with spaces"));
  EXPECT_THAT(refusal(check_server_id("")), HasSubstr("server-id is empty"));
  EXPECT_THAT(refusal(check_server_id("a/b")), HasSubstr("holds '/' at byte 1"));
  EXPECT_THAT(refusal(check_server_id("a+")), HasSubstr("holds '+' at byte 1"));
  EXPECT_THAT(refusal(check_server_id("#")), HasSubstr("holds '#' at byte 0"));
  EXPECT_THAT(refusal(check_server_id("a\r")), HasSubstr("U+000D"));
}

TEST(ServerIdTest, WordsOfTheControlTopicAreReserved) {
  EXPECT_THAT(refusal(check_server_id("presence")), HasSubstr("reserved"));
  EXPECT_THAT(refusal(check_server_id("capability")), HasSubstr("reserved"));
  EXPECT_TRUE(check_server_id("Presence"));
  EXPECT_TRUE(check_server_id("presence1"));
}

TEST(ClientIdTest, HasTheCharactersOfAServerId) {
  EXPECT_TRUE(check_client_id("client-1"));
  EXPECT_TRUE(check_client_id("presence"));  // no topic of clients collides with it
  EXPECT_THAT(refusal(check_client_id("")), HasSubstr("mcp-client-id is empty"));
  EXPECT_THAT(refusal(check_client_id("a/b")), HasSubstr("'/'"));
  EXPECT_THAT(refusal(check_client_id("a#")), HasSubstr("'#'"));
  EXPECT_THAT(refusal(check_client_id("\xff")), HasSubstr("UTF-8"));
}

TEST(ServerNameFilterTest, WildcardsAreWholeLevels) {
  for (const char* filter :
       {"#", "+", "3D-Printer/ACH301/+", "a/#", "+/b/#", "ESP32 Demo Server"}) {
    EXPECT_TRUE(check_server_name_filter(filter)) << filter;
  }
  EXPECT_THAT(refusal(check_server_name_filter("")), HasSubstr("is empty"));
  EXPECT_THAT(refusal(check_server_name_filter("a+/b")), HasSubstr("'+' beside other"));
  EXPECT_THAT(refusal(check_server_name_filter("a/b#")), HasSubstr("'#' beside other"));
  EXPECT_THAT(refusal(check_server_name_filter("++")), HasSubstr("'+' beside other"));
  EXPECT_THAT(refusal(check_server_name_filter("#/a")), HasSubstr("'#' before its last level"));
  EXPECT_THAT(refusal(check_server_name_filter("/#")), HasSubstr("begins with '/'"));
  EXPECT_THAT(refusal(check_server_name_filter("a//#")), HasSubstr("empty level"));
  EXPECT_THAT(refusal(check_server_name_filter("a/")), HasSubstr("ends with '/'"));
  EXPECT_THAT(refusal(check_server_name_filter("a\n/#")), HasSubstr("U+000A"));
}

TEST(TopicTest, AreThoseOfTheSpecification) {
  EXPECT_EQ(control_topic("s1", "a/b"), "$mcp-server/s1/a/b");
  EXPECT_EQ(server_presence_topic("s1", "a/b"), "$mcp-server/presence/s1/a/b");
  EXPECT_EQ(server_capability_topic("s1", "a/b"), "$mcp-server/capability/s1/a/b");
  EXPECT_EQ(client_presence_topic("c1"), "$mcp-client/presence/c1");
  EXPECT_EQ(client_capability_topic("c1"), "$mcp-client/capability/c1");
  EXPECT_EQ(rpc_topic("c1", "s1", "a/b"), "$mcp-rpc/c1/s1/a/b");
}

TEST(TopicTest, TheClientOfAnRpcTopicIsThatOfOneServerOnly) {
  EXPECT_EQ(client_of_rpc_topic("$mcp-rpc/c1/s1/a/b", "s1", "a/b"), "c1");
  for (const char* other : {"$mcp-rpc/c1/s1/a", "$mcp-rpc/c1/s1/a/b/", "$mcp-rpc/c1/s1/a/b/c",
                            "$mcp-rpc/c1/s2/a/b", "$mcp-rpc/c1/s1", "$mcp-rpc/c1/x/s1/a/b",
                            "$mcp-server/s1/a/b", "$mcp-rpc", "", "x$mcp-rpc/c1/s1/a/b"}) {
    EXPECT_FALSE(client_of_rpc_topic(other, "s1", "a/b").has_value()) << other;
  }
}

TEST(TopicTest, T12PresenceFilterCoversEveryInstance) {
  EXPECT_EQ(presence_filter("3D-Printer/+"), "$mcp-server/presence/+/3D-Printer/+");
  EXPECT_EQ(presence_filter("#"), "$mcp-server/presence/+/#");
  EXPECT_TRUE(filter_matches(presence_filter("a/#"), server_presence_topic("s1", "a/b/c")));
  EXPECT_TRUE(filter_matches(presence_filter("a/#"), server_presence_topic("s1", "a")));
  EXPECT_FALSE(filter_matches(presence_filter("a/#"), server_presence_topic("s1", "b")));
}

TEST(ParseTopicTest, ControlAndPresenceStayApart) {
  EXPECT_TRUE(std::holds_alternative<ControlTopic>(parse_topic("$mcp-server/s1/presence/x")));
  EXPECT_TRUE(
      std::holds_alternative<ServerPresenceTopic>(parse_topic("$mcp-server/presence/s1/x")));
  // Would be the control topic of a server called "presence", and of nobody else.
  EXPECT_TRUE(std::holds_alternative<std::monostate>(parse_topic("$mcp-server/presence/x")));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(parse_topic("$mcp-server/capability/x")));
  EXPECT_TRUE(
      std::holds_alternative<std::monostate>(parse_topic("$mcp-server/presence/presence/x")));
}

TEST(ParseTopicTest, RefusesWhatIsNoTopicOfOurs) {
  for (const char* topic : {"",
                            "/",
                            "$mcp-server",
                            "$mcp-server/",
                            "$mcp-server//name",
                            "$mcp-server/s1",
                            "$mcp-server/s1/",
                            "$mcp-server/s1//a",
                            "$mcp-server/s1/a/",
                            "$mcp-server/s1/a//b",
                            "$mcp-server/presence",
                            "$mcp-server/presence/s1",
                            "$mcp-server/presence/s1/",
                            "$mcp-server/presence//a",
                            "$mcp-server/+/a",
                            "$mcp-server/s1/#",
                            "$mcp-server/s1/a\n",
                            "$mcp-server/s1/\xff",
                            "$mcp-client",
                            "$mcp-client/",
                            "$mcp-client/presence",
                            "$mcp-client/presence/",
                            "$mcp-client/presence/c1/x",
                            "$mcp-client/capability/",
                            "$mcp-client/other/c1",
                            "$mcp-client/presence/+",
                            "$mcp-rpc",
                            "$mcp-rpc/c1",
                            "$mcp-rpc/c1/s1",
                            "$mcp-rpc/c1/s1/",
                            "$mcp-rpc//s1/a",
                            "$mcp-rpc/c1//a",
                            "$mcp-rpc/c1/presence/a",
                            "$mcp-rpc/+/s1/a",
                            "$mcp-rpc/c1/s1/a/#",
                            "mcp-rpc/c1/s1/a",
                            "$MCP-RPC/c1/s1/a",
                            "$mcp-rpcx/c1/s1/a",
                            "sensors/temperature"}) {
    EXPECT_TRUE(std::holds_alternative<std::monostate>(parse_topic(topic))) << topic;
  }
  const std::string long_id(max_id_bytes + 1, 'i');
  EXPECT_TRUE(std::holds_alternative<std::monostate>(parse_topic(rpc_topic(long_id, "s", "n"))));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(
      parse_topic("$mcp-server/s/" + std::string(1000, '/'))));
}

/// Random names of every sort that the rules allow.
class Names {
 public:
  explicit Names(unsigned seed) : random_(seed) {}

  std::string level() {
    static const std::vector<std::string> pieces = {
        "a",  "B", "7", " ", "-", "_",  ".",  "$", "presence",   "ä",
        "温", "𝄞", ":", "*", "%", "\\", "\"", "{", "capability", "$mcp-rpc"};
    std::string out;
    for (unsigned i = 0; i <= random_() % 6; ++i) out += pieces[random_() % pieces.size()];
    return out;
  }
  std::string server_name() {
    std::string name = level();
    for (unsigned i = 0; i < random_() % 5; ++i) name += '/' + level();
    return name;
  }
  std::string server_id() {
    std::string id = level();
    return check_server_id(id) ? id : id + "1";
  }

 private:
  std::mt19937 random_;
};

TEST(ParseTopicTest, IsTheInverseOfBuildingForEveryValidName) {
  constexpr unsigned seed = 314'159;
  Names names(seed);
  for (int round = 0; round < 3'000; ++round) {
    const std::string name = names.server_name();
    const std::string id = names.server_id();
    const std::string client = names.level();
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round) + ": " +
                 client + " | " + id + " | " + name);
    ASSERT_TRUE(check_server_name(name));
    ASSERT_TRUE(check_server_id(id));
    ASSERT_TRUE(check_client_id(client));

    const auto control = std::get<ControlTopic>(parse_topic(control_topic(id, name)));
    ASSERT_EQ(control.server_id, id);
    ASSERT_EQ(control.server_name, name);
    const auto presence =
        std::get<ServerPresenceTopic>(parse_topic(server_presence_topic(id, name)));
    ASSERT_EQ(presence.server_id, id);
    ASSERT_EQ(presence.server_name, name);
    const auto capability =
        std::get<ServerCapabilityTopic>(parse_topic(server_capability_topic(id, name)));
    ASSERT_EQ(capability.server_id, id);
    ASSERT_EQ(capability.server_name, name);
    ASSERT_EQ(std::get<ClientPresenceTopic>(parse_topic(client_presence_topic(client))).client_id,
              client);
    ASSERT_EQ(
        std::get<ClientCapabilityTopic>(parse_topic(client_capability_topic(client))).client_id,
        client);
    const auto rpc = std::get<RpcTopic>(parse_topic(rpc_topic(client, id, name)));
    ASSERT_EQ(rpc.client_id, client);
    ASSERT_EQ(rpc.server_id, id);
    ASSERT_EQ(rpc.server_name, name);
  }
}

TEST(ParseTopicTest, WhatItReadsIsBuiltBackToTheSameTopic) {
  constexpr unsigned seed = 271'828;
  std::mt19937 random(seed);
  const std::vector<std::string> levels = {
      "$mcp-server", "$mcp-client", "$mcp-rpc", "presence", "capability", "a", "", "+", "#", "b c"};
  struct Builder {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(const ControlTopic& t) const {
      return control_topic(t.server_id, t.server_name);
    }
    std::string operator()(const ServerPresenceTopic& t) const {
      return server_presence_topic(t.server_id, t.server_name);
    }
    std::string operator()(const ServerCapabilityTopic& t) const {
      return server_capability_topic(t.server_id, t.server_name);
    }
    std::string operator()(const ClientPresenceTopic& t) const {
      return client_presence_topic(t.client_id);
    }
    std::string operator()(const ClientCapabilityTopic& t) const {
      return client_capability_topic(t.client_id);
    }
    std::string operator()(const RpcTopic& t) const {
      return rpc_topic(t.client_id, t.server_id, t.server_name);
    }
  };
  int ours = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string topic = levels[random() % 3];
    for (unsigned i = 0; i < random() % 6; ++i) topic += '/' + levels[random() % levels.size()];
    const Topic parsed = parse_topic(topic);
    if (std::holds_alternative<std::monostate>(parsed)) continue;
    ++ours;
    ASSERT_EQ(std::visit(Builder{}, parsed), topic) << "seed " << seed;
  }
  EXPECT_GT(ours, 500);
}

TEST(FilterMatchesTest, FollowsMqtt47) {
  EXPECT_TRUE(filter_matches("a/b", "a/b"));
  EXPECT_FALSE(filter_matches("a/b", "a/c"));
  EXPECT_FALSE(filter_matches("a/b", "a"));
  EXPECT_FALSE(filter_matches("a", "a/b"));
  EXPECT_FALSE(filter_matches("a", "ab"));
  EXPECT_FALSE(filter_matches("ab", "a"));
  EXPECT_FALSE(filter_matches("A", "a"));

  EXPECT_TRUE(filter_matches("a/+", "a/b"));
  EXPECT_FALSE(filter_matches("a/+", "a/b/c"));
  EXPECT_FALSE(filter_matches("a/+", "a"));
  EXPECT_TRUE(filter_matches("+/b/+", "a/b/c"));
  EXPECT_TRUE(filter_matches("+", "finance"));
  EXPECT_FALSE(filter_matches("+", "a/b"));

  EXPECT_TRUE(filter_matches("#", "a"));
  EXPECT_TRUE(filter_matches("#", "a/b/c"));
  EXPECT_TRUE(filter_matches("a/#", "a"));
  EXPECT_TRUE(filter_matches("a/#", "a/b"));
  EXPECT_TRUE(filter_matches("a/#", "a/b/c"));
  EXPECT_FALSE(filter_matches("a/#", "ab"));
  EXPECT_FALSE(filter_matches("a/b/#", "a"));
  EXPECT_TRUE(filter_matches("+/#", "a"));
  EXPECT_TRUE(filter_matches("a/+/#", "a/b"));
  EXPECT_FALSE(filter_matches("a/+/#", "a"));
}

TEST(FilterMatchesTest, NamesHaveNoDollarRule) {
  EXPECT_TRUE(filter_matches("#", "$weird/name"));
  EXPECT_TRUE(filter_matches("+/name", "$weird/name"));
}

TEST(FilterMatchesTest, EmptyLevelsCountAsLevels) {
  EXPECT_TRUE(filter_matches("+/+", "/finance"));
  EXPECT_TRUE(filter_matches("/+", "/finance"));
  EXPECT_FALSE(filter_matches("+", "/finance"));
  EXPECT_TRUE(filter_matches("a/+", "a/"));
  EXPECT_FALSE(filter_matches("a/", "a"));
  EXPECT_FALSE(filter_matches("a", "a/"));
}

TEST(FilterMatchesTest, FiltersThatAreNoneMatchNothing) {
  EXPECT_FALSE(filter_matches("#/a", "b/a"));
  EXPECT_FALSE(filter_matches("a#", "ab"));
  EXPECT_FALSE(filter_matches("a+", "ab"));
  EXPECT_FALSE(filter_matches("", "a"));
}

/// MQTT 5, 4.7 written as plainly as possible, to compare with.
bool matches_plainly(const std::vector<std::string>& filter, const std::vector<std::string>& name) {
  for (std::size_t i = 0;; ++i) {
    if (i < filter.size() && filter[i] == "#") return i + 1 == filter.size();
    if (i == filter.size() || i == name.size()) return filter.size() == name.size();
    if (filter[i] != "+" && filter[i] != name[i]) return false;
  }
}

TEST(FilterMatchesTest, AgreesWithThePlainRuleOnRandomLevels) {
  constexpr unsigned seed = 161'803;
  std::mt19937 random(seed);
  const auto levels = [&](const std::vector<std::string>& from) {
    std::vector<std::string> out;
    for (unsigned i = 0; i <= random() % 4; ++i) out.push_back(from[random() % from.size()]);
    return out;
  };
  const auto joined = [](const std::vector<std::string>& parts) {
    std::string out = parts.front();
    for (std::size_t i = 1; i < parts.size(); ++i) out += '/' + parts[i];
    return out;
  };
  int matched = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto filter = levels({"a", "b", "+", "#", ""});
    const auto name = levels({"a", "b", ""});
    const bool expected = matches_plainly(filter, name);
    matched += expected ? 1 : 0;
    ASSERT_EQ(filter_matches(joined(filter), joined(name)), expected)
        << joined(filter) << " on " << joined(name) << ", seed " << seed;
  }
  EXPECT_GT(matched, 1'000);
}

}  // namespace
}  // namespace mcp_mqtt::wire
