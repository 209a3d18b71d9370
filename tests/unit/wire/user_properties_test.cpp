#include "wire/user_properties.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "ground/logging.hpp"
#include "ground/mqtt_text.hpp"

namespace mcp_mqtt::wire {
namespace {

using mqtt::UserProperties;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

template <class T>
std::string refusal(const Result<T>& result) {
  if (result) {
    ADD_FAILURE() << "was taken";
    return {};
  }
  EXPECT_EQ(result.error().kind, ErrorKind::protocol_violation);
  return result.error().message;
}

TEST(ConnectPropertiesTest, T3SaysComponentAndMeta) {
  EXPECT_THAT(connect_properties(Component::server, {{"version", "1.0.0"}}),
              ElementsAre(Pair("MCP-COMPONENT-TYPE", "mcp-server"),
                          Pair("MCP-META", R"({"version":"1.0.0"})")));
  EXPECT_THAT(connect_properties(Component::client, Json::object()),
              ElementsAre(Pair("MCP-COMPONENT-TYPE", "mcp-client"), Pair("MCP-META", "{}")));
  EXPECT_THAT(connect_properties(Component::client, nullptr),
              ElementsAre(Pair("MCP-COMPONENT-TYPE", "mcp-client"), Pair("MCP-META", "{}")));
}

TEST(ConnectPropertiesTest, T3MetaHasNoCharacterThatABrokerRefuses) {
  const Json meta = {{"note", "line\n del\x7f c1\xc2\x80 ü \xef\xbf\xbe"}};
  const auto properties = connect_properties(Component::server, meta);
  EXPECT_EQ(mqtt_text_fault(properties.at(1).second), std::nullopt);
  EXPECT_EQ(Json::parse(properties.at(1).second), meta);
}

TEST(ConnectPropertiesTest, T3MetaThatCannotBeWrittenIsLeftOutAndLogged) {
  std::string logged;
  set_log_handler([&](LogLevel, std::string_view line) { logged += line; });
  Json deep = Json::object();
  for (int i = 0; i < 200'000; ++i) {
    Json outer = Json::object();
    outer["a"] = std::move(deep);
    deep = std::move(outer);
  }
  EXPECT_EQ(connect_properties(Component::server, deep).size(), 1U);
  EXPECT_THAT(logged, HasSubstr("MCP-META is left out"));
  logged.clear();
  EXPECT_EQ(connect_properties(Component::server, Json::array()).size(), 1U);
  EXPECT_THAT(logged, HasSubstr("MCP-META is left out"));
  set_log_handler(nullptr);
  EXPECT_EQ(connect_properties(Component::server, {{"a", "caf\xe9"}}).size(), 2U);
}

TEST(PublishPropertiesTest, T4SaysComponentAndId) {
  EXPECT_THAT(
      publish_properties(Component::client, "c1"),
      ElementsAre(Pair("MCP-COMPONENT-TYPE", "mcp-client"), Pair("MCP-MQTT-CLIENT-ID", "c1")));
}

TEST(PublishPropertiesTest, T4IsReadBack) {
  for (const Component component : {Component::server, Component::client}) {
    const auto properties = publish_properties(component, "id 1");
    EXPECT_EQ(sender_id(properties), "id 1");
    EXPECT_EQ(sender_component(properties), component);
  }
}

TEST(PublishPropertiesTest, T4MessagesOfTheFieldMayHaveNone) {
  EXPECT_EQ(sender_id({}), std::nullopt);
  EXPECT_EQ(sender_component({}), std::nullopt);
  EXPECT_EQ(sender_component({{"MCP-COMPONENT-TYPE", "toaster"}}), std::nullopt);
  EXPECT_EQ(sender_id({{"mcp-mqtt-client-id", "c1"}}), std::nullopt);
}

TEST(FindPropertyTest, OfEqualNamesTheFirstCounts) {
  const UserProperties properties = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(find_property(properties, "a"), "1");
  EXPECT_EQ(find_property(properties, "b"), "2");
  EXPECT_EQ(find_property(properties, "c"), std::nullopt);
}

TEST(SuggestedServerNameTest, T5IsAdoptedOnlyWhenValid) {
  EXPECT_EQ(suggested_server_name({}).value(), std::nullopt);
  EXPECT_EQ(suggested_server_name({{"MCP-SERVER-NAME", "plant/soil 1"}}).value(), "plant/soil 1");
  EXPECT_THAT(refusal(suggested_server_name({{"MCP-SERVER-NAME", "a/+"}})),
              AllOf(HasSubstr("MCP-SERVER-NAME"), HasSubstr("'+' at byte 2")));
  EXPECT_THAT(refusal(suggested_server_name({{"MCP-SERVER-NAME", ""}})), HasSubstr("empty"));
}

TEST(GrantedFiltersTest, T5AreReadInOrder) {
  EXPECT_EQ(granted_filters({}).value(), std::nullopt);
  EXPECT_THAT(granted_filters({{"MCP-SERVER-NAME-FILTERS", R"(["3D-Printer/+", "#", "a b"])"}})
                  .value()
                  .value(),
              ElementsAre("3D-Printer/+", "#", "a b"));
  EXPECT_THAT(granted_filters({{"MCP-SERVER-NAME-FILTERS", "[]"}}).value().value(), IsEmpty());
}

TEST(GrantedFiltersTest, T5NamesWhatIsWrong) {
  const auto fault = [](std::string text) {
    const auto message = refusal(granted_filters({{"MCP-SERVER-NAME-FILTERS", std::move(text)}}));
    EXPECT_THAT(message, HasSubstr("MCP-SERVER-NAME-FILTERS"));
    return message;
  };
  EXPECT_THAT(fault("a/#"), HasSubstr("not valid JSON"));
  EXPECT_THAT(fault(""), HasSubstr("empty"));
  EXPECT_THAT(fault("null"), HasSubstr("no JSON array"));
  EXPECT_THAT(fault(R"({"a":1})"), HasSubstr("no JSON array"));
  EXPECT_THAT(fault("\"a\""), HasSubstr("no JSON array"));
  EXPECT_THAT(fault(R"(["a",7])"), HasSubstr("member 1 is no string"));
  EXPECT_THAT(fault(R"(["a","b#"])"), AllOf(HasSubstr("member 1"), HasSubstr("'#'")));
  EXPECT_THAT(fault(R"([""])"), AllOf(HasSubstr("member 0"), HasSubstr("empty")));
  EXPECT_THAT(fault(R"(["a\n"])"), HasSubstr("U+000A"));
  EXPECT_THAT(fault(std::string(60'000, '[')), HasSubstr("deeper"));
}

TEST(GrantedRolesTest, T5AreReadInOrder) {
  EXPECT_EQ(granted_roles({}).value(), std::nullopt);
  const UserProperties connack = {
      {"MCP-RBAC",
       R"([{"server_name":"a/b","role_name":"admin"},{"server_name":"c","role_name":"user","x":1}])"}};
  EXPECT_THAT(granted_roles(connack).value().value(),
              ElementsAre(RoleGrant{"a/b", "admin"}, RoleGrant{"c", "user"}));
  EXPECT_THAT(granted_roles({{"MCP-RBAC", "[]"}}).value().value(), IsEmpty());
}

TEST(GrantedRolesTest, T5NamesWhatIsWrong) {
  const auto fault = [](std::string text) {
    const auto message = refusal(granted_roles({{"MCP-RBAC", std::move(text)}}));
    EXPECT_THAT(message, HasSubstr("MCP-RBAC"));
    return message;
  };
  EXPECT_THAT(fault("admin"), HasSubstr("not valid JSON"));
  EXPECT_THAT(fault("{}"), HasSubstr("no JSON array"));
  EXPECT_THAT(fault(R"(["admin"])"), HasSubstr("member 0 is no object"));
  EXPECT_THAT(fault(R"([{"role_name":"r"}])"), HasSubstr("member 0 lacks server_name"));
  EXPECT_THAT(fault(R"([{"server_name":"a","role_name":"r"},{"server_name":"a"}])"),
              HasSubstr("member 1 lacks role_name"));
  EXPECT_THAT(fault(R"([{"server_name":7,"role_name":"r"}])"),
              HasSubstr("server_name is no string"));
  EXPECT_THAT(fault(R"([{"server_name":"a","role_name":""}])"), HasSubstr("role_name is empty"));
}

}  // namespace
}  // namespace mcp_mqtt::wire
