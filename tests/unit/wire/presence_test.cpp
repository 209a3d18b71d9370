#include "wire/presence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include <mcp_mqtt/wire/json_rpc.hpp>

namespace mcp_mqtt::wire {
namespace {

using testing::AllOf;
using testing::HasSubstr;

ServerInstance desk() {
  return {"s1", "desk/companion", "Volume and display", {{"location", "room 7"}}};
}

ServerInstance online(std::string_view payload) {
  auto read = decode_server_presence("s1", "desk/companion", payload, {});
  if (!read || !*read) {
    ADD_FAILURE() << payload << ": " << (read ? "offline" : read.error().message);
    return {};
  }
  return **read;
}

TEST(ServerPresenceTest, T10WritesNameDescriptionAndMeta) {
  EXPECT_EQ(
      Json::parse(encode_server_online(desk(), {}).value()),
      Json::parse(
          R"({"jsonrpc":"2.0","method":"notifications/server/online","params":{"server_name":"desk/companion","description":"Volume and display","meta":{"location":"room 7"}}})"));
}

TEST(ServerPresenceTest, T10AllThreeArePresentEvenWhenEmpty) {
  const Json written = Json::parse(encode_server_online({"s1", "a", "", nullptr}, {}).value());
  EXPECT_EQ(written.at("params"), Json::parse(R"({"server_name":"a","description":"","meta":{}})"));
}

TEST(ServerPresenceTest, T10ReadsWhatItWrites) {
  EXPECT_EQ(online(encode_server_online(desk(), {}).value()), desk());
}

TEST(ServerPresenceTest, MetaMustBeWritable) {
  ServerInstance instance = desk();
  instance.meta = Json::array({1});
  EXPECT_EQ(encode_server_online(instance, {}).error().kind, ErrorKind::invalid_argument);
  instance.meta = {{"note", "\xff"}};
  const auto bad_text = encode_server_online(instance, {});
  ASSERT_FALSE(bad_text);
  EXPECT_THAT(bad_text.error().message, HasSubstr("/meta/note"));
  Json deep = Json::object();
  for (int i = 0; i < 200'000; ++i) {
    Json outer = Json::object();
    outer["a"] = std::move(deep);
    deep = std::move(outer);
  }
  instance.meta = std::move(deep);
  EXPECT_EQ(encode_server_online(instance, {}).error().kind, ErrorKind::too_large);
}

TEST(ServerPresenceTest, T11AnEmptyPayloadIsOffline) {
  const auto read = decode_server_presence("s1", "a", "", {});
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, std::nullopt);
}

TEST(ServerPresenceTest, NameAndIdComeFromTheTopic) {
  const ServerInstance read = online(
      R"({"jsonrpc":"2.0","method":"notifications/server/online","params":{"server_name":"other","server_id":"x"}})");
  EXPECT_EQ(read.server_id, "s1");
  EXPECT_EQ(read.server_name, "desk/companion");
}

TEST(ServerPresenceTest, WhatTheFieldLeavesOutReadsAsEmpty) {
  for (const char* params :
       {"", R"(,"params":null)", R"(,"params":{})", R"(,"params":{"description":null,"meta":null})",
        R"(,"params":{"description":7,"meta":"x"})", R"(,"params":{"meta":[]})"}) {
    const ServerInstance read = online(
        std::string(R"({"jsonrpc":"2.0","method":"notifications/server/online")") + params + "}");
    EXPECT_EQ(read.description, "") << params;
    EXPECT_EQ(read.meta, Json::object()) << params;
  }
}

TEST(ServerPresenceTest, ATrailingNulOfAPeerInCIsDropped) {
  const std::string text = R"({"jsonrpc":"2.0","method":"notifications/server/online"})";
  EXPECT_EQ(online(text + '\0').server_id, "s1");
}

TEST(ServerPresenceTest, AnythingElseIsAViolationThatNamesTheServer) {
  const auto fault = [](std::string_view payload) {
    const auto read = decode_server_presence("s1", "a", payload, {});
    if (read) {
      ADD_FAILURE() << payload << " was taken";
      return std::string();
    }
    EXPECT_EQ(read.error().kind, ErrorKind::protocol_violation);
    EXPECT_THAT(read.error().message, HasSubstr("server s1"));
    return read.error().message;
  };
  EXPECT_THAT(fault("online"), HasSubstr("not valid JSON"));
  EXPECT_THAT(fault("{}"), HasSubstr("jsonrpc"));
  EXPECT_THAT(fault(R"({"jsonrpc":"2.0","method":"notifications/server/online","params":[]})"),
              HasSubstr("by position"));
  EXPECT_THAT(fault(R"({"jsonrpc":"2.0","method":"notifications/disconnected"})"),
              HasSubstr("notifications/disconnected, not notifications/server/online"));
  EXPECT_THAT(fault(R"({"jsonrpc":"2.0","id":1,"method":"notifications/server/online"})"),
              HasSubstr("no notification"));
  EXPECT_THAT(fault(R"([{"jsonrpc":"2.0","method":"notifications/server/online"}])"),
              HasSubstr("batch"));
  EXPECT_THAT(fault(std::string(100'000, '[')), HasSubstr("deeper"));
}

TEST(ServerPresenceTest, TheLimitOfSizeHolds) {
  MessageLimits limits;
  limits.max_bytes = 100;
  ServerInstance instance = desk();
  instance.description = std::string(200, 'd');
  EXPECT_EQ(encode_server_online(instance, limits).error().kind, ErrorKind::too_large);
  const std::string payload = encode_server_online(instance, {}).value();
  EXPECT_FALSE(decode_server_presence("s1", "a", payload, limits));
}

TEST(DisconnectedTest, T42IsTheNotification) {
  EXPECT_EQ(encode_disconnected(),
            encode(Notification{"notifications/disconnected", Json::object()}, {}).value());
  const Decoded decoded = decode(encode_disconnected(), {});
  EXPECT_EQ(std::get<Notification>(std::get<RpcMessage>(decoded.messages.at(0))).method,
            "notifications/disconnected");
}

}  // namespace
}  // namespace mcp_mqtt::wire
