#include <atomic>
#include <condition_variable>
#include <iostream>
#include <memory>
#include <thread>

#include "fault/host.hpp"
#include "fault/peer_process.hpp"
#include "fault/site.hpp"

// The broker dies, under load, and comes back without a memory, or with one that is out of date.
namespace mcp_mqtt::test {
namespace {

/// How many answers each of several hosts has had, to wait for.
class AnswerCounts {
 public:
  explicit AnswerCounts(std::size_t hosts) : counts_(hosts) {}

  void add(std::size_t host) {
    const std::lock_guard lock(mutex_);
    ++counts_[host];
    changed_.notify_all();
  }
  /// Waits until every host has had `more` answers from now on.
  bool wait_for_more(std::size_t more) {
    std::unique_lock lock(mutex_);
    std::vector<std::size_t> wanted = counts_;
    for (std::size_t& count : wanted) count += more;
    return changed_.wait_for(lock, 6 * patience, [&] {
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (counts_[i] < wanted[i]) return false;
      }
      return true;
    });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> counts_;
};

/// Five servers and ten clients that call all the time.
class Traffic {
 public:
  static constexpr std::size_t server_count = 5;
  static constexpr std::size_t client_count = 10;

  explicit Traffic(const std::string& url) : counts_(client_count) {
    for (std::size_t i = 0; i < server_count; ++i) {
      ServerOptions options{.name = fault_service};
      options.server_id = "desk-" + std::to_string(i);
      options.connection = quick_connection(mqtt::TransportKind::mosquitto);
      options.worker_threads = 2;
      servers_.push_back(std::make_unique<McpServer>(options));
      add_work(*servers_.back(), ledger_);
      servers_.back()->start(url);
    }
    for (std::size_t i = 0; i < client_count; ++i) {
      ClientOptions options{.name = "host"};
      options.connection = quick_connection(mqtt::TransportKind::mosquitto);
      options.worker_threads = 1;
      clients_.push_back(std::make_unique<McpClient>(options));
      clients_.back()->connect(url);
    }
    for (std::size_t i = 0; i < client_count; ++i) {
      hosts_.emplace_back([this, i](const std::stop_token& stop) { keep_calling(i, stop); });
    }
  }

  /// Ends the calls; each has its outcome then.
  void stop() {
    for (std::jthread& host : hosts_) host.request_stop();
    hosts_.clear();
    EXPECT_TRUE(ledger_.wait_until_settled());
    EXPECT_EQ(sessions_opened_, client_count) << "a session was not kept";
    for (const auto& client : clients_) client->stop();
    for (const auto& server : servers_) server->stop();
  }

  AnswerCounts& counts() { return counts_; }
  const CallLedger& ledger() const { return ledger_; }

 private:
  void keep_calling(std::size_t number, const std::stop_token& stop) {
    constexpr std::size_t at_once = 4;
    Host host(*clients_[number], fault_service, ledger_);
    while (!stop.stop_requested()) {
      if (!host.ensure_open()) continue;
      const EventLog<bool> ended;
      for (std::size_t i = 0; i < at_once; ++i) {
        ledger_.make(host.session(), "work", {.timeout = 10s},
                     [this, number, ended](const Result<CallToolResult>& outcome) {
                       if (outcome) counts_.add(number);
                       ended.push(outcome.has_value());
                     });
      }
      EXPECT_TRUE(ended.wait_for_count(at_once, 2 * patience)) << "a call hangs";
    }
    sessions_opened_ += host.opened();
  }

  CallLedger ledger_;
  AnswerCounts counts_;
  std::atomic<std::size_t> sessions_opened_ = 0;
  std::vector<std::unique_ptr<McpServer>> servers_;
  std::vector<std::unique_ptr<McpClient>> clients_;
  std::vector<std::jthread> hosts_;
};

/// What a client that comes now finds.
void expect_all_present(const std::string& url) {
  ClientOptions options{.name = "observer"};
  options.connection = quick_connection(mqtt::TransportKind::mosquitto);
  options.filters = {"#"};
  McpClient observer(options);
  const EventLog<std::string> online;
  observer.on_server_discovered([=](const ServerInstance& one) { online.push(one.server_id); });
  observer.connect(url);
  EXPECT_TRUE(online.wait_for_count(Traffic::server_count)) << "not all servers are present again";
}

class BrokerRestarts : public FaultSite {};

TEST_F(BrokerRestarts, EverybodyIsBackAndNoCallIsLost) {
  const std::size_t rounds = long_run() ? 20 : 3;
  MosquittoBroker broker;
  Traffic traffic(broker.url());
  ASSERT_TRUE(traffic.counts().wait_for_more(5)) << "before the first restart";
  for (std::size_t round = 1; round <= rounds; ++round) {
    SCOPED_TRACE("restart " + std::to_string(round));
    broker.kill();
    broker.restart();
    expect_all_present(broker.url());
    ASSERT_TRUE(traffic.counts().wait_for_more(5)) << "a client is not back";
  }
  traffic.stop();
  traffic.ledger().expect_sound();
  std::cout << "reliability: broker_restarts=" << rounds << " " << traffic.ledger().figures()
            << std::endl;
}

// A server that died while the broker was down has a presence that nobody clears.
TEST_F(BrokerRestarts, GhostsInItsMemoryAreSurvived) {
  MosquittoOptions memory;
  memory.persistence = true;
  memory.lines = {"autosave_on_changes true", "autosave_interval 1"};
  MosquittoBroker broker(memory);
  ServerProcess dying(broker.url(), fault_service, "a-ghost");
  CallLedger ledger;
  ServerOptions options{.name = fault_service};
  options.server_id = "b-alive";
  options.connection = quick_connection(mqtt::TransportKind::mosquitto);
  McpServer alive(options);
  add_work(alive, ledger);
  alive.start(broker.url());

  broker.kill();
  dying.kill();
  broker.restart();
  ClientOptions client_options{.name = "host"};
  client_options.connection = quick_connection(mqtt::TransportKind::mosquitto);
  client_options.filters = {"#"};
  McpClient client(client_options);
  const EventLog<std::string> online;
  client.on_server_discovered([=](const ServerInstance& one) { online.push(one.server_id); });
  client.connect(broker.url());
  ASSERT_TRUE(online.wait_for_count(2)) << "the ghost and the living";

  const auto begin = std::chrono::steady_clock::now();
  const auto session = client.open(
      fault_service, {.timeout = patience, .initialize_timeout = 3s, .select = select_first()});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(session.instance().server_id, "b-alive");
  const Outcome<CallToolResult> outcome;
  ledger.make(session, "work", {}, outcome.callback());
  EXPECT_TRUE(succeeded(outcome.wait()));
  // The ghost is left alone for a while.
  const auto again = std::chrono::steady_clock::now();
  client.open(fault_service,
              {.timeout = patience, .initialize_timeout = 3s, .select = select_first()});
  const std::chrono::duration<double> second = std::chrono::steady_clock::now() - again;
  std::cout << "reliability: ghost_presence first_open_s=" << took.count()
            << " second_open_s=" << second.count() << " initialize_timeout_s=3" << std::endl;
}

}  // namespace
}  // namespace mcp_mqtt::test
