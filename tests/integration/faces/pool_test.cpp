#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <set>
#include <thread>

#include "integration/faces/site.hpp"

// Many instances of one service in one process, which come and go while clients call.
namespace mcp_mqtt::test {
namespace {

class Pool : public Site {
 protected:
  std::unique_ptr<McpClient> connected() const {
    auto client = std::make_unique<McpClient>(client_options());
    client->connect(url());
    return client;
  }
  /// A session with each instance of the pool.
  static std::vector<ClientSession> open_all(McpClient& client, const McpServerPool& pool) {
    std::vector<ClientSession> sessions;
    for (const std::string& id : pool.instances()) {
      sessions.push_back(client.open("desk/companion", {.timeout = patience, .server_id = id}));
    }
    return sessions;
  }
};

TEST_P(Pool, EveryInstanceOffersWhatIsAddedOnce) {
  McpServerPool pool(server_options("desk"), 3);
  add_desk_tools(pool);
  EXPECT_TRUE(pool.instances().empty());
  pool.start(url());
  EXPECT_TRUE(pool.running());
  EXPECT_EQ(pool.instances(), (std::vector<std::string>{"desk-1", "desk-2", "desk-3"}));
  EXPECT_EQ(error_of([&] { pool.start(url()); }).kind, ErrorKind::invalid_argument);

  const auto client = connected();
  const auto sessions = open_all(*client, pool);
  ASSERT_EQ(sessions.size(), 3U);
  pool.add_tool("later", "Added at run time", [] { return "here"; });
  EXPECT_TRUE(pool.remove_tool("count"));
  EXPECT_FALSE(pool.remove_tool("count"));
  EXPECT_EQ(error_of([&] { pool.add_tool("later", "Again", [] { return ""; }); }).kind,
            ErrorKind::invalid_argument);
  for (const ClientSession& session : sessions) {
    EXPECT_EQ(session.call_tool("set_volume", {{"volume", 3}}).text(), "volume is 3");
    EXPECT_EQ(session.call_tool("later").text(), "here");
    EXPECT_EQ(session.list_tools().size(), 2U);
  }
  pool.resize(4);
  EXPECT_EQ(pool.size(), 4U);
  EXPECT_EQ(pool.instances().back(), "desk-4");
  const auto fourth = client->open("desk/companion", {.timeout = patience, .server_id = "desk-4"});
  EXPECT_EQ(fourth.call_tool("later").text(), "here");
  EXPECT_EQ(fourth.list_tools().size(), 2U);
  EXPECT_EQ(pool.clients().size(), 4U);
  pool.stop();
  EXPECT_FALSE(pool.running());
  EXPECT_TRUE(pool.instances().empty());
}

TEST_P(Pool, TellsTheClientsOfAllInstances) {
  McpServerPool pool(server_options("desk"), 2);
  pool.add_resource({.uri = "desk://lamp", .name = "lamp"}, "on");
  const EventLog<std::string> watched;
  pool.on_subscription([=](const ClientInfo&, const std::string& uri, bool begins) {
    if (begins) watched.push(uri);
  });
  const EventLog<std::string> connections;
  pool.on_connection([=](const std::string& id, ConnectionState state, const Error&) {
    if (state == ConnectionState::connected) connections.push(id);
  });
  pool.start(url());
  EXPECT_TRUE(connections.wait_for_count(2));

  McpClient client(client_options());
  const EventLog<std::string> logged;
  client.on_log([=](const ClientSession& session, const LoggingMessage&) {
    logged.push(session.instance().server_id);
  });
  client.connect(url());
  const auto sessions = open_all(client, pool);
  const EventLog<std::string> updated;
  std::vector<ResourceSubscription> subscriptions;
  for (const ClientSession& session : sessions) {
    subscriptions.push_back(session.subscribe(
        "desk://lamp",
        [=, id = session.instance().server_id](const ResourceUpdated&) { updated.push(id); }));
  }
  ASSERT_TRUE(watched.wait_for_count(2));
  pool.notify_resource_updated("desk://lamp");
  pool.log(LoggingLevel::error, "both hear this");
  for (const char* id : {"desk-1", "desk-2"}) {
    EXPECT_TRUE(updated.wait_for([&](const std::string& who) { return who == id; })) << id;
    EXPECT_TRUE(logged.wait_for([&](const std::string& who) { return who == id; })) << id;
  }
}

TEST_P(Pool, AnInstanceThatIsTakenAwayFinishesItsCalls) {
  McpServerPool pool(server_options("desk"), 2);
  const EventLog<bool> begun;
  const EventLog<bool> go_on;
  pool.add_tool("slow", "Waits until it may go on", [=] {
    begun.push(true);
    return std::string(go_on.wait_for_count(1) ? "done" : "nobody let me");
  });
  pool.start(url());
  const auto client = connected();
  const auto session = client->open("desk/companion", {.timeout = patience, .server_id = "desk-2"});
  const Outcome<CallToolResult> outcome;
  session.async_call_tool("slow", {}, {.timeout = 1h}, outcome.callback());
  ASSERT_TRUE(begun.wait_for_count(1));

  std::thread shrinking([&] { pool.resize(1, 1h); });
  // The presence is withdrawn first: nobody finds the instance any more.
  while (client->servers("desk/companion").size() != 1) std::this_thread::yield();
  const Error refused = error_of([&] { session.call_tool("slow"); });
  EXPECT_EQ(refused.kind, ErrorKind::server_gone);
  EXPECT_NE(refused.message.find("drained"), std::string::npos) << refused.message;
  EXPECT_EQ(client->open("desk/companion", {.timeout = patience}).instance().server_id, "desk-1");
  EXPECT_FALSE(outcome.called());
  go_on.push(true);
  const auto answer = outcome.wait();
  ASSERT_TRUE(succeeded(answer));
  EXPECT_EQ(answer->text(), "done");
  shrinking.join();
  EXPECT_EQ(pool.instances(), (std::vector<std::string>{"desk-1"}));
  EXPECT_EQ(pool.size(), 1U);
}

TEST_P(Pool, AHandlerMayResizeAndStopItsPool) {
  McpServerPool pool(server_options("desk"), 1);
  pool.add_tool("resize", "Changes the number of instances", {arg("size", "How many")},
                [&](int size) {
                  pool.resize(static_cast<std::size_t>(size));
                  return std::to_string(pool.size());
                });
  pool.add_tool("leave", "Stops the pool", [&] {
    pool.stop();
    return "leaving";
  });
  const EventLog<std::string> online;
  pool.on_connection([=](const std::string& id, ConnectionState state, const Error&) {
    if (state == ConnectionState::connected) online.push(id);
  });
  std::thread running([&] { pool.run(url()); });
  ASSERT_TRUE(online.wait_for_count(1));
  const auto client = connected();
  const auto session = client->open("desk/companion", {.timeout = patience, .server_id = "desk-1"});
  EXPECT_EQ(session.call_tool("resize", {{"size", 3}}).text(), "3");
  const auto last = client->open("desk/companion", {.timeout = patience, .server_id = "desk-3"});
  // Its own instance goes: this call is answered all the same.
  EXPECT_EQ(last.call_tool("resize", {{"size", 1}}).text(), "1");
  const Outcome<CallToolResult> outcome;
  session.async_call_tool("leave", {}, {}, outcome.callback());
  running.join();  // run() returns
  EXPECT_FALSE(pool.running());
  const auto result = outcome.wait();
  EXPECT_TRUE(result || result.error().kind == ErrorKind::server_gone);
}

TEST_P(Pool, StartsAgainAndRefusesWhatCannotBeUsed) {
  EXPECT_EQ(error_of([&] { McpServerPool pool(server_options("a/b")); }).kind,
            ErrorKind::invalid_argument);
  EXPECT_EQ(error_of([&] { McpServerPool pool(server_options("desk"), 0); }).kind,
            ErrorKind::invalid_argument);
  McpServerPool pool(server_options(), 2);
  add_desk_tools(pool);
  pool.resize(3);
  std::set<std::string> ids;
  for (int round = 0; round < 2; ++round) {
    pool.start(url());
    for (const std::string& id : pool.instances()) ids.insert(id);
    pool.drain(patience);
    EXPECT_FALSE(pool.running());
  }
  EXPECT_EQ(ids.size(), 6U);  // each with a name of its own
  auto options = server_options("desk");
  options.connection.make_transport = {};
  McpServerPool nowhere(options, 2);
  EXPECT_NE(error_of([&] { nowhere.start("mqtt://127.0.0.1:1"); }).message, "");
  EXPECT_FALSE(nowhere.running());
  EXPECT_TRUE(nowhere.instances().empty());
}

/// What became of the calls of all clients.
struct Tally {
  EventLog<bool> answered;
  EventLog<bool> turned_away;  // refused before they were sent
  EventLog<bool> drained;      // sessions that ended or moved because their instance went
  EventLog<std::string> failed;
};

/// The instance that was added last, which is the next to go.
std::size_t newest(const std::vector<ServerInstance>& all) {
  const auto number = [](const ServerInstance& one) {
    return std::stoi(one.server_id.substr(one.server_id.rfind('-') + 1));
  };
  const auto last = std::max_element(
      all.begin(), all.end(),
      [&](const auto& one, const auto& other) { return number(one) < number(other); });
  return static_cast<std::size_t>(last - all.begin());
}

/// Calls without pause. After a few calls over a new session, so that instances that come are used.
void call_and_call(McpClient& client, Reopen reopen, const std::atomic<bool>& enough,
                   const Tally& tally) {
  constexpr int calls_per_session = 10;
  ClientSession session;
  for (int number = 0; !enough; ++number) {
    try {
      if (number % calls_per_session == 0) session.close();
      if (session.state() == SessionState::closed) {
        session = client.open("desk/companion",
                              {.timeout = patience, .select = newest, .reopen = reopen});
      }
      const auto result = session.call_tool("work", {{"number", number}}, {.timeout = patience});
      if (result.text() == std::to_string(number)) {
        tally.answered.push(true);
      } else {
        tally.failed.push("a wrong answer: " + result.text());
      }
    } catch (const McpError& error) {
      const bool not_sent = error.error().message.find("drained") != std::string::npos ||
                            error.error().message == "the session is over";
      if (reopen == Reopen::never && error.kind() == ErrorKind::server_gone && not_sent) {
        tally.turned_away.push(true);
        session = {};
      } else {
        tally.failed.push(std::string(to_string(error.kind())) + ": " + error.error().message);
      }
    }
  }
}

// Promise 4: clients go on while instances come and go, and no call fails by that.
TEST_P(Pool, InstancesComeAndGoWhileClientsCall) {
  const char* wanted = std::getenv("MCP_MQTT_POOL_ROUNDS");
  const int rounds = wanted == nullptr ? 2 : std::atoi(wanted);
  McpServerPool pool(server_options("desk"), 2);
  const auto runs = std::make_shared<std::atomic<std::size_t>>(0);
  pool.add_tool("work", "Takes a moment", {arg("number", "What to say")}, [runs](int number) {
    ++*runs;
    std::this_thread::sleep_for(1ms);
    return std::to_string(number);
  });
  pool.start(url());

  const Tally tally;
  std::atomic<bool> enough = false;
  std::vector<std::unique_ptr<McpClient>> clients;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<McpClient>(client_options()));
    McpClient& client = *clients.back();
    client.on_state([drained = tally.drained](const ClientEvent& event) {
      if (event.reason.message.find("drained") != std::string::npos) drained.push(true);
    });
    client.connect(url());
    client.discover("desk/companion");
    // Half of them want a session that moves, and never hear of a drain.
    const Reopen reopen = i % 2 == 0 ? Reopen::always : Reopen::never;
    callers.emplace_back([&, reopen] { call_and_call(client, reopen, enough, tally); });
  }
  int resized = 0;
  std::size_t drained = 0;
  for (int round = 0; round < rounds; ++round) {
    for (const std::size_t size : {4U, 1U, 3U, 2U}) {
      EXPECT_TRUE(tally.answered.wait_for_count(tally.answered.size() + 20));
      const std::size_t before = pool.size();
      if (size < before) drained += before - size;
      pool.resize(size, patience);
      ++resized;
    }
  }
  EXPECT_TRUE(tally.answered.wait_for_count(tally.answered.size() + 20));
  enough = true;
  for (std::thread& caller : callers) caller.join();
  pool.drain(patience);

  const auto failed = tally.failed.all();
  EXPECT_EQ(failed.size(), 0U) << failed.front();
  EXPECT_EQ(runs->load(), tally.answered.size());
  EXPECT_GT(tally.drained.size(), 0U) << "no instance that went had a session";
  std::cout << "reliability: resized=" << resized << " drained=" << drained
            << " sessions_drained=" << tally.drained.size()
            << " calls=" << tally.answered.size() + tally.turned_away.size() + failed.size()
            << " answered=" << tally.answered.size() << " not_sent=" << tally.turned_away.size()
            << " failed=" << failed.size() << " handler_runs=" << runs->load() << "\n";
}

MCP_MQTT_ON_EVERY_SITE(Pool);

}  // namespace
}  // namespace mcp_mqtt::test
