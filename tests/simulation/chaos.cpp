#include "chaos.hpp"

namespace mcp_mqtt::simulation {
namespace {

constexpr int taken_over = 0x8E;
constexpr int quota_exceeded = 0x97;
constexpr Duration broker_patience = seconds(45);

}  // namespace

Chaos::Chaos(World& world) : world_(world), stage_(world.stage), random_(world.stage.random) {
  choose_faults();
  seat_everybody();
}

void Chaos::choose_faults() {
  Faults& faults = stage_.network.faults;
  constexpr milliseconds delays[] = {milliseconds(1), milliseconds(20), milliseconds(150),
                                     milliseconds(600)};
  faults.max_delay = delays[random_.below(4)];
  faults.slow = random_.chance(0.3) ? 0.02 : 0;
  faults.max_slow = seconds(3);
  faults.duplicates = random_.chance(0.4) ? 0.15 : 0;
  faults.lost_connects = random_.chance(0.3) ? 0.2 : 0;
  faults.refused_connects = random_.chance(0.3) ? 0.2 : 0;
  constexpr double rates[] = {0.02, 0.1, 0.3};
  fault_rate_ = rates[random_.below(3)];
  stage_.backoff.initial = milliseconds(500);
  stage_.backoff.maximum = seconds(8);
  stage_.backoff.retry_first = random_.chance(0.5);
}

void Chaos::seat_everybody() {
  constexpr ChangeRoute routes[] = {ChangeRoute::per_session, ChangeRoute::capability_topic,
                                    ChangeRoute::both};
  const std::size_t servers = 3 + random_.below(3);
  world_.servers.resize(servers);
  for (std::size_t i = 0; i < servers; ++i) {
    ServerSeat& seat = world_.servers[i];
    seat.server_id = world_.fresh_id("s");
    seat.server_name = services[i % 3 == 2 ? 1 : 0];
    seat.updates = routes[random_.below(3)];
    if (random_.chance(0.05)) stage_.network.suggested_names[seat.server_id] = services[1];
    world_.start(seat);
  }
  const std::size_t dice = random_.below(100);
  const std::size_t clients = dice < 80   ? 2 + random_.below(6)
                              : dice < 96 ? 5 + random_.below(12)
                                          : 20 + random_.below(31);
  world_.clients.resize(clients);
  for (std::size_t i = 0; i < clients; ++i) {
    ClientSeat& seat = world_.clients[i];
    seat.label = fmt::format("c{}", i + 1);
    seat.client_id = world_.fresh_id("client");
    seat.config.implementation = {"host", "1.0.0"};
    seat.config.capabilities.roots = true;
    seat.config.fixed_client_id = random_.chance(0.25);
    seat.config.open_every_service = random_.chance(0.2);
    seat.config.select = select_round_robin();
    seat.config.initialize_timeout = seconds(5);
    seat.config.avoid_for = seconds(20);
    world_.start(seat);
    if (random_.chance(0.7)) seat.node->discover(random_.chance(0.7) ? "#" : services[0]);
  }
  acts_ = 60 + 8 * clients;
  longest_pause_ = std::chrono::duration_cast<Duration>(seconds(120)) / static_cast<int>(acts_);
}

void Chaos::rage() {
  for (std::size_t i = 0; i < acts_ && !world_.broken(); ++i) {
    world_.run_for(random_.up_to(2 * longest_pause_));
    fill_empty_seats();
    if (!world_.broken()) act();
  }
}

/// A process that ended, or that never got a connection, is started again by somebody.
void Chaos::fill_empty_seats() {
  for (ServerSeat& seat : world_.servers) {
    const bool over = seat.node && (seat.node->stopped() || seat.node->gave_up());
    if (over || (!seat.node && random_.chance(0.2))) world_.start(seat);
  }
  for (ClientSeat& seat : world_.clients) {
    const bool over = seat.node && (seat.node->stopped() || seat.node->gave_up());
    if (over || (!seat.node && random_.chance(0.2))) world_.start(seat);
  }
}

void Chaos::calm_down() {
  stage_.network.start_broker();
  stage_.network.faults = {};
  stage_.network.faults.max_delay = milliseconds(5);
  stage_.unruly_handlers = false;
  stage_.trace("world", [] { return "faults stop"; });
  for (int i = 0; i < 20 && !world_.broken(); ++i) {
    world_.run_for(seconds(8));
    for (ServerSeat& seat : world_.servers) {
      if (!seat.node || seat.node->stopped() || seat.node->gave_up()) world_.start(seat);
    }
    for (ClientSeat& seat : world_.clients) {
      if (!seat.node || seat.node->stopped() || seat.node->gave_up()) world_.start(seat);
    }
  }
}

// --- What happens

void Chaos::act() {
  if (random_.chance(fault_rate_)) {
    ++faults_;
    fault(static_cast<double>(random_.below(100)));
  } else if (random_.chance(0.12)) {
    server_acts(static_cast<double>(random_.below(100)));
  } else {
    host_acts(static_cast<double>(random_.below(100)));
  }
}

ClientNode* Chaos::some_client() {
  ClientSeat& seat = random_.pick(world_.clients);
  return seat.node && !seat.node->stopping() ? seat.node.get() : nullptr;
}

ServerNode* Chaos::some_server() {
  ServerSeat& seat = random_.pick(world_.servers);
  return seat.node && !seat.node->stopping() ? seat.node.get() : nullptr;
}

void Chaos::host_acts(double dice) {
  ClientNode* client = some_client();
  if (client == nullptr) return;
  if (dice < 18 || client->sessions().empty()) return open(*client);
  const SessionNumber session = random_.pick(client->sessions()).first;
  if (dice < 64) {
    for (std::size_t i = 1 + random_.below(5); i > 0 && client->sessions().size() > 0; --i) {
      call(*client);
    }
  } else if (dice < 70) {
    client->request(session, random_.chance(0.5) ? "ping" : "tools/list",
                    milliseconds(1) + random_.up_to(seconds(8)));
  } else if (dice < 78) {
    cancel(*client);
  } else if (dice < 82) {
    client->close(session);
    if (random_.chance(0.5)) open(*client);  // what was under way may still arrive
  } else if (dice < 84) {
    client->wait(services[random_.below(2)], random_.up_to(seconds(10)));
  } else if (dice < 86) {
    client->discover(random_.chance(0.5) ? "+" : "desk/+");
  } else if (dice < 95) {
    client->subscribe(session, milliseconds(1) + random_.up_to(seconds(8)));
  } else if (!client->subscriptions().empty()) {
    client->unsubscribe(random_.pick(client->subscriptions()).first);
  }
}

void Chaos::server_acts(double dice) {
  ServerNode* server = some_server();
  if (server == nullptr) return;
  if (dice < 70) {
    server->update_resource();
    // The next ones while the broker has not taken the first.
    for (std::size_t i = random_.below(3); i > 0 && !server->stopping(); --i) {
      world_.run_for(milliseconds(1) + random_.up_to(stage_.network.faults.max_delay / 2));
      server->update_resource();
      server->change_tools();
    }
  } else if (dice < 90) {
    server->change_tools();
  } else {
    server->disconnect_somebody();
  }
}

void Chaos::open(ClientNode& client) {
  engine::OpenRequest request;
  request.server_name_filter = random_.chance(0.8) ? services[random_.below(2)] : "#";
  request.select = random_.chance(0.5) ? select_first() : select_round_robin();
  request.timeout = milliseconds(1) + random_.up_to(seconds(20));
  request.initialize_timeout = milliseconds(200) + random_.up_to(seconds(6));
  constexpr Reopen reopen[] = {Reopen::never, Reopen::after_connection_loss, Reopen::always};
  request.reopen = reopen[random_.below(3)];
  if (random_.chance(0.2)) request.reopen_timeout = random_.up_to(seconds(30));
  if (random_.chance(0.2)) request.health_check = seconds(2) + random_.up_to(seconds(20));
  if (random_.chance(0.1)) {
    request.server_id = random_.pick(world_.servers).server_id;
    request.reopen = Reopen::never;  // that one may never come back
  }
  if (client.fixed_client_id() && random_.chance(0.3)) {
    // A handshake given up, and the next one on the same topic at once.
    request.timeout = milliseconds(1) + random_.up_to(3 * stage_.network.faults.max_delay);
    const engine::OpenRequest again = request;
    const Duration late = request.timeout + milliseconds(5);
    client.open(std::move(request));
    world_.run_for(late);
    if (client.stopping() || world_.broken()) return;
    request = again;
    request.timeout = seconds(10);
  }
  client.open(std::move(request));
}

void Chaos::call(ClientNode& client) {
  engine::RequestTiming timing;
  timing.timeout = milliseconds(1) + random_.up_to(seconds(15));
  timing.reset_on_progress = random_.chance(0.3);
  timing.idempotent = random_.chance(0.25);
  timing.total_timeout = timing.timeout + seconds(10);
  if (!timing.reset_on_progress && random_.chance(0.8)) timing.total_timeout.reset();
  client.call(random_.pick(client.sessions()).first, timing, random_.chance(0.5));
}

void Chaos::cancel(ClientNode& client) {
  if (!client.waiting().empty()) client.cancel(random_.pick(client.waiting()));
}

// --- What goes wrong

std::optional<Duration> Chaos::notice() {
  if (random_.chance(0.7)) return std::nullopt;  // the system closes the socket
  return random_.up_to(broker_patience);
}

void Chaos::fault(double dice) {
  if (dice < 52) {
    break_link(static_cast<double>(random_.below(100)));
  } else if (dice < 66) {
    kill_server(random_.pick(world_.servers));
  } else if (dice < 78) {
    stop_server(random_.pick(world_.servers));
  } else if (dice < 88) {
    kill_client(random_.pick(world_.clients));
  } else if (dice < 93) {
    if (ClientNode* client = some_client()) client->stop();
  } else if (stage_.network.broker_up()) {
    stage_.network.crash_broker(random_.chance(0.5));
    const Duration time = random_.up_to(random_.chance(0.5) ? milliseconds(300) : seconds(10));
    stage_.clock.in(time, [this] { stage_.network.start_broker(); });
  }
}

void Chaos::break_link(double dice) {
  auto links = stage_.network.links();
  if (links.empty()) return;
  const LinkPtr link = random_.pick(links);
  if (dice < 45) {
    stage_.network.cut(link);
  } else if (dice < 65) {
    stage_.network.kick(link, random_.chance(0.5) ? taken_over : quota_exceeded);
  } else if (dice < 80) {
    stage_.network.half_open(link);
  } else {
    stage_.network.stall(link, random_.up_to(seconds(6)));
  }
}

void Chaos::kill_server(ServerSeat& seat) {
  if (!seat.node) return;
  World::kill(seat, notice());
  if (random_.chance(0.4)) seat.server_id = world_.fresh_id("s");
  if (random_.chance(0.4)) world_.start(seat);  // perhaps before the broker noticed
}

void Chaos::stop_server(ServerSeat& seat) {
  if (seat.node) seat.node->stop();
}

void Chaos::kill_client(ClientSeat& seat) {
  if (!seat.node) return;
  World::kill(seat, notice());
  if (random_.chance(0.7)) seat.client_id = world_.fresh_id("client");
  if (random_.chance(0.4)) world_.start(seat);
}

}  // namespace mcp_mqtt::simulation
