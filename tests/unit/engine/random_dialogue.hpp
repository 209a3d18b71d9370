#pragma once

#include <gtest/gtest.h>
#include <set>

#include "client_harness.hpp"
#include "random_peers.hpp"
#include "server_harness.hpp"

namespace mcp_mqtt::engine::test {

/// Servers and clients that call, cancel, break, crash and come back at random. Whatever happens:
/// each call has one outcome, also as a task and also of a handler to its client; answers reach
/// only the session that asked, a handler runs at most once for a request, and when everybody has
/// left nothing is left.
class RandomDialogue {
 public:
  explicit RandomDialogue(std::uint64_t seed) : world_(seed, chaos(seed)) {
    servers_.resize(1 + schedule().below(3));
    for (auto& server : servers_) {
      server.id = "s" + std::to_string(++last_server_);
      server.name = schedule().chance(0.7) ? "desk/companion" : "plant";
      start(server);
    }
    clients_.resize(1 + schedule().below(3));
    for (auto& client : clients_) start(client);
  }

  void run() {
    for (int i = 0; i < 80; ++i) {
      world_.run_for(schedule().up_to(seconds(3)));
      act();
      if (::testing::Test::HasFailure()) return;
    }
    for (auto& client : clients_) leave(client);
    // Longer than the handshake timeout: also the servers forget what never was finished.
    world_.run_for(seconds(70));
    for (auto& client : clients_) expect_left(client);
    for (auto& server : servers_) expect_free(server);
    for (auto& server : servers_) server.peer->leave();
    world_.run_for(seconds(10));
    for (auto& server : servers_) EXPECT_TRUE(server.peer->left());
    EXPECT_TRUE(world_.broker.retained().empty());
    EXPECT_TRUE(world_.broker.links().empty());
  }

  std::size_t answers() const { return answers_; }
  /// Of tasks.
  std::size_t results() const { return results_; }
  /// Answers of clients.
  std::size_t heard() const { return heard_; }

 private:
  static Chaos chaos(std::uint64_t seed) {
    Chaos chaos;
    chaos.max_delay = milliseconds(1 + 150 * (seed % 4));
    chaos.duplicates = 0.1 * static_cast<double>(seed % 3);
    chaos.failed_connects = seed % 5 == 0 ? 0.3 : 0;
    return chaos;
  }
  Schedule& schedule() { return world_.schedule; }

  // --- Servers

  void start(RandomServer& server) {
    ServerConfig config = server_config();
    config.instance = {server.id, server.name, "", Json::object()};
    config.max_requests_per_session = 3;
    config.max_asks_per_session = 2;
    config.tasks.max_tasks = 3;
    config.tasks.max_ttl = seconds(20);
    server.clients.clear();
    server.running.clear();
    server.questions.clear();
    server.peer = std::make_unique<ServerPeer>(
        world_, config, [this, &server](const ServerAction& action) { on_event(server, action); });
    ToolDefinition echo = task_tool("echo");
    echo.handler = [](const Json& arguments, RequestContext&) {
      return text_result(arguments.at("call").dump());
    };
    add_tool(server.peer->engine, echo);
  }

  void on_event(RandomServer& server, const ServerAction& action) {
    if (const auto* connected = std::get_if<ClientConnected>(&action)) {
      EXPECT_TRUE(server.clients.insert(connected->client.client_id).second);
    } else if (const auto* gone = std::get_if<ClientGone>(&action)) {
      EXPECT_EQ(server.clients.erase(gone->client.client_id), 1U);
      for (const auto& [token, question] : server.questions) {
        EXPECT_NE(question.client_id, gone->client.client_id)
            << "question " << token << " outlives its session";
      }
    } else if (const auto* run = std::get_if<RunHandler>(&action)) {
      on_run(server, *run);
    } else if (const auto* cancel = std::get_if<CancelRun>(&action)) {
      EXPECT_TRUE(server.running.contains(cancel->call));
      if (schedule().chance(0.7)) drop_questions(server, cancel->call);
    } else if (const auto* done = std::get_if<CompleteCall>(&action)) {
      auto question = server.questions.extract(done->call);
      ASSERT_FALSE(question.empty()) << "question " << done->call << " has two outcomes";
      if (done->result) ++heard_;
      question.mapped().go_on();
    } else {
      EXPECT_FALSE(std::holds_alternative<ServerRefused>(action)) << std::visit(Describe(), action);
    }
  }

