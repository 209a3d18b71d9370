#include "client_harness.hpp"

// What servers tell without being asked: changes on two channels (T40), resource updates to those
// who subscribed, log messages; and the client's own change, of its roots.
namespace mcp_mqtt::engine::test {
namespace {

ClientConfig with_roots() {
  ClientConfig config = client_config();
  config.capabilities.roots = config.capabilities.roots_list_changed = true;
  return config;
}

class ClientUpdates : public ::testing::Test {
 protected:
  ClientUpdates() {
    client.start();
    client.announce("s1");
    session = client.open_session(2, "s1", ClientHarness::initialize_result_with_all());
  }

  static Json updated(const std::string& uri) {
    return notification_json("notifications/resources/updated", {{"uri", uri}});
  }
  void tell_on_capability(const Json& body, const std::string& sender = "s1") {
    client.deliver(message_of(sender, ClientHarness::capability("s1"), body.dump()));
  }
  Json expect_subscribe(const std::string& uri, ConnectionNumber connection = 0) {
    const Json sent =
        client.actions.expect_method(client.rpc("s1", connection), "resources/subscribe");
    EXPECT_EQ(sent["params"], (Json{{"uri", uri}}));
    return sent["id"];
  }
  void subscribed(CallToken call, const std::string& uri) {
    client.subscribe(session, call, uri);
    client.answer("s1", answer_json(expect_subscribe(uri), Json::object()));
    client.expect_call_done(call);
  }
  ResourceChanged expect_changed(const std::string& uri, bool renewed = false) {
    const auto changed = client.actions.next<ResourceChanged>();
    EXPECT_EQ(changed.uri, uri);
    EXPECT_EQ(changed.renewed, renewed);
    return changed;
  }

  using Numbers = std::vector<SubscriptionNumber>;

