#include "restart.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <malloc.h>
#include <stdexcept>
#include <unordered_map>

#include "fleet_client.hpp"
#include "fleet_server.hpp"

namespace mcp_mqtt::simulation::scale {
namespace {

/// Until a connection counts as stable, and the next loss begins with the first delay.
constexpr seconds calm{60};
/// After the last came back: the second presence, and what is probed or dropped late.
constexpr seconds aftermath{15};

std::size_t heap_in_use() { return mallinfo2().uordblks; }

class Restart {
 public:
  explicit Restart(const Scenario& scenario) : scenario_(scenario), fleet_(scenario.seed) {
    fleet_.backoff = scenario.backoff;
    populate();
  }

  Outcome play();

 private:
  void populate();
  void run_for(Duration span);
  /// False: not within the time.
  template <class Condition>
  bool run_until(Condition done, Duration longest);
  bool all_announced() const;
  bool all_open() const;
  std::size_t session_count() const;
  std::size_t fullest() const;
  std::string service(std::size_t number) const { return fmt::format("plant/line-{:05}", number); }

  const Scenario& scenario_;
  Fleet fleet_;
  std::deque<FleetServer> servers_;
  std::deque<FleetClient> clients_;
  std::deque<FleetClient> watchers_;
  Outcome outcome_;
};

void Restart::populate() {
  const Population& population = scenario_.population;
  const std::size_t before = heap_in_use();
  for (std::size_t i = 0; i < population.servers; ++i) {
    engine::ServerConfig config;
    config.instance = {fmt::format("server-{:08}-{:012x}", i, fleet_.random.number() >> 16U),
                       service(i % population.services), "Moves and measures a line of the plant",
                       Json::object()};
    config.implementation = {"line", "1.0.0"};
    servers_.emplace_back(fleet_, config);
  }
  for (FleetServer& server : servers_) server.start();
  if (!run_until([this] { return all_announced(); }, seconds(60))) {
    throw std::runtime_error("the servers do not start");
  }
  const std::size_t with_servers = heap_in_use();

  engine::ClientConfig config;
  config.implementation = {"host", "1.0.0"};
  config.broker_queue = 0;  // the model itself tells what it drops
  for (std::size_t i = 0; i < population.clients; ++i) {
    clients_.emplace_back(fleet_, config,
                          fmt::format("client-{:08}-{:012x}", i, fleet_.random.number() >> 16U));
  }
  for (FleetClient& client : clients_) {
    client.start();
    const std::size_t first = fleet_.random.below(population.services);
    for (std::size_t i = 0; i < population.sessions; ++i) {
      // Spread, and no service twice.
      client.open(
          service((first + i * (population.services / population.sessions)) % population.services));
    }
  }
  const std::size_t wanted = population.clients * population.sessions;
  if (!run_until([&] { return session_count() == wanted; }, seconds(120))) {
    throw std::runtime_error("the sessions do not open");
  }
  if (population.servers != 0) {
    outcome_.bytes_per_server = (with_servers - before) / population.servers;
  }
  if (population.clients != 0) {
    outcome_.bytes_per_client = (heap_in_use() - with_servers) / population.clients;
  }
  for (std::size_t i = 0; i < population.watchers; ++i) {
    watchers_.emplace_back(fleet_, config,
                           fmt::format("watcher-{:07}-{:012x}", i, fleet_.random.number() >> 16U));
    watchers_.back().start();
    watchers_.back().discover("#");
  }
}

void Restart::run_for(Duration span) {
  const TimePoint end = fleet_.clock.now() + span;
  while (!fleet_.clock.empty() && fleet_.clock.next() <= end) fleet_.clock.run_next();
  fleet_.clock.skip_to(end);
}

template <class Condition>
bool Restart::run_until(Condition done, Duration longest) {
  const TimePoint end = fleet_.clock.now() + longest;
  while (!done()) {
    if (fleet_.clock.now() >= end) return false;
    run_for(milliseconds(100));
  }
  return true;
}

bool Restart::all_announced() const {
  return std::all_of(servers_.begin(), servers_.end(),
                     [](const FleetServer& server) { return server.announced().has_value(); });
}

bool Restart::all_open() const {
  return std::all_of(clients_.begin(), clients_.end(), [](const FleetClient& client) {
    const auto& sessions = client.sessions();
    return std::all_of(sessions.begin(), sessions.end(),
                       [](const auto& item) { return item.second.open; });
  });
}

std::size_t Restart::session_count() const {
  std::size_t count = 0;
  for (const FleetClient& client : clients_) count += client.sessions().size();
  return count;
}

std::size_t Restart::fullest() const {
  std::unordered_map<std::string, std::size_t> by_server;
  std::size_t most = 0;
  for (const FleetClient& client : clients_) {
    for (const auto& [number, session] : client.sessions()) {
      if (session.open) most = std::max(most, ++by_server[session.server_id]);
    }
  }
  return most;
}

Outcome Restart::play() {
  run_for(calm);
  const auto further = [this] {
    std::size_t count = 0;
    for (const FleetClient& client : clients_) count += client.further_connections();
    return count;
  };
  const std::size_t further_before = further();
  outcome_.sessions = session_count();
  outcome_.fullest_before = fullest();

  fleet_.broker.set_limits(scenario_.limits);
  const TimePoint begin = fleet_.clock.now();
  fleet_.broker.restart(scenario_.downtime, scenario_.keeps_retained, fleet_.random);
  run_until([this] { return all_announced() && all_open(); }, scenario_.patience);
  run_for(aftermath);

  outcome_.traffic = fleet_.broker.traffic();
  outcome_.account = fleet_.broker.account();
  outcome_.connect_attempts = fleet_.broker.connect_attempts();
  outcome_.connects_failed = fleet_.broker.connects_failed();
  outcome_.retained = fleet_.broker.retained();
  outcome_.fullest_after = fullest();
  outcome_.further_connections = further() - further_before;
  for (const FleetServer& server : servers_) {
    outcome_.sessions_at_servers += server.sessions();
    if (server.announced()) outcome_.announced.push_back(*server.announced() - begin);
  }
  for (const FleetClient& client : clients_) {
    outcome_.failures += client.failures();
    for (const auto& [number, session] : client.sessions()) {
      if (session.open) outcome_.reopened.push_back(session.since - begin);
    }
  }
  for (const FleetClient& watcher : watchers_) {
    outcome_.to_watchers += fleet_.broker.delivered_to(watcher.link());
  }
  if (!watchers_.empty()) outcome_.watcher_knows = watchers_.front().known();
  std::sort(outcome_.announced.begin(), outcome_.announced.end());
  std::sort(outcome_.reopened.begin(), outcome_.reopened.end());
  return std::move(outcome_);
}

}  // namespace

Duration Outcome::whole() const {
  Duration last{};
  if (!announced.empty()) last = std::max(last, announced.back());
  if (!reopened.empty()) last = std::max(last, reopened.back());
  return last;
}

Outcome play(const Scenario& scenario) { return Restart(scenario).play(); }

}  // namespace mcp_mqtt::simulation::scale
