#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client_harness.hpp"

namespace mcp_mqtt::engine::test {

/// A client with a session that is opened again when it was cut off.
class ClientReopen : public ::testing::Test {
 protected:
  explicit ClientReopen(ClientConfig config = client_config()) : client(std::move(config)) {
    client.start();
    client.announce("s1");
  }

  SessionNumber open_kept(Reopen reopen = Reopen::after_connection_loss,
                          const std::function<void(OpenRequest&)>& also = {}) {
    auto request = ClientHarness::open_request(5);
    request.reopen = reopen;
    if (also) also(request);
    client.open(request);
    const auto opened = client.expect_open("s1", client.expect_initialize("s1"), 0,
                                           ClientHarness::initialize_result_with_all());
    client.actions.expect_nothing();
    return opened.session;
  }

  void vanish() {
    client.clear_presence("s1");
    client.actions.next<InstanceChanged>();
    client.expect_unsubscribed("s1");
    EXPECT_EQ(client.actions.next<SessionSuspended>().reason.kind, ErrorKind::server_gone);
  }
  void lose() {
    client.lost();
    EXPECT_EQ(client.actions.next<SessionSuspended>().reason.kind, ErrorKind::connection_lost);
  }
  /// Connection 0 is back, and the broker has the presence of these.
  void back(const std::vector<std::string>& ids = {"s1"}) {
    client.connected();
    client.acknowledge(client.actions.expect_subscribe("$mcp-server/presence/+/#", false));
    for (const auto& id : ids) client.announce_quietly(id);
  }
  /// The handshake with `id`, up to the session that is open again.
  SessionInfo reopened(const std::string& id = "s1", ConnectionNumber connection = 0) {
    const Json initialize = client.expect_initialize(id, connection);
    client.answer(id, answer_json(initialize["id"], ClientHarness::initialize_result_with_all()),
                  connection);
    client.actions.expect_method(client.rpc(id, connection), "notifications/initialized");
    return client.actions.next<SessionReopened>().info;
  }
  void request(SessionNumber session, CallToken call, bool idempotent = false,
               const std::string& method = "tools/call") {
    RequestTiming timing{seconds(10), false, {}};
    timing.idempotent = idempotent;
    client.request(session, call, method, {{"name", "t"}}, timing);
  }
  Publish sent(const std::string& method = "tools/call", const std::string& id = "s1") {
    const auto publish = client.actions.expect_publish(client.rpc(id));
    EXPECT_EQ(ActionQueue<ClientAction>::body(publish)["method"], method);
    return publish;
  }

  ClientHarness client;
};

}  // namespace mcp_mqtt::engine::test
