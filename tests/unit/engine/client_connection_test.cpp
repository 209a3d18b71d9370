#include <set>

#include "client_harness.hpp"

// T23, T30: one connection for many sessions, another only for a second initialization with one
// instance; and what happens when connections break.
namespace mcp_mqtt::engine::test {
namespace {

class ClientConnections : public ::testing::Test {
 protected:
  ClientConnections() { client.start(); }

  /// Opens a second session with s1, which needs a connection of its own.
  SessionOpened open_on_new_connection(CallToken call, ConnectionNumber connection) {
    client.open(call);
    EXPECT_EQ(client.actions.next<OpenConnection>().connection, connection);
    client.actions.expect_nothing();
    client.connected(connection);
    return client.expect_open("s1", client.expect_initialize("s1", connection), connection);
  }

  /// An id that leaves the broker says so first (T42).
  void expect_closed(ConnectionNumber connection, const std::string& client_id) {
    client.actions.expect_method("$mcp-client/presence/" + client_id, "notifications/disconnected");
    EXPECT_EQ(client.actions.next<CloseConnection>().connection, connection);
  }

  ClientHarness client;
};

TEST_F(ClientConnections, ManyServersShareOne_T30) {
  for (const char* id : {"s1", "s2", "s3"}) client.announce(id);
  CallToken call = 10;
  for (const char* id : {"s1", "s2", "s3"}) {
    auto request = ClientHarness::open_request(++call);
    request.server_id = id;
    client.open(request);
    client.expect_open(id, client.expect_initialize(id));
  }
  client.actions.expect_nothing();
}

TEST_F(ClientConnections, SecondInitializationGetsAFreshIdOfTheSameLength_T30) {
  client.announce("s1");
  client.open_session(5, "s1");
  const auto second = open_on_new_connection(6, 1);
  const auto third = open_on_new_connection(7, 2);
  std::set<std::string> ids;
  for (const ConnectionNumber connection : {0U, 1U, 2U}) {
    ids.insert(client.engine.client_id(connection));
    EXPECT_EQ(client.engine.client_id(connection).size(), client.engine.client_id(0).size());
    EXPECT_EQ(client.engine.will(connection).topic,
              "$mcp-client/presence/" + client.engine.client_id(connection));
  }
  EXPECT_EQ(ids.size(), 3U);
  EXPECT_EQ(second.info.client_id, client.engine.client_id(1));
  EXPECT_EQ(third.info.client_id, client.engine.client_id(2));
  EXPECT_EQ(client.engine.session_count(), 3U);
}

TEST_F(ClientConnections, ConnectionCarriesOtherInstancesAndClosesWithItsLast_T30) {
  client.announce("s1");
  client.open_session(5, "s1");
  const auto second = open_on_new_connection(6, 1);
  const std::string rpc = client.rpc("s1", 1);
  client.close(second.session);
  client.actions.expect_method(rpc, "notifications/disconnected");
  client.actions.expect_unsubscribe(ClientHarness::capability("s1"));
  client.actions.expect_unsubscribe(rpc);
  EXPECT_EQ(client.actions.next<SessionClosed>().reason.kind, ErrorKind::stopped);
  expect_closed(1, second.info.client_id);
  client.actions.expect_nothing();
}

TEST_F(ClientConnections, ReopenAfterCloseUsesAnotherId_T30) {
  client.announce("s1");
  client.close(client.open_session(5, "s1"));
  client.actions.clear();
  open_on_new_connection(6, 1);
}

TEST_F(ClientConnections, UnknownRevisionInTheAnswerIsLeft_T23) {
  client.announce("s1");
  client.announce("s2");
  client.open(5);
  const Json initialize = client.expect_initialize("s1");
  client.answer("s1",
                answer_json(initialize["id"], ClientHarness::initialize_result("2031-01-01")));
  client.actions.expect_method(client.rpc("s1"), "notifications/disconnected");
  client.expect_unsubscribed("s1");
  const Error error = client.expect_open_failed(5);
  EXPECT_EQ(error.kind, ErrorKind::unsupported);
  EXPECT_NE(error.message.find("2031-01-01"), std::string::npos);
  client.actions.expect_nothing();
}

TEST_F(ClientConnections, SupportedRevisionIsTriedOnceOnAFreshConnection_T23_T30) {
  client.announce("s1");
  client.open(5);
  Json initialize = client.expect_initialize("s1");
  const Json data{{"supported", {"2024-11-05", "2025-03-26", "1999-01-01", 7}},
                  {"requested", "2025-11-25"}};
  client.answer("s1", error_json(initialize["id"], -32602, "Unsupported", data));
  client.expect_unsubscribed("s1");
  EXPECT_EQ(client.actions.next<OpenConnection>().connection, 1U);
  client.connected(1);
  initialize = client.expect_initialize("s1", 1);
  EXPECT_EQ(initialize["params"]["protocolVersion"], "2025-03-26");
  EXPECT_EQ(initialize["id"], 1);
  const std::string rpc = client.rpc("s1", 1);
  const std::string second_id = client.engine.client_id(1);
  client.answer("s1", error_json(initialize["id"], -32602, "Unsupported", data), 1);
  client.actions.expect_unsubscribe(ClientHarness::capability("s1"));
  client.actions.expect_unsubscribe(rpc);
  EXPECT_EQ(client.expect_open_failed(5).code, -32602);
  expect_closed(1, second_id);
  client.actions.expect_nothing();
}

TEST_F(ClientConnections, NothingSupportedEndsIt_T23) {
  client.announce("s1");
  client.open(5);
  const Json initialize = client.expect_initialize("s1");
  client.answer("s1", error_json(initialize["id"], -32602, "Unsupported",
                                 Json{{"supported", {"2025-11-25", "1999-01-01"}}}));
  client.expect_unsubscribed("s1");
  EXPECT_EQ(client.expect_open_failed(5).code, -32602);
  client.actions.expect_nothing();
}

TEST_F(ClientConnections, FixedClientIdInitializesAgainOnTheSameConnection_T30) {
  ClientConfig config = client_config();
  config.fixed_client_id = true;
  ClientHarness fixed(config);
  fixed.start();
  fixed.announce("s1");
  fixed.close(fixed.open_session(5, "s1"));
  fixed.actions.clear();
  fixed.open_session(6, "s1");
  const std::string id = fixed.engine.client_id(0);
  fixed.lost();
  EXPECT_EQ(fixed.engine.client_id(0), id);
}

// They share one topic: a late answer to the first must not fit a request of the second.
TEST_F(ClientConnections, FixedClientIdUsesNoRequestIdTwice) {
  ClientConfig config = client_config();
  config.fixed_client_id = true;
  ClientHarness fixed(config);
  fixed.start();
  fixed.announce("s1");
  fixed.open(5);
  const Json first = fixed.expect_initialize("s1");
  fixed.cancel(5);
  fixed.actions.clear();
  fixed.open(6);
  const Json second = fixed.expect_initialize("s1");
  EXPECT_GT(second.at("id"), first.at("id"));
  fixed.close(fixed.expect_open("s1", second).session);
  fixed.actions.clear();
  fixed.open(7);
  EXPECT_GT(fixed.expect_initialize("s1").at("id"), second.at("id"));
}

// Two sessions with one instance under one id would share the topic and the request ids.
TEST_F(ClientConnections, FixedClientIdHasOneSessionPerInstance_T30) {
  ClientConfig config = client_config();
  config.fixed_client_id = true;
  ClientHarness fixed(config);
  fixed.start();
  fixed.announce("s1");
  const auto session = fixed.open_session(5, "s1");
  fixed.open(6);
  EXPECT_EQ(fixed.expect_open_failed(6).kind, ErrorKind::unsupported);
  fixed.actions.expect_nothing();
  fixed.announce("s2");
  fixed.open(7);
  fixed.expect_open("s2", fixed.expect_initialize("s2"));
  fixed.request(session, 8);
  fixed.actions.expect_method(fixed.rpc("s1"), "tools/list");
  fixed.answer("s1", answer_json(2, Json{{"tools", Json::array()}}));
  fixed.expect_call_done(8);
}

// --- An additional connection that does not come up

TEST_F(ClientConnections, FailedConnectionEndsTheOpenWithItsError) {
  client.announce("s1");
  client.open_session(5, "s1");
  client.open(6);
  client.actions.next<OpenConnection>();
  client.connect_failed(1, error_of(ErrorKind::refused, "quota", 0x97));
  EXPECT_EQ(client.expect_open_failed(6).code, 0x97);
  client.actions.expect_nothing();
  client.connect_failed(1, error_of(ErrorKind::refused, "again", 0x97));
  client.actions.expect_nothing();
}

TEST_F(ClientConnections, ConnectionThatTimesOutIsNotTheInstancesFault) {
  client.announce("s1");
  client.open_session(5, "s1");
  client.open(6);
  client.actions.next<OpenConnection>();
  client.connect_failed(1, error_of(ErrorKind::timeout, "the broker did not answer"));
  EXPECT_EQ(client.expect_open_failed(6).kind, ErrorKind::timeout);
  open_on_new_connection(7, 2);
}

TEST_F(ClientConnections, OpenThatEndsFirstReleasesItsConnection) {
  client.announce("s1");
  client.open_session(5, "s1");
  client.open(6);
  client.actions.next<OpenConnection>();
  client.advance(seconds(100));
  EXPECT_EQ(client.actions.next<CloseConnection>().connection, 1U);
  EXPECT_EQ(client.expect_open_failed(6).kind, ErrorKind::server_gone);
  client.connected(1);  // said too late
  client.actions.expect_nothing();
}

TEST_F(ClientConnections, InstanceThatLeftMeanwhileIsNotInitialized_T43) {
  client.announce("s1");
  client.announce("s2");
  client.open_session(5, "s1");
  client.open(6);
  client.actions.next<OpenConnection>();
  client.clear_presence("s1");
  client.actions.clear();
  const std::string second_id = client.engine.client_id(1);
  client.connected(1);
  // s2 has not seen the first id: connection 0 serves, and the new one is not needed.
  client.actions.expect_subscribe(client.rpc("s2"), true);
  client.actions.expect_subscribe(ClientHarness::capability("s2"), false);
  expect_closed(1, second_id);
  client.actions.expect_nothing();
}

// --- Lost connections

TEST_F(ClientConnections, LostEndsSessionsAndGivesAFreshId_T30) {
  client.announce("s1");
  const std::string before = client.engine.client_id(0);
  const auto session = client.open_session(5, "s1");
  client.request(session, 6);
  client.actions.clear();
  client.lost();
  EXPECT_EQ(client.expect_call_failed(6).kind, ErrorKind::connection_lost);
  const auto closed = client.actions.next<SessionClosed>();
  EXPECT_EQ(closed.session, session);
  EXPECT_EQ(closed.reason.kind, ErrorKind::connection_lost);
  client.actions.expect_nothing();
  const std::string after_loss = client.engine.client_id(0);
  EXPECT_NE(after_loss, before);
  EXPECT_EQ(after_loss.size(), before.size());
  client.request(session, 7);
  EXPECT_EQ(client.expect_call_failed(7).kind, ErrorKind::server_gone);
  client.connected();
  client.acknowledge(client.actions.expect_subscribe("$mcp-server/presence/+/#", false));
  client.announce_quietly("s1");
  client.open_session(8, "s1");
}

TEST_F(ClientConnections, LostBeforeAnyInitializeKeepsTheId_T30) {
  const std::string before = client.engine.client_id(0);
  client.lost();
  EXPECT_EQ(client.engine.client_id(0), before);
}

TEST_F(ClientConnections, EmptyIdStaysTheBrokersToChoose) {
  ClientEngine engine(client_config(), "", 1);
  EXPECT_EQ(engine.client_id(0), "");
  mqtt::ConnectionInfo info;
  info.assigned_client_id = "auto-77";
  engine.on_connected(0, info, {});
  EXPECT_EQ(engine.client_id(0), "auto-77");
  EXPECT_EQ(engine.client_id(9), "");
}

TEST_F(ClientConnections, LostAdditionalConnectionEndsOnlyItsSessions) {
  client.announce("s1");
  const auto first = client.open_session(5, "s1");
  const auto second = open_on_new_connection(6, 1);
  client.lost(1);
  EXPECT_EQ(client.actions.next<SessionClosed>().session, second.session);
  EXPECT_EQ(client.engine.session_count(), 1U);
  client.actions.clear();
  client.request(first, 7);
  client.actions.expect_method(client.rpc("s1"), "tools/list");
}

// While the presence of servers was not heard, another process may have taken the server-id.
TEST_F(ClientConnections, SessionElsewhereIsProbedAfterTheFirstConnectionWasLost) {
  client.announce("s1");
  client.open_session(5, "s1");
  const auto second = open_on_new_connection(6, 1);
  client.lost(0);
  client.actions.clear();
  client.connected();
  client.acknowledge(client.actions.expect_subscribe("$mcp-server/presence/+/#", false));
  client.actions.expect_nothing();
  client.announce_quietly("s1");
  client.actions.expect_method(client.rpc("s1", 1), "ping");
  client.announce_quietly("s1");
  client.actions.expect_nothing();
  client.advance(seconds(10));
  const auto closed = client.actions.find<SessionClosed>();
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->session, second.session);
  EXPECT_EQ(closed->reason.kind, ErrorKind::server_gone);
}

TEST_F(ClientConnections, LostWhileOpeningGoesOnAfterTheReconnect) {
  client.announce("s1");
  client.open(5);
  const auto rpc = client.actions.next<Subscribe>();
  const auto capability = client.actions.next<Subscribe>();
  // A transport ends the calls under way before it reports the loss.
  client.acknowledge(rpc, error_of(ErrorKind::connection_lost));
  client.acknowledge(capability, error_of(ErrorKind::not_connected));
  client.actions.expect_nothing();
  client.lost();
  client.actions.expect_nothing();
  client.connected();
  client.acknowledge(client.actions.expect_subscribe("$mcp-server/presence/+/#", false));
  client.announce_quietly("s1");
  client.expect_open("s1", client.expect_initialize("s1"));
}

TEST_F(ClientConnections, LostDuringInitializeGoesOnAfterTheReconnect_T30) {
  client.announce("s1");
  client.open(5);
  client.acknowledge(client.actions.next<Subscribe>());
  client.acknowledge(client.actions.next<Subscribe>());
  const auto initialize = client.actions.next<Publish>();
  const std::string before = client.engine.client_id(0);
  client.acknowledge(initialize, error_of(ErrorKind::connection_lost));
  client.actions.expect_nothing();
  client.lost();
  EXPECT_NE(client.engine.client_id(0), before);
  client.connected();
  client.acknowledge(client.actions.expect_subscribe("$mcp-server/presence/+/#", false));
  client.announce_quietly("s1");
  client.expect_open("s1", client.expect_initialize("s1"));
}

TEST_F(ClientConnections, NoReconnectInTimeIsTheLossItself) {
  client.announce("s1");
  client.open(5);
  client.actions.clear();
  client.lost();
  client.advance(seconds(100));
  EXPECT_EQ(client.expect_open_failed(5).kind, ErrorKind::connection_lost);
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