  ClientHarness client{with_roots()};
  SessionNumber session = 0;
};

// --- Changes of lists

TEST_F(ClientUpdates, EachListThatChangesIsToldOnceOnWhicheverChannel_T40) {
  using List = ListChanged::List;
  const std::pair<const char*, List> lists[] = {
      {"tools", List::tools}, {"resources", List::resources}, {"prompts", List::prompts}};
  for (const auto& [name, list] : lists) {
    const Json body = notification_json("notifications/" + std::string(name) + "/list_changed");
    tell_on_capability(body);
    const auto told = client.actions.next<ServerTold>();
    EXPECT_EQ(told.session, session);
    EXPECT_EQ(std::get<ListChanged>(told.notice).list, list);
    client.answer("s1", body);
    client.actions.expect_nothing();
    client.answer("s1", body);
    client.actions.next<ServerTold>();
  }
}

TEST_F(ClientUpdates, CapabilityTopicIsHeardFromItsServerAlone) {
  const Json body = notification_json("notifications/tools/list_changed");
  tell_on_capability(body, "s2");
  client.deliver(message_of("s2", ClientHarness::capability("s2"), body.dump()));
  client.actions.expect_nothing();
  tell_on_capability(body, "");  // some servers do not say who they are
  client.actions.next<ServerTold>();
}

TEST_F(ClientUpdates, OnlyChangesBelongOnTheCapabilityTopic) {
  for (const Json& body :
       {notification_json("notifications/message", {{"level", "info"}, {"data", "x"}}),
        notification_json("notifications/disconnected"), request_json(1, "ping"),
        answer_json(1, "late"),
        Json::array({notification_json("notifications/tools/list_changed")})}) {
    tell_on_capability(body);
  }
  client.deliver(message_of("s1", ClientHarness::capability("s1"), "garbage"));
  client.actions.expect_nothing();
}

TEST_F(ClientUpdates, NothingIsToldBeforeTheSessionIsOpen) {
  ClientHarness other;
  other.start();
  other.announce("s1");
  other.open(2);
  const Json initialize = other.expect_initialize("s1");
  const Json body = notification_json("notifications/tools/list_changed");
  other.deliver(message_of("s1", ClientHarness::capability("s1"), body.dump()));
  other.answer("s1", body);
  other.actions.expect_nothing();
  other.expect_open("s1", initialize);
}

// --- Other things that a server tells

TEST_F(ClientUpdates, LogMessagesTasksAndElicitationsAreTold) {
  client.answer("s1", notification_json("notifications/message",
                                        {{"level", "error"}, {"logger", "fan"}, {"data", "hot"}}));
  const auto log = std::get<LoggingMessage>(client.actions.next<ServerTold>().notice);
  EXPECT_EQ(log, (LoggingMessage{LoggingLevel::error, "fan", "hot"}));
  Task task;
  task.task_id = "t1";
  task.status = TaskStatus::completed;
  task.created_at = task.last_updated_at = "2025-11-25T10:00:00Z";
  client.answer("s1", notification_json("notifications/tasks/status", to_json(task)));
  EXPECT_EQ(std::get<Task>(client.actions.next<ServerTold>().notice).status, TaskStatus::completed);
  client.answer("s1",
                notification_json("notifications/elicitation/complete", {{"elicitationId", "e1"}}));
  EXPECT_EQ(std::get<ElicitationComplete>(client.actions.next<ServerTold>().notice).elicitation_id,
            "e1");
}

// --- Subscriptions

TEST_F(ClientUpdates, UpdateReachesItsSubscriptionsOnceAndNobodyElse) {
  subscribed(10, "plant://soil");
  tell_on_capability(updated("plant://soil"));
  EXPECT_EQ(expect_changed("plant://soil").subscriptions, Numbers{10});
  client.answer("s1", updated("plant://soil"));
  client.answer("s1", updated("plant://air"));
  tell_on_capability(updated("plant://soil2"));
  client.actions.expect_nothing();
  client.answer("s1", updated("plant://soil"));
  expect_changed("plant://soil");
}

TEST_F(ClientUpdates, PartOfAResourceIsTheResourceToo) {
  subscribed(10, "file:///logs");
  subscribed(11, "file:///logs/today");
  client.answer("s1", updated("file:///logs/today"));
  EXPECT_EQ(expect_changed("file:///logs/today").subscriptions, (Numbers{10, 11}));
  client.answer("s1", updated("file:///logs?from=1"));
  EXPECT_EQ(expect_changed("file:///logs?from=1").subscriptions, Numbers{10});
  client.answer("s1", updated("file:///logs-old"));
  client.actions.expect_nothing();
}

TEST_F(ClientUpdates, SubscriptionsToOneResourceShareOneRequest) {
  client.subscribe(session, 10, "plant://soil");
  client.subscribe(session, 11, "plant://soil");
  const Json id = expect_subscribe("plant://soil");
  client.actions.expect_nothing();
  client.answer("s1", answer_json(id, Json::object()));
  client.expect_call_done(10);
  client.expect_call_done(11);
  client.subscribe(session, 12, "plant://soil");
  client.expect_call_done(12);
  client.answer("s1", updated("plant://soil"));
  EXPECT_EQ(expect_changed("plant://soil").subscriptions, (Numbers{10, 11, 12}));
  client.unsubscribe(10);
  client.unsubscribe(12);
  client.actions.expect_nothing();
  client.unsubscribe(11);
  const Json sent = client.actions.expect_method(client.rpc("s1"), "resources/unsubscribe");
  EXPECT_EQ(sent["params"], (Json{{"uri", "plant://soil"}}));
  client.answer("s1", updated("plant://soil"));
  client.answer("s1", answer_json(sent["id"], Json::object()));
  client.unsubscribe(11);
  client.actions.expect_nothing();
}

TEST_F(ClientUpdates, WhoeverJoinsARequestHasATimeOfItsOwn) {
  client.subscribe(session, 20, "plant://soil");
  const Json asked = expect_subscribe("plant://soil");
  client.advance(seconds(4));
  client.subscribe(session, 21, "plant://soil", seconds(2));
  client.advance(seconds(2));
  EXPECT_EQ(client.expect_call_failed(21).kind, ErrorKind::timeout);
  client.answer("s1", answer_json(asked, Json::object()));
  client.expect_call_done(20);
  client.actions.expect_nothing();
}

TEST_F(ClientUpdates, RefusedSubscriptionIsNone) {
  client.subscribe(session, 10, "plant://soil");
  client.subscribe(session, 11, "plant://soil");
  client.answer("s1", error_json(expect_subscribe("plant://soil"), -32002, "no such resource"));
  EXPECT_EQ(client.expect_call_failed(10).code, -32002);
  EXPECT_EQ(client.expect_call_failed(11).code, -32002);
  client.answer("s1", updated("plant://soil"));
  client.unsubscribe(10);
  client.actions.expect_nothing();
  client.subscribe(session, 12, "plant://soil");
  expect_subscribe("plant://soil");
}

TEST_F(ClientUpdates, CancelledSubscriptionIsTakenBack) {
  client.subscribe(session, 10, "plant://soil");
  const Json id = expect_subscribe("plant://soil");
  client.cancel(10);
  client.actions.expect_method(client.rpc("s1"), "resources/unsubscribe");
  EXPECT_EQ(client.expect_call_failed(10).kind, ErrorKind::cancelled);
  client.answer("s1", answer_json(id, Json::object()));
  client.answer("s1", updated("plant://soil"));
  client.actions.expect_nothing();
}

TEST_F(ClientUpdates, SubscriptionNeedsItsCapability) {
  ClientHarness plain;
  plain.start();
  plain.announce("s1");
  const auto number = plain.open_session(2, "s1");
  plain.subscribe(number, 10, "plant://soil");
  const Error error = plain.expect_call_failed(10);
  EXPECT_EQ(error.kind, ErrorKind::unsupported);
  EXPECT_EQ(error.message, "resources/subscribe: the server did not declare 'resources.subscribe'");
  plain.actions.expect_nothing();
}

TEST_F(ClientUpdates, SubscriptionGoesOnInTheNextSessionWithTheService) {
  subscribed(10, "plant://soil");
  subscribed(11, "plant://air");
  client.answer("s1", notification_json("notifications/disconnected"));
  client.expect_unsubscribed("s1");
  client.actions.next<SessionClosed>();
  client.unsubscribe(11);  // while there is no session
  client.actions.expect_nothing();

  client.open(3);
  const auto other = client.actions.next<OpenConnection>();  // a fresh client id (T30)
  client.connected(other.connection);
  const auto link = other.connection;
  const auto again = client.expect_open("s1", client.expect_initialize("s1", link), link,
                                        ClientHarness::initialize_result_with_all());
  client.answer("s1", answer_json(expect_subscribe("plant://soil", link), Json::object()), link);
  EXPECT_EQ(expect_changed("plant://soil", true).subscriptions, Numbers{10});
  client.actions.expect_nothing();
  client.answer("s1", updated("plant://soil"), link);
  expect_changed("plant://soil");
  client.close(again.session);
}

TEST_F(ClientUpdates, RenewalThatFailsIsTriedInTheSessionAfter) {
  subscribed(10, "plant://soil");
  for (const CallToken call : {20U, 21U}) {
    client.clear_presence("s1");
    client.actions.clear();
    client.announce("s1");
    client.open(call);
    ConnectionNumber link = 0;
    if (const auto other = client.actions.find<OpenConnection>()) {
      link = other->connection;
      client.connected(link);
    }
    client.expect_open("s1", client.expect_initialize("s1", link), link,
                       ClientHarness::initialize_result_with_all());
    const Json id = expect_subscribe("plant://soil", link);
    if (call == 20) {
      client.answer("s1", error_json(id, -32002, "not yet"), link);
      client.actions.expect_nothing();
    } else {
      client.answer("s1", answer_json(id, Json::object()), link);
      expect_changed("plant://soil", true);
    }
  }
}

TEST_F(ClientUpdates, SubscriptionUnderWayFailsWithItsSession) {
  client.subscribe(session, 10, "plant://soil");
  client.actions.clear();
  client.lost();
  EXPECT_EQ(client.expect_call_failed(10).kind, ErrorKind::connection_lost);
}

// --- Roots

TEST_F(ClientUpdates, ChangedRootsAreToldOncePerConnection_T40) {
  client.notify_roots_changed();
  const auto sent =
      client.actions.expect_publish("$mcp-client/capability/" + client.engine.client_id(0));
  EXPECT_EQ(ActionQueue<ClientAction>::body(sent)["method"], "notifications/roots/list_changed");
  EXPECT_EQ(property(sent.message.user_properties, "MCP-MQTT-CLIENT-ID"),
            client.engine.client_id(0));
  client.actions.expect_nothing();
  client.close(session);
  client.actions.clear();
  client.notify_roots_changed();
  client.actions.expect_nothing();
}

TEST_F(ClientUpdates, RootsThatWereNotDeclaredDoNotChange) {
  ClientHarness plain;
  plain.start();
  plain.announce("s1");
  plain.open_session(2, "s1");
  plain.notify_roots_changed();
  plain.actions.expect_nothing();
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
