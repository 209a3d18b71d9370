#include "world.hpp"

namespace mcp_mqtt::simulation {
namespace {

/// Steps of one moment beyond which nothing but a circle can be meant.
constexpr std::size_t max_steps_at_once = 200'000;
/// Calls of one connection without an outcome.
constexpr std::size_t max_pending = 2'000;

}  // namespace

World::World(std::uint64_t seed, Trace::Mode mode) : stage(seed, mode) {}

std::string World::fresh_id(const std::string& kind) {
  return fmt::format("{}-{:06}", kind, ++last_id_);
}

void World::start(ServerSeat& seat) {
  engine::ServerConfig config;
  config.instance = {seat.server_id, seat.server_name, "", Json::object()};
  config.implementation = {"server", "1.0.0"};
  config.max_requests_per_session = 6;
  config.max_asks_per_session = 2;
  config.resource_updates = seat.updates;
  config.list_changes = seat.updates;
  seat.node = std::make_unique<ServerNode>(
      stage, fmt::format("{}.{}", seat.server_id, ++seat.processes), config);
}

void World::start(ClientSeat& seat) {
  seat.node = std::make_unique<ClientNode>(
      stage, fmt::format("{}.{}", seat.label, ++seat.processes), seat.config, seat.client_id);
}

void World::kill(ServerSeat& seat, std::optional<Duration> notice) {
  seat.node->crash(notice);
  seat.node.reset();
}

void World::kill(ClientSeat& seat, std::optional<Duration> notice) {
  seat.node->crash(notice);
  seat.node.reset();
}

void World::run_for(Duration span) {
  VirtualClock& clock = stage.clock;
  const TimePoint end = clock.now() + span;
  TimePoint moment = clock.now();
  std::size_t at_once = 0;
  while (!broken() && !clock.empty() && clock.next() <= end) {
    clock.run_next();
    ++steps_;
    stage.history.check_time(clock.now(), stage.lateness);
    if (clock.now() != moment) {
      moment = clock.now();
      at_once = 0;
      check_load();
    } else if (++at_once > max_steps_at_once) {
      stage.history.broken("time stands still: the engines never come to rest");
    }
  }
  if (!broken()) clock.skip_to(end);
}

void World::check_load() {
  for (const ServerSeat& seat : servers) {
    if (seat.node && seat.node->connection().pending() > max_pending) {
      stage.history.broken(seat.node->name() + " has too much under way");
    }
  }
  for (const ClientSeat& seat : clients) {
    if (!seat.node) continue;
    for (const auto& [number, connection] : seat.node->connections()) {
      if (connection->pending() > max_pending) {
        stage.history.broken(seat.node->name() + " has too much under way");
      }
    }
  }
}

}  // namespace mcp_mqtt::simulation