  void on_run(RandomServer& server, const RunHandler& run) {
    RequestContext context;
    const Json said = run.work(context).value();
    const CallToken token = std::stoull(said.at("content")[0].at("text").get<std::string>());
    EXPECT_TRUE(ran_.insert(token).second) << "the handler of call " << token << " ran twice";
    EXPECT_TRUE(server.running.insert(run.call).second);
    const Json echo{{"call", token}, {"server", server.id}, {"client", run.client.client_id}};
    ServerPeer& peer = *server.peer;
    const Duration time = schedule().up_to(schedule().chance(0.2) ? seconds(20) : seconds(1));
    for (int i = 1; i <= 2; ++i) {
      peer.later(time * i / 3, [&peer, call = run.call, i] {
        peer.report_progress(call, {static_cast<double>(i)});
      });
    }
    const auto finish = [&server, call = run.call, echo] {
      server.running.erase(call);
      server.peer->finish(call, text_result(echo.dump()));
    };
    if (!schedule().chance(0.3)) return peer.later(time, finish);
    peer.later(time, [this, &server, session = run.session, call = run.call,
                      client_id = run.client.client_id, finish] {
      const CallToken question = ++last_token_;
      const Duration rest = schedule().up_to(seconds(1));
      server.questions[question] = {client_id, session, call,
                                    [&server, rest, finish] { server.peer->later(rest, finish); }};
      server.peer->ask(session, question, "roots/list", schedule().up_to(seconds(8)), call);
    });
  }
  /// What the runtime does for a handler whose answer nobody wants.
  void drop_questions(RandomServer& server, CallNumber call) {
    for (const auto& [token, question] : server.questions) {
      if (question.run != call) continue;
      server.peer->later({}, [&server, token = token, session = question.session] {
        server.peer->cancel_ask(session, token);
      });
    }
  }

  /// Everybody left: only the control topic is still subscribed.
  static void expect_free(const RandomServer& server) {
    EXPECT_TRUE(server.clients.empty());
    EXPECT_TRUE(server.peer->engine.clients().empty());
    EXPECT_TRUE(server.questions.empty()) << "a question without an outcome";
    EXPECT_FALSE(server.peer->engine.next_deadline());
    ASSERT_TRUE(server.peer->link());
    EXPECT_EQ(server.peer->link()->subscriptions.size(), 1U) << server.id;
  }

  // --- Clients

