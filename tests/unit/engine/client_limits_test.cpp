#include "client_harness.hpp"

// The limits of a client, and whom it believes: one beyond a limit, or a message of somebody else,
// changes nothing for the rest.
namespace mcp_mqtt::engine::test {
namespace {

/// A session with the service of this instance, which goes by its id.
SessionNumber session_with(ClientHarness& client, CallToken call, const std::string& id) {
  client.open(ClientHarness::open_request(call, "desk/" + id));
  while (auto subscribe = client.actions.find<Subscribe>()) client.acknowledge(*subscribe);
  const Json initialize = ActionQueue<ClientAction>::body(*client.actions.find<Publish>());
  client.deliver(
      message_of(id, client.rpc(id, 0, "desk/" + id),
                 answer_json(initialize.at("id"), ClientHarness::initialize_result()).dump()));
  const SessionNumber session = client.actions.find<SessionOpened>().value().session;
  client.actions.clear();
  return session;
}

Json presence_of(const std::string& description) {
  return notification_json(
      "notifications/server/online",
      {{"server_name", "desk/companion"}, {"description", description}, {"meta", Json::object()}});
}

TEST(ClientLimits, SizeOfAPresence) {
  ClientHarness client;
  client.start();
  const auto tell = [&](const std::string& id, std::size_t bytes) {
    std::string payload = presence_of("").dump();
    payload = presence_of(std::string(bytes - payload.size(), 'd')).dump();
    ASSERT_EQ(payload.size(), bytes);
    client.deliver(message_of(id, ClientHarness::presence(id), payload));
  };
  tell("large", (64U << 10) + 1);
  client.actions.expect_nothing();
  tell("fits", 64U << 10);
  EXPECT_EQ(client.actions.next<InstanceChanged>().change.instance.server_id, "fits");
  client.announce("another");
}

TEST(ClientLimits, BytesOfAllPresences) {
  ClientConfig config = client_config();
  config.max_presence_bytes_in_all = 3'000;
  ClientHarness client(config);
  client.start();
  const auto tell = [&](const std::string& id, std::size_t bytes) {
    client.deliver(
        message_of(id, ClientHarness::presence(id), presence_of(std::string(bytes, 'd')).dump()));
  };
  tell("s1", 1'000);
  tell("s2", 1'000);
  client.actions.clear();
  tell("s3", 1'000);
  tell("s1", 2'000);  // a change that does not fit either
  client.actions.expect_nothing();
  client.clear_presence("s2");
  client.actions.clear();
  tell("s3", 1'000);
  EXPECT_EQ(client.actions.next<InstanceChanged>().change.instance.server_id, "s3");
  EXPECT_EQ(client.engine.discovery().registry().size(), 2U);
}

TEST(ClientLimits, AFloodOfNamesFindsAnEnd) {
  ClientConfig config = client_config();
  config.max_instances = 100;
  ClientHarness client(config);
  client.start();
  client.announce("real");
  const SessionNumber session = client.open_session(2, "real");
  for (int i = 0; i < 1'000; ++i) client.announce_quietly("x" + std::to_string(i), "flood");
  EXPECT_EQ(client.actions.count<InstanceChanged>(), 99U);
  client.actions.clear();
  client.request(session, 3);
  const Json sent =
      ActionQueue<ClientAction>::body(client.actions.expect_publish(client.rpc("real")));
  client.answer("real", answer_json(sent.at("id"), {{"tools", Json::array()}}));
  client.expect_call_done(3);
}

TEST(ClientLimits, RequestsInAllSessions) {
  ClientConfig config = client_config();
  config.max_requests = 3;
  ClientHarness client(config);
  client.start();
  for (const char* id : {"s1", "s2"}) client.announce(id, std::string("desk/") + id);
  const SessionNumber one = session_with(client, 2, "s1");
  const SessionNumber two = session_with(client, 3, "s2");
  client.request(one, 4);
  const Json sent = ActionQueue<ClientAction>::body(client.actions.next<Publish>());
  client.request(two, 5);
  client.request(two, 6);
  client.actions.clear();
  client.request(one, 7);
  const Error busy = client.expect_call_failed(7);
  EXPECT_EQ(busy.kind, ErrorKind::busy);
  EXPECT_EQ(busy.message, "3 requests are under way already in all sessions");

  client.deliver(message_of("s1", client.rpc("s1", 0, "desk/s1"),
                            answer_json(sent.at("id"), {{"tools", Json::array()}}).dump()));
  client.expect_call_done(4);
  client.request(one, 8);
  client.actions.next<Publish>();
  client.actions.expect_nothing();
  // Those of a session that ended count no more.
  client.close(two);
  client.actions.clear();
  client.request(one, 9);
  client.request(one, 10);
  client.actions.clear();
  client.request(one, 11);
  EXPECT_EQ(client.expect_call_failed(11).kind, ErrorKind::busy);
}

TEST(ClientLimits, RequestsOfAllServers) {
  ClientConfig config = client_config();
  config.capabilities.roots = true;
  config.max_runs = 2;
  ClientHarness client(config);
  client.start();
  for (const char* id : {"s1", "s2"}) client.announce(id, std::string("desk/") + id);
  session_with(client, 2, "s1");
  session_with(client, 3, "s2");
  const auto ask = [&](const std::string& id, int request) {
    client.deliver(message_of(id, client.rpc(id, 0, "desk/" + id),
                              request_json(request, "roots/list").dump()));
  };
  ask("s1", 1);
  ask("s1", 2);
  const auto first = client.actions.next<RunRequest>();
  client.actions.next<RunRequest>();
  ask("s2", 1);
  const Json refused = ActionQueue<ClientAction>::body(client.actions.next<Publish>());
  EXPECT_EQ(refused.at("error").at("code"), error_code::server_busy);
  client.finish(first.call, Json{{"roots", Json::array()}});
  client.actions.clear();
  ask("s2", 2);
  client.actions.next<RunRequest>();
}

// --- Discovery that lacks something

TEST(ClientLimits, ADiscoveryThatTheBrokerCutShortIsSeen) {
  ClientConfig config = client_config();
  config.broker_queue = 50;
  ClientHarness client(config);
  client.start();
  EXPECT_FALSE(client.engine.discovery().cut_short());
  for (int i = 0; i < 52; ++i) {
    const std::string id = "s" + std::to_string(i);
    mqtt::Message message =
        message_of(id, ClientHarness::presence(id), presence_of("of " + id).dump());
    message.retain = true;
    client.deliver(message);
  }
  EXPECT_TRUE(client.engine.discovery().cut_short());
  client.advance(seconds(1));
  EXPECT_TRUE(client.engine.discovery().cut_short());
  EXPECT_EQ(client.engine.next_deadline(), std::nullopt);
}

TEST(ClientLimits, ServersThatComeOneByOneAreNoCut) {
  ClientConfig config = client_config();
  config.broker_queue = 50;
  ClientHarness client(config);
  client.start();
  for (int i = 0; i < 52; ++i) client.announce_quietly("s" + std::to_string(i));
  EXPECT_FALSE(client.engine.discovery().cut_short());
}

TEST(ClientLimits, ARefusedDiscoveryEndsWhatWaitsForIt) {
  ClientHarness client;
  client.connected();
  client.open(1);
  const Subscribe subscribe = client.actions.next<Subscribe>();
  client.wait_for_instance(2, "desk/companion", seconds(10));
  client.wait_for_instance(3, "other", seconds(10));
  const Subscribe other = client.actions.next<Subscribe>();
  client.acknowledge(subscribe, error_of(ErrorKind::refused, "not authorized", 0x87));
  const Error failed = client.expect_open_failed(1);
  EXPECT_EQ(failed.kind, ErrorKind::refused);
  EXPECT_EQ(failed.code, 0x87);
  EXPECT_EQ(failed.message, "the broker refused the discovery of 'desk/companion': not authorized");
  const auto found = client.actions.next<InstanceFound>();
  EXPECT_EQ(found.call, 2U);
  EXPECT_FALSE(found.instance);
  client.actions.expect_nothing();  // the one that waits for the other filter waits on
  client.acknowledge(other);
  client.announce_quietly("s1", "other");
  EXPECT_EQ(client.actions.find<InstanceFound>()->call, 3U);
}

TEST(ClientLimits, ARefusedFilterThatAnotherOneCoversEndsNothing) {
  ClientHarness client;
  client.start();  // "#" is granted
  client.open(2);
  client.discover(3, "desk/companion");
  client.acknowledge(client.actions.next<Subscribe>(), error_of(ErrorKind::refused, "no", 0x87));
  EXPECT_EQ(client.expect_call_failed(3).kind, ErrorKind::refused);
  client.actions.expect_nothing();
  client.announce("s1");
  client.expect_initialize("s1");
}

TEST(ClientLimits, InstancesThatAreGoneAreForgottenInTime_T30) {
  ClientHarness client;
  client.start();
  const auto meet = [&](int number) {
    const std::string id = "s" + std::to_string(number);
    client.announce(id);
    const SessionNumber session = client.open_session(2, id);
    EXPECT_NE(session, 0U);
    client.clear_presence(id);
    client.actions.clear();
  };
  for (int i = 0; i < 4'000; ++i) meet(i);
  client.announce("s0");
  client.open(2);
  client.actions.next<OpenConnection>();  // s0 is remembered: it knew this client id
  client.cancel(2);
  client.clear_presence("s0");
  client.actions.clear();
  for (int i = 4'000; i < 4'096; ++i) meet(i);
  client.announce("s0");
  client.open_session(2, "s0");
}

// --- Whom it believes

class ClientIdentity : public ::testing::Test {
 protected:
  ClientIdentity() {
    client.start();
    client.announce("s1");
    client.announce("s2");
    session = client.open_session(2, "s1");
    client.request(session, 3);
    id = ActionQueue<ClientAction>::body(client.actions.expect_publish(client.rpc("s1"))).at("id");
  }
  void deliver(const std::string& sender, const std::string& topic, const Json& body,
               bool retain = false) {
    mqtt::Message message = message_of(sender, topic, body.dump());
    message.retain = retain;
    client.deliver(message);
  }

  ClientHarness client;
  SessionNumber session = 0;
  Json id;
};

TEST_F(ClientIdentity, AForeignSenderOnTheServersTopicsIsNotHeard_T4) {
  for (const char* sender : {"s2", "thief"}) {
    deliver(sender, client.rpc("s1"), answer_json(id, Json::object()));
    deliver(sender, client.rpc("s1"), notification_json("notifications/disconnected"));
    deliver(sender, ClientHarness::capability("s1"),
            notification_json("notifications/tools/list_changed"));
    client.actions.expect_nothing();
  }
  deliver("s1", client.rpc("s1"), answer_json(id, Json::object()));
  client.expect_call_done(3);
}

TEST_F(ClientIdentity, AnswersBelongToTheirSessionAndHaveTheTypeOfTheirId) {
  deliver("s2", client.rpc("s2"), answer_json(id, Json::object()));
  deliver("s1", client.rpc("s1", 0, "desk/other"), answer_json(id, Json::object()));
  deliver("s1", "$mcp-rpc/somebody/s1/desk/companion", answer_json(id, Json::object()));
  deliver("s1", client.rpc("s1"), answer_json(std::to_string(id.get<int>()), Json::object()));
  client.actions.expect_nothing();
  deliver("", client.rpc("s1"), answer_json(id, Json::object()));  // some do not say who they are
  client.expect_call_done(3);
}

TEST_F(ClientIdentity, RetainedMessagesAreOfAnotherTime) {
  deliver("s1", client.rpc("s1"), answer_json(id, {{"stale", true}}), true);
  deliver("s1", client.rpc("s1"), notification_json("notifications/disconnected"), true);
  client.actions.expect_nothing();
  deliver("s1", client.rpc("s1"), answer_json(id, Json::object()));
  EXPECT_EQ(client.expect_call_done(3), Json::object());
}

// --- Roles

class ClientRoles : public ::testing::Test {
 protected:
  ClientRoles() {
    client.connected(0,
                     {{"MCP-RBAC", R"([{"server_name":"desk/companion","role_name":"viewer"}])"}});
    client.discover(1, "#");
    client.acknowledge(client.actions.next<Subscribe>());
    client.actions.clear();
    client.announce_quietly("s1", "desk/companion", Json::parse(R"({"rbac":{"roles":[
      {"name":"viewer","allowed_methods":["tools/call","resources/read","resources/subscribe"],
       "allowed_tools":["count"],"allowed_resources":["plant://soil"]}]}})"));
    client.actions.clear();
    session = client.open_session(2, "s1", ClientHarness::initialize_result_with_all());
  }
  void expect_refused(CallToken call, const std::string& what) {
    const Error error = client.expect_call_failed(call);
    EXPECT_EQ(error.kind, ErrorKind::refused);
    EXPECT_EQ(error.message, "the role 'viewer' at desk/companion does not allow " + what);
    client.actions.expect_nothing();  // nothing was sent
  }
  void expect_sent(const std::string& method) {
    client.actions.expect_method(client.rpc("s1"), method);
    client.actions.expect_nothing();
  }

  ClientHarness client;
  SessionNumber session = 0;
};

TEST_F(ClientRoles, ACallThatTheRoleForbidsIsNotSent_T5) {
  client.request(session, 3, "tools/call", {{"name", "set_volume"}});
  expect_refused(3, "the tool 'set_volume'");
  client.request(session, 4, "resources/read", {{"uri", "plant://light"}});
  expect_refused(4, "the resource 'plant://light'");
  client.subscribe(session, 5, "plant://light");
  expect_refused(5, "the resource 'plant://light'");
  client.request(session, 6, "prompts/list");
  expect_refused(6, "prompts/list");
  client.request(session, 7, "tools/list");
  expect_refused(7, "tools/list");
}

TEST_F(ClientRoles, WhatItAllowsIsSent_T5) {
  client.request(session, 3, "tools/call", {{"name", "count"}});
  expect_sent("tools/call");
  client.request(session, 4, "resources/read", {{"uri", "plant://soil"}});
  expect_sent("resources/read");
  client.subscribe(session, 5, "plant://soil");
  expect_sent("resources/subscribe");
  client.request(session, 6, "ping");
  expect_sent("ping");
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
