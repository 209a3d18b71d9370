#include "golden/features.hpp"
#include "golden/stage.hpp"

namespace mcp_mqtt::golden {
namespace {

/// Tells when the client has lost the session.
test::EventLog<bool> session_over(Stage& stage) {
  test::EventLog<bool> over;
  stage.client().on_disconnected([=](auto, auto&) { over.push(true); });
  return over;
}

void client_closes(Stage& stage) {
  const test::EventLog<bool> gone;
  stage.server().on_client_gone([=](auto&, auto&) { gone.push(true); });
  const auto session = stage.open();
  stage.say("The client ends this session, and stays at the broker.");
  session.close();
  EXPECT_TRUE(gone.take());
  stage.fails([&] { session.ping(); });
}

void server_closes(Stage& stage) {
  const auto over = session_over(stage);
  const auto session = stage.open();
  stage.say("The server ends this session, and stays at the broker.");
  stage.peer().disconnect();
  EXPECT_TRUE(over.take());
  stage.fails([&] { session.ping(); });
}

void server_stops(Stage& stage) {
  const auto over = session_over(stage);
  const auto session = stage.open();
  stage.say("The server leaves the broker while a client is there.");
  stage.server().stop();
  EXPECT_TRUE(over.take());
  stage.fails([&] { session.ping(); });
}

}  // namespace

std::vector<Feature> goodbye_features() {
  return {
      {"client_closes", "A client ends a session", client_closes},
      {"server_closes", "A server ends a session", server_closes},
      {"server_stops", "A server leaves its clients", server_stops},
  };
}

}  // namespace mcp_mqtt::golden