  void start(RandomClient& client) {
    ClientConfig config = client_config();
    config.open_every_service = schedule().chance(0.3);
    config.select = select_round_robin();
    config.initialize_timeout = seconds(5);
    config.capabilities.roots = true;
    client.sessions.clear();
    client.requests.clear();
    client.others.clear();
    client.peer = std::make_unique<ClientPeer>(
        world_, config, "client-" + std::to_string(100'000 + ++last_client_),
        [this, &client](const ClientAction& action) { on_event(client, action); });
    discover(client);
  }

  void on_event(RandomClient& client, const ClientAction& action) {
    if (const auto* done = std::get_if<CompleteCall>(&action)) {
      on_done(client, *done);
    } else if (const auto* opened = std::get_if<SessionOpened>(&action)) {
      if (opened->call != 0) expect_outcome(client, opened->call);
      EXPECT_TRUE(client.sessions.emplace(opened->session, opened->info).second);
    } else if (const auto* failed = std::get_if<OpenFailed>(&action)) {
      expect_outcome(client, failed->call);
    } else if (const auto* found = std::get_if<InstanceFound>(&action)) {
      expect_outcome(client, found->call);
    } else if (const auto* closed = std::get_if<SessionClosed>(&action)) {
      EXPECT_EQ(client.sessions.erase(closed->session), 1U);
      for (const auto& [token, asked] : client.requests) {
        EXPECT_NE(asked.session, closed->session) << "call " << token << " outlives its session";
      }
    } else if (const auto* run = std::get_if<RunRequest>(&action)) {
      on_question(client, *run);
    } else if (const auto* progressed = std::get_if<CallProgressed>(&action)) {
      EXPECT_TRUE(client.requests.contains(progressed->call));
    }
  }

  /// Answered at once, late or never.
  void on_question(RandomClient& client, const RunRequest& run) {
    if (schedule().chance(0.15)) return;
    const Duration time = schedule().up_to(schedule().chance(0.3) ? seconds(12) : seconds(1));
    client.peer->later(time, [&client, call = run.call] {
      client.peer->run([&](ClientEngine& engine, TimePoint now) {
        engine.answer(call, Json{{"roots", Json::array()}}, now);
      });
    });
  }

  static void expect_outcome(RandomClient& client, CallToken token) {
    EXPECT_EQ(client.others.erase(token), 1U) << "call " << token << " has two outcomes";
  }

  void on_done(RandomClient& client, const CompleteCall& done) {
    const auto request = client.requests.extract(done.call);
    if (request.empty()) return expect_outcome(client, done.call);
    if (!done.result) return;
    const Asked asked = request.mapped();
    if (asked.what == Asked::For::nothing) return;
    if (asked.what == Asked::For::task) return on_task(client, asked, *done.result);
    ++answers_;
    if (asked.what == Asked::For::result) ++results_;
    const Json echo = Json::parse((*done.result)["content"][0]["text"].get<std::string>());
    EXPECT_EQ(echo["call"], asked.call);
    const SessionInfo& session = client.sessions.at(asked.session);
    EXPECT_EQ(echo["server"], session.instance.server_id) << "an answer of another server";
    EXPECT_EQ(echo["client"], session.client_id) << "an answer to another client";
  }

  /// A task was made of a call: wait for its result, cancel it, or forget it.
  void on_task(RandomClient& client, const Asked& asked, const Json& created) {
    const Json params{{"taskId", created.at("task").at("taskId")}};
    for (const char* method : {"tasks/get", "tasks/result", "tasks/list", "tasks/cancel"}) {
      if (!schedule().chance(method == std::string("tasks/result") ? 0.8 : 0.2)) continue;
      const bool result = method == std::string("tasks/result");
      Asked again{asked.session, result ? Asked::For::result : Asked::For::nothing, asked.call};
      client.peer->later(schedule().up_to(seconds(3)), [this, &client, again, method, params] {
        if (client.sessions.contains(again.session)) request(client, again, method, params);
      });
    }
  }

  void discover(RandomClient& client) {
    const CallToken token = ++last_token_;
    client.others.insert(token);
    client.peer->run([&](ClientEngine& engine, TimePoint) {
      engine.discover(token, schedule().chance(0.5) ? "#" : "desk/+");
    });
  }

  void leave(RandomClient& client) {
    client.peer->run([](ClientEngine& engine, TimePoint now) { engine.leave(now); });
  }
  static void expect_left(const RandomClient& client) {
    EXPECT_TRUE(client.peer->left());
    EXPECT_EQ(client.peer->engine.session_count(), 0U);
    EXPECT_TRUE(client.sessions.empty());
    EXPECT_TRUE(client.requests.empty()) << "a request without an outcome";
    EXPECT_TRUE(client.others.empty()) << "a call without an outcome";
    EXPECT_FALSE(client.peer->engine.next_deadline());
  }

  // --- What happens

  void act() {
    RandomClient& client = clients_[schedule().below(clients_.size())];
    RandomServer& server = servers_[schedule().below(servers_.size())];
    const std::size_t dice = schedule().below(100);
    if (dice < 15) {
      open(client);
    } else if (dice < 65) {
      for (std::size_t i = schedule().below(6); i-- > 0;) call(client);
    } else if (dice < 72) {
      cancel(client);
    } else if (dice < 76) {
      close(client);
    } else if (dice < 80) {
      wait(client);
    } else if (dice < 82) {
      discover(client);
    } else if (dice < 88) {
      cut(client);
    } else if (dice < 92) {
      if (server.peer->link()) world_.broker.cut(LinkPtr(server.peer->link()));
    } else if (dice < 95) {
      crash(client);
    } else if (dice < 98) {
      restart(server, schedule().chance(0.5));
    }
  }

  void open(RandomClient& client) {
    auto request = ClientHarness::open_request(++last_token_);
    request.server_name_filter = schedule().chance(0.5) ? "desk/companion" : "+";
    request.select = schedule().chance(0.5) ? select_first() : select_round_robin();
    request.timeout = schedule().up_to(seconds(20));
    request.initialize_timeout = seconds(5);
    client.others.insert(request.call);
    client.peer->run([&](ClientEngine& engine, TimePoint now) { engine.open(request, now); });
  }
  void call(RandomClient& client) {
    if (client.sessions.empty()) return;
    const auto session = random_of(client.sessions).first;
    const CallToken token = last_token_ + 1;
    Asked asked{session, Asked::For::answer, token};
    Json params{{"name", "echo"}, {"arguments", {{"call", token}}}};
    if (schedule().chance(0.3)) {
      asked.what = Asked::For::task;
      params["task"] = {{"ttl", 1 + schedule().below(30'000)}};
    }
    request(client, asked, "tools/call", params);
  }
  void request(RandomClient& client, const Asked& asked, const std::string& method,
               const Json& params) {
    const CallToken token = ++last_token_;
    client.requests.emplace(token, asked);
    const RequestTiming timing{schedule().up_to(seconds(15)), schedule().chance(0.5), seconds(30)};
    client.peer->run([&](ClientEngine& engine, TimePoint now) {
      engine.request(asked.session, token, method, params, timing, schedule().chance(0.5), now);
    });
  }
  void cancel(RandomClient& client) {
    CallToken token = 0;
    if (!client.requests.empty()) {
      token = random_of(client.requests).first;
    } else if (!client.others.empty()) {
      token = *client.others.begin();
    } else {
      return;
    }
    client.peer->run([&](ClientEngine& engine, TimePoint now) { engine.cancel(token, "", now); });
    EXPECT_FALSE(client.requests.contains(token) || client.others.contains(token));
  }
  void close(RandomClient& client) {
    if (client.sessions.empty()) return;
    const auto session = random_of(client.sessions).first;
    client.peer->run([&](ClientEngine& engine, TimePoint now) { engine.close(session, now); });
  }
  void wait(RandomClient& client) {
    const CallToken token = ++last_token_;
    client.others.insert(token);
    client.peer->run([&](ClientEngine& engine, TimePoint now) {
      engine.wait_for_instance(token, "plant", schedule().up_to(seconds(10)), now);
    });
  }
  void cut(RandomClient& client) {
    const auto& links = client.peer->links();
    if (links.empty()) return;
    const LinkPtr link = random_of(links).second;
    if (link) world_.broker.cut(link);
  }
  /// The program is gone, and another one starts.
  void crash(RandomClient& client) {
    std::vector<LinkPtr> links;
    for (const auto& [number, link] : client.peer->links()) links.push_back(link);
    client.peer.reset();
    for (const LinkPtr& link : links) {
      if (link) silence_and_cut(link);
    }
    start(client);
  }
  void restart(RandomServer& server, bool gracefully) {
    if (gracefully) {
      server.peer->leave();
      world_.run_for(schedule().up_to(seconds(3)));
    }
    const LinkPtr link = server.peer->link();
    server.peer.reset();
    if (link) silence_and_cut(link);
    start(server);
  }
  void silence_and_cut(const LinkPtr& link) {
    link->on_lost = nullptr;
    link->on_message = nullptr;
    world_.broker.cut(link);
  }

  template <class Map>
  typename Map::value_type random_of(const Map& map) {
    return *std::next(map.begin(), static_cast<std::ptrdiff_t>(schedule().below(map.size())));
  }

  World world_;
  std::vector<RandomServer> servers_;
  std::vector<RandomClient> clients_;
  CallToken last_token_ = 0;
  int last_server_ = 0;
  int last_client_ = 0;
  std::set<CallToken> ran_;
  std::size_t answers_ = 0;
  std::size_t results_ = 0;
  std::size_t heard_ = 0;
};

}  // namespace mcp_mqtt::engine::test
