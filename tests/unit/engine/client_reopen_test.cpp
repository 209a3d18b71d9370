#include "client_reopen_fixture.hpp"

// Sessions that were cut off are opened again, under their number.
namespace mcp_mqtt::engine::test {
namespace {

TEST_F(ClientReopen, AfterALostConnectionUnderAFreshId_T30) {
  const SessionNumber session = open_kept();
  const std::string before = client.engine.client_id(0);
  lose();
  client.actions.expect_nothing();
  back();
  const auto info = reopened();
  EXPECT_EQ(info.client_id, client.engine.client_id(0));
  EXPECT_NE(info.client_id, before);
  client.actions.expect_nothing();
  request(session, 7);
  const Json id = ActionQueue<ClientAction>::body(sent())["id"];
  client.answer("s1", answer_json(id, {{"content", Json::array()}}));
  client.expect_call_done(7);
}

TEST_F(ClientReopen, AgainAndAgain) {
  open_kept();
  for (int i = 0; i < 3; ++i) {
    lose();
    back();
    reopened();
  }
  EXPECT_EQ(client.engine.session_count(), 1U);
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, NotBeforeTheInstanceIsAnnouncedAgain) {
  client.announce("s2");
  open_kept();
  lose();
  back({});
  client.actions.expect_nothing();  // s1 and s2 may be gone
  client.announce_quietly("s2");    // not what it was, but there
  reopened("s2");
}

TEST_F(ClientReopen, PrefersTheSameInstance) {
  open_kept();
  client.announce("s0");
  lose();
  client.connected();
  const auto subscribed = client.actions.expect_subscribe("$mcp-server/presence/+/#", false);
  client.engine.on_message(0, {}, client.now);
  client.announce_quietly("s1");
  client.acknowledge(subscribed);
  EXPECT_EQ(reopened("s1").instance.server_id, "s1");
}

TEST_F(ClientReopen, WhatWasUnderWayIsLost) {
  const SessionNumber session = open_kept();
  request(session, 7);
  client.acknowledge(sent());
  client.lost();
  EXPECT_EQ(client.expect_call_failed(7).kind, ErrorKind::connection_lost);
  client.actions.next<SessionSuspended>();
  back();
  reopened();
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, IdempotentIsSentAgainOnce) {
  const SessionNumber session = open_kept();
  request(session, 7, true);
  client.acknowledge(sent());
  lose();
  back();
  reopened();
  const auto again = sent();
  EXPECT_EQ(ActionQueue<ClientAction>::body(again)["params"]["name"], "t");
  client.actions.expect_nothing();
  client.acknowledge(again);
  client.answer("s1", answer_json(ActionQueue<ClientAction>::body(again)["id"], Json::object()));
  client.expect_call_done(7);
  lose();
  back();
  reopened();
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, WhatNeverLeftIsSentAgain) {
  const SessionNumber session = open_kept();
  request(session, 7);
  client.acknowledge(sent(), Error{ErrorKind::not_connected, 0, "down", nullptr});
  client.actions.expect_nothing();
  lose();
  back();
  reopened();
  sent();
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, WhatMayHaveLeftIsNot) {
  const SessionNumber session = open_kept();
  request(session, 7);
  client.acknowledge(sent(), Error{ErrorKind::connection_lost, 0, "down", nullptr});
  EXPECT_EQ(client.expect_call_failed(7).kind, ErrorKind::connection_lost);
  lose();
  back();
  reopened();
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, CallsMadeMeanwhileWaitInOrder) {
  const SessionNumber session = open_kept();
  lose();
  request(session, 7, false, "tools/list");
  request(session, 8);
  client.advance(seconds(4));
  client.actions.expect_nothing();
  back();
  reopened();
  sent("tools/list");
  sent();
  client.advance(milliseconds(5'999));
  client.actions.expect_nothing();
  client.advance(milliseconds(1));  // ten seconds since they were made
  EXPECT_TRUE(client.actions.find<CompleteCall>());
}

TEST_F(ClientReopen, WhatWaitsTooLongWasNotSent) {
  const SessionNumber session = open_kept();
  request(session, 6, true);
  client.acknowledge(sent());
  client.advance(seconds(1));
  lose();
  request(session, 7);
  client.advance(seconds(9));
  const Error unknown = client.expect_call_failed(6);
  EXPECT_EQ(unknown.kind, ErrorKind::connection_lost);
  client.advance(seconds(1));
  const Error error = client.expect_call_failed(7);
  EXPECT_EQ(error.kind, ErrorKind::not_connected);
  EXPECT_EQ(error.message,
            "tools/call: the session with desk/companion was not open again within 10 s; nothing "
            "was sent");
  back();
  reopened();
  client.actions.expect_nothing();
}

class ClientReopenBounded : public ClientReopen {
 protected:
  static ClientConfig config() {
    ClientConfig config = client_config();
    config.max_requests_per_session = 2;
    config.max_held_bytes = 100;
    return config;
  }
  ClientReopenBounded() : ClientReopen(config()) {}
};

TEST_F(ClientReopenBounded, MoreThanMayWaitIsBusy) {
  const SessionNumber session = open_kept();
  lose();
  request(session, 7);
  client.request(session, 8, "tools/call", {{"name", std::string(100, 'x')}});
  EXPECT_EQ(client.expect_call_failed(8).kind, ErrorKind::busy);
  request(session, 9);
  request(session, 10);
  EXPECT_EQ(client.expect_call_failed(10).kind, ErrorKind::busy);
  client.cancel(7);
  EXPECT_EQ(client.expect_call_failed(7).kind, ErrorKind::cancelled);
  request(session, 11);
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, AnotherInstanceOnlyWhereTheHostWantsIt_T43) {
  client.announce("s2");
  const SessionNumber session = open_kept(Reopen::after_connection_loss);
  vanish();
  client.advance(milliseconds(1'999));
  client.actions.expect_nothing();
  client.advance(milliseconds(1));
  const auto closed = client.actions.next<SessionClosed>();
  EXPECT_EQ(closed.session, session);
  EXPECT_EQ(closed.reason.kind, ErrorKind::server_gone);
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, GoodbyeIsTheEndWhereTheHostWantsNoOther_T41) {
  open_kept(Reopen::after_connection_loss);
  client.deliver(
      message_of("s1", client.rpc("s1"),
                 notification_json("notifications/disconnected", Json::object()).dump()));
  client.expect_unsubscribed("s1");
  EXPECT_EQ(client.actions.next<SessionClosed>().reason.kind, ErrorKind::server_gone);
}

// Its connection broke for a moment.
TEST_F(ClientReopen, InstanceThatVanishedAndIsBackAtOnce) {
  open_kept(Reopen::after_connection_loss);
  vanish();
  client.announce("s1");
  client.actions.next<OpenConnection>();  // T30
  client.connected(1);
  reopened("s1", 1);
}

// Meanwhile nobody tells whether its instance stays: another process may be there by now.
TEST_F(ClientReopen, ASessionThatOpensWithoutTheFirstConnectionIsProbed) {
  open_kept(Reopen::always);
  client.open(6);
  EXPECT_EQ(client.actions.next<OpenConnection>().connection, 1U);
  lose();
  client.connected(1);
  client.expect_open("s1", client.expect_initialize("s1", 1), 1,
                     ClientHarness::initialize_result_with_all());
  client.actions.expect_nothing();
  back();
  client.actions.expect_method(client.rpc("s1", 1), "ping");
  reopened();
}

// mosquitto publishes the wills of all before it closes the connections.
TEST_F(ClientReopen, BrokerThatIsShutDownInOrder) {
  open_kept(Reopen::after_connection_loss);
  vanish();
  client.lost();
  client.actions.expect_nothing();
  client.advance(std::chrono::minutes(5));
  client.actions.expect_nothing();
  back({});
  client.announce("s1");
  reopened("s1");
}

TEST_F(ClientReopen, AnotherInstanceTakesOver_T43) {
  client.announce("s2");
  const SessionNumber session = open_kept(Reopen::always);
  request(session, 7);
  client.acknowledge(sent());
  request(session, 8, true);
  client.acknowledge(sent());
  client.clear_presence("s1");
  client.actions.next<InstanceChanged>();
  EXPECT_EQ(client.expect_call_failed(7).kind, ErrorKind::server_gone);
  client.expect_unsubscribed("s1");
  EXPECT_EQ(client.actions.next<SessionSuspended>().reason.kind, ErrorKind::server_gone);
  EXPECT_EQ(reopened("s2").instance.server_id, "s2");
  sent("tools/call", "s2");
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, WaitsForAnInstanceWhereNoneIsThere) {
  open_kept(Reopen::always);
  client.clear_presence("s1");
  client.actions.clear();
  client.advance(std::chrono::hours(1));
  client.actions.expect_nothing();
  client.announce("s3");
  reopened("s3");
}

TEST_F(ClientReopen, ServerThatEndsTheSessionIsAskedAgainAfterAWhile_T41) {
  open_kept(Reopen::always);
  client.deliver(
      message_of("s1", client.rpc("s1"),
                 notification_json("notifications/disconnected", Json::object()).dump()));
  client.expect_unsubscribed("s1");
  client.actions.next<SessionSuspended>();
  client.actions.expect_nothing();
  client.advance(seconds(1));
  EXPECT_EQ(client.actions.next<OpenConnection>().connection, 1U);  // T30
  client.connected(1);
  reopened("s1", 1);
}

// Then it is avoided no more, and no pause ends that anybody waited for.
TEST_F(ClientReopen, InstanceThatAnswersAnotherMeanwhileIsAskedAtOnce) {
  open_kept(Reopen::always);
  client.open(6);
  EXPECT_EQ(client.actions.next<OpenConnection>().connection, 1U);
  client.connected(1);
  const Json initialize = client.expect_initialize("s1", 1);
  client.deliver(
      message_of("s1", client.rpc("s1"),
                 notification_json("notifications/disconnected", Json::object()).dump()));
  client.expect_unsubscribed("s1");
  client.actions.next<SessionSuspended>();
  client.actions.expect_nothing();
  client.answer("s1", answer_json(initialize["id"], ClientHarness::initialize_result_with_all()),
                1);
  client.actions.expect_method(client.rpc("s1", 1), "notifications/initialized");
  client.actions.next<SessionOpened>();
  EXPECT_EQ(client.actions.next<OpenConnection>().connection, 2U);
  client.connected(2);
  reopened("s1", 2);
}

TEST_F(ClientReopen, InstancesThatDoNotAnswerAreTriedAgainLater) {
  open_kept(Reopen::always);
  lose();
  back();
  client.expect_initialize("s1");
  client.advance(seconds(30));
  client.actions.clear();
  client.advance(milliseconds(4'999));  // left alone for a while
  client.actions.expect_nothing();
  client.advance(milliseconds(1));
  client.actions.next<OpenConnection>();
  client.connected(1);
  reopened("s1", 1);
}

// It heard nothing of what was sent before it subscribed again.
TEST_F(ClientReopen, HandshakeStartsAgainWhereTheInstanceComesOnlineMeanwhile) {
  open_kept();
  lose();
  back();
  client.expect_initialize("s1");
  client.announce_quietly("s1");
  client.expect_unsubscribed("s1");
  client.actions.next<OpenConnection>();
  client.connected(1);
  reopened("s1", 1);
}

TEST_F(ClientReopen, ARetainedPresenceProvesNothing) {
  open_kept();
  lose();
  back();
  client.expect_initialize("s1");
  const Json params{
      {"server_name", "desk/companion"}, {"description", "of s1"}, {"meta", Json::object()}};
  auto kept = message_of("s1", ClientHarness::presence("s1"),
                         notification_json("notifications/server/online", params).dump());
  kept.retain = true;
  client.deliver(kept);
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, ClosedMeanwhile) {
  const SessionNumber session = open_kept();
  lose();
  request(session, 7);
  client.close(session);
  EXPECT_EQ(client.expect_call_failed(7).kind, ErrorKind::stopped);
  EXPECT_EQ(client.actions.next<SessionClosed>().reason.kind, ErrorKind::stopped);
  back();
  client.actions.expect_nothing();
  request(session, 8);
  EXPECT_EQ(client.expect_call_failed(8).kind, ErrorKind::server_gone);
}

TEST_F(ClientReopen, StoppedMeanwhile) {
  const SessionNumber session = open_kept();
  lose();
  request(session, 7);
  client.leave();
  EXPECT_EQ(client.expect_call_failed(7).kind, ErrorKind::stopped);
  EXPECT_EQ(client.actions.next<SessionClosed>().reason.kind, ErrorKind::stopped);
  client.actions.next<ClientLeft>();
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, GivenUpWithTheConnection) {
  const SessionNumber session = open_kept();
  lose();
  request(session, 7);
  const Error refused{ErrorKind::refused, 0x87, "not authorized", nullptr};
  client.gave_up(refused);
  EXPECT_EQ(client.expect_call_failed(7).code, 0x87);
  EXPECT_EQ(client.actions.next<SessionClosed>().reason.kind, ErrorKind::refused);
  client.open(8);
  EXPECT_EQ(client.expect_open_failed(8).kind, ErrorKind::refused);
  client.wait_for_instance(9, "desk/companion", seconds(1));
  EXPECT_FALSE(client.actions.next<InstanceFound>().instance);
}

TEST_F(ClientReopen, NoLongerThanTheHostGivesIt) {
  open_kept(Reopen::always, [](OpenRequest& request) { request.reopen_timeout = seconds(20); });
  lose();
  client.advance(seconds(20));
  EXPECT_EQ(client.actions.next<SessionClosed>().reason.kind, ErrorKind::connection_lost);
  back();
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, AnAnswerThatIsAnErrorEndsIt) {
  open_kept(Reopen::always);
  lose();
  back();
  const Json initialize = client.expect_initialize("s1");
  client.answer("s1", error_json(initialize["id"], -32099, "go away"));
  client.expect_unsubscribed("s1");
  EXPECT_EQ(client.actions.next<SessionClosed>().reason.code, -32099);
  client.actions.expect_nothing();
}

class ClientReopenFixedId : public ClientReopen {
 protected:
  static ClientConfig config() {
    ClientConfig config = client_config();
    config.fixed_client_id = true;
    return config;
  }
  ClientReopenFixedId() : ClientReopen(config()) {}
};

// A late answer to an earlier session must not fit a request of this one.
TEST_F(ClientReopenFixedId, RequestIdsAreNotUsedAgain) {
  const SessionNumber session = open_kept();
  request(session, 7);
  const Json early = ActionQueue<ClientAction>::body(sent())["id"];
  client.lost();
  client.actions.clear();
  back();
  reopened();
  request(session, 8);
  const Json late = ActionQueue<ClientAction>::body(sent())["id"];
  EXPECT_GT(late, early);
  client.answer("s1", answer_json(early, Json::object()));
  client.actions.expect_nothing();
}

TEST_F(ClientReopen, ASessionThatWaitsForEverIsNoDeadline) {
  open_kept(Reopen::always, [](OpenRequest& request) { request.reopen_timeout.reset(); });
  lose();
  EXPECT_EQ(client.engine.next_deadline(), std::nullopt);
}

TEST_F(ClientReopen, WhatLeftBeforeTheEndSaysSo) {
  const SessionNumber session = open_kept();
  request(session, 7, true);
  client.acknowledge(sent());
  lose();
  request(session, 8);
  back();
  const Json initialize = client.expect_initialize("s1");
  client.answer("s1", error_json(initialize["id"], -32099, "go away"));
  client.expect_unsubscribed("s1");
  EXPECT_EQ(client.expect_call_failed(7).kind, ErrorKind::connection_lost);
  EXPECT_EQ(client.expect_call_failed(8).code, -32099);
  client.actions.next<SessionClosed>();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
