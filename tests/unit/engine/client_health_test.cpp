#include "client_reopen_fixture.hpp"

// A server that falls silent (T44).
namespace mcp_mqtt::engine::test {
namespace {

class ClientHealth : public ClientReopen {
 protected:
  SessionNumber open_checked() {
    return open_kept(Reopen::always,
                     [](OpenRequest& request) { request.health_check = seconds(20); });
  }
};

TEST_F(ClientHealth, SilentServerIsPingedAndAnyAnswerWillDo_T44) {
  const SessionNumber session = open_checked();
  client.advance(seconds(19));
  client.actions.expect_nothing();
  client.advance(seconds(1));
  const Json ping = ActionQueue<ClientAction>::body(sent("ping"));
  client.advance(seconds(9));
  client.answer("s1", error_json(ping["id"], -32601, "no ping here"));
  client.advance(seconds(19));
  client.actions.expect_nothing();
  request(session, 7);
  sent();
  client.advance(seconds(1));
  sent("ping");
}

TEST_F(ClientHealth, SilenceEndsWhatIsUnderWay_T44) {
  client.announce("s2");
  const SessionNumber session = open_checked();
  client.advance(seconds(20));
  sent("ping");
  client.advance(seconds(5));
  request(session, 7);
  sent();
  client.advance(seconds(5));
  EXPECT_EQ(client.expect_call_failed(7).kind, ErrorKind::server_gone);
  client.actions.expect_method(client.rpc("s1"), "notifications/disconnected");
  client.expect_unsubscribed("s1");
  client.actions.next<SessionSuspended>();
  reopened("s2");
}

// Both are late in one moment, and neither may be forgotten.
TEST_F(ClientHealth, SilenceDoesNotSwallowWhatIsLateToo) {
  const SessionNumber session = open_checked();
  client.advance(seconds(20));
  sent("ping");
  request(session, 7);
  sent();
  client.advance(seconds(10));
  client.actions.expect_method(client.rpc("s1"), "notifications/cancelled");
  EXPECT_EQ(client.expect_call_failed(7).kind, ErrorKind::timeout);
  client.actions.expect_method(client.rpc("s1"), "notifications/disconnected");
  client.expect_unsubscribed("s1");
  client.actions.next<SessionSuspended>();
}

// It may have been carried out, whatever then ended the session.

}  // namespace
}  // namespace mcp_mqtt::engine::test
