#include "invariants.hpp"

#include <algorithm>

#include "chaos.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt::simulation {
namespace {

using Sessions = std::multiset<std::pair<std::string, std::string>>;  // server-id, client id

std::string lines(const Sessions& sessions) {
  std::string text;
  for (const auto& [server, client] : sessions) text += " " + server + "/" + client;
  return text;
}

}  // namespace

void Invariants::expect(bool kept, const std::string& what) {
  if (!kept) history_.broken("at rest: " + what);
}

ServerNode* Invariants::server_of(const ServerInstance& instance) const {
  for (const ServerSeat& seat : world_.servers) {
    if (seat.node && seat.node->engine().instance().server_id == instance.server_id &&
        seat.node->engine().instance().server_name == instance.server_name) {
      return seat.node.get();
    }
  }
  return nullptr;
}

/// Presence that nobody can clear is left on the broker: clients try it now and then.
bool Invariants::haunted() const {
  const auto topics = world_.stage.network.retained();
  return std::any_of(topics.begin(), topics.end(), [&](const std::string& topic) {
    return world_.stage.network.orphaned(topic);
  });
}

// --- At rest

void Invariants::await_silence() {
  const auto silent = [&] {
    return std::all_of(
               world_.servers.begin(), world_.servers.end(),
               [](const ServerSeat& seat) { return seat.node->connection().pending() == 0; }) &&
           std::all_of(world_.clients.begin(), world_.clients.end(), [](const ClientSeat& seat) {
             const auto& connections = seat.node->connections();
             return std::all_of(connections.begin(), connections.end(),
                                [](const auto& item) { return item.second->pending() == 0; });
           });
  };
  for (int i = 0; i < 200 && !silent() && !world_.broken(); ++i) world_.run_for(milliseconds(15));
}

void Invariants::check_rest() {
  await_silence();
  if (world_.broken()) return;
  expect(history_.waiting() == 0, "no outcome: " + history_.oldest());
  for (const ServerSeat& seat : world_.servers) check_server(*seat.node);
  check_presence();
  for (const ClientSeat& seat : world_.clients) check_client(*seat.node);
  check_sessions();
  check_heard();
}

void Invariants::check_server(const ServerNode& server) {
  const engine::ServerEngine& engine = server.engine();
  const std::string& name = server.name();
  expect(server.connection().up() && engine.online(), name + " is not online");
  expect(engine.session_count() == engine.clients().size(),
         name + " holds sessions that never were finished");
  expect(server.runs() == 0 && engine.run_count() == 0, name + " holds handler runs");
  expect(server.questions() == 0, name + " holds requests to clients");
  expect(engine.ticket_count() == 0, name + " holds tickets");
  expect(!engine.next_deadline(), name + " waits for something");
  expect(server.connection().pending() == 0, name + " holds calls of its connection");
  expect(server.connection().subscriptions() == 1 + 3 * engine.session_count(),
         fmt::format("{} has {} subscriptions and {} sessions", name,
                     server.connection().subscriptions(), engine.session_count()));
}

void Invariants::check_client(const ClientNode& client) {
  const engine::ClientEngine& engine = client.engine();
  const std::string& name = client.name();
  expect(client.up(), name + " is not connected");
  check_registry(client);
  bool checks_health = false;
  bool suspended = false;
  for (const auto& [number, session] : client.sessions()) {
    checks_health = checks_health || session.health_check;
    suspended = suspended || session.suspended;
  }
  // With a fixed id it may have one session with each instance only.
  expect(!suspended || client.fixed_client_id(), name + " has a session that does not open again");
  if (!haunted() && !suspended) {
    expect(engine.opening_count() == 0, name + " still opens a session");
    expect(engine.session_count() == client.sessions().size(), name + " holds unknown sessions");
    expect(checks_health || !engine.next_deadline(), name + " waits for something");
    std::size_t subscriptions = 0;
    for (const auto& [number, connection] : client.connections()) {
      subscriptions += connection->subscriptions();
    }
    const std::size_t filters = engine.discovery().filters().size();
    expect(subscriptions == filters + 2 * client.sessions().size(),
           fmt::format("{} has {} subscriptions, {} filters and {} sessions", name, subscriptions,
                       filters, client.sessions().size()));
    expect(engine.ticket_count() == 0, name + " holds tickets");
  }
  expect(engine.run_count() == 0 && client.runs() == 0, name + " holds handler runs");
  expect(engine.connection_count() == client.connections().size(),
         name + " and its runtime differ in their connections");
  std::set<std::string> in_use;
  for (const auto& [number, session] : client.sessions()) in_use.insert(session.info.client_id);
  expect(haunted() || engine.connection_count() <= 1 + in_use.size(),
         name + " holds connections that nobody uses");
}

/// Who is there is present, and nobody else.
void Invariants::check_presence() {
  std::set<std::string> live;
  for (const ServerSeat& seat : world_.servers) {
    const ServerInstance& instance = seat.node->engine().instance();
    live.insert(wire::server_presence_topic(instance.server_id, instance.server_name));
  }
  const auto retained = world_.stage.network.retained();
  for (const std::string& topic : live) {
    expect(retained.contains(topic), "a server is there and not present: " + topic);
  }
  for (const std::string& topic : retained) {
    expect(live.contains(topic) || world_.stage.network.orphaned(topic), "a ghost: " + topic);
  }
}

/// A client knows the servers that the broker knows, as far as it looks for them.
void Invariants::check_registry(const ClientNode& client) {
  const auto& registry = client.engine().discovery().registry();
  std::set<std::pair<std::string, std::string>> known;
  for (const ServerInstance& instance : registry.instances("#")) {
    known.emplace(instance.server_id, instance.server_name);
  }
  expect(known == client.instances(), client.name() + " was told of other servers than it knows");
  std::set<std::pair<std::string, std::string>> present;
  for (const std::string& topic : world_.stage.network.retained()) {
    const auto parsed = wire::parse_topic(topic);
    const auto* presence = std::get_if<wire::ServerPresenceTopic>(&parsed);
    if (presence == nullptr) continue;
    const bool wanted = std::any_of(client.filters().begin(), client.filters().end(),
                                    [&](const std::string& filter) {
                                      return wire::filter_matches(filter, presence->server_name);
                                    });
    if (wanted) present.emplace(presence->server_id, presence->server_name);
  }
  for (const auto& one : present) {
    expect(known.contains(one), client.name() + " does not know " + one.first);
  }
  for (const auto& one : known) {
    expect(present.contains(one), client.name() + " sees a ghost: " + one.first);
  }
}

void Invariants::check_sessions() {
  Sessions of_clients;
  Sessions of_servers;
  for (const ClientSeat& seat : world_.clients) {
    for (const auto& [number, session] : seat.node->sessions()) {
      if (session.suspended) continue;
      of_clients.emplace(session.info.instance.server_id, session.info.client_id);
    }
  }
  for (const ServerSeat& seat : world_.servers) {
    for (const ClientInfo& client : seat.node->engine().clients()) {
      of_servers.emplace(seat.node->id(), client.client_id);
    }
  }
  expect(of_clients == of_servers, "the sessions of the clients are" + lines(of_clients) +
                                       ", those of the servers" + lines(of_servers));
}

/// The last change of a resource and of a list reached whom it concerns.
void Invariants::check_heard() {
  for (const ClientSeat& seat : world_.clients) {
    for (const auto& [number, session] : seat.node->sessions()) {
      if (!session.suspended) check_heard(*seat.node, number, session);
    }
  }
}

void Invariants::check_heard(const ClientNode& client, SessionNumber number,
                             const ClientNode::Session& session) {
  const ServerNode* server = server_of(session.info.instance);
  if (server == nullptr) return expect(false, "a session with a server that is not there");
  const Deadline live = server->live_since(session.info.client_id);
  if (live && server->last_change() >= *live) {
    expect(session.heard_change >= server->last_change(),
           client.name() + " did not hear the last change of the tools of " + server->name());
  }
  const Deadline watched = server->watched_since(session.info.client_id);
  const auto hearers = client.engine().subscribers(number, watched_uri);
  for (const engine::SubscriptionNumber hearer : hearers) {
    const auto& subscription = client.subscriptions().at(hearer);
    expect(watched.has_value(),
           server->name() + " does not know the subscription of " + client.name());
    if (!watched || server->last_update() < *watched) continue;
    expect(subscription.heard >= server->last_update(),
           client.name() + " did not hear the last update of " + server->name());
  }
  for (const auto& [subscription, made] : client.subscriptions()) {
    if (made.session != number || !made.established) continue;
    const bool heard =
        std::any_of(client.sessions().begin(), client.sessions().end(),
                    [&, wanted = subscription](const auto& item) {
                      const auto numbers = client.engine().subscribers(item.first, watched_uri);
                      return std::find(numbers.begin(), numbers.end(), wanted) != numbers.end();
                    });
    expect(heard, fmt::format("subscription {} of {} did not come back with its session",
                              subscription, client.name()));
  }
  if (!watched || !hearers.empty()) return;
  // What the host gave up waiting for may have come about all the same.
  bool given_up = false;
  for (CallToken token = 1; !given_up && history_.knows(token); ++token) {
    const Asked& asked = history_.at(token);
    given_up =
        asked.what == Asked::What::subscribe && asked.who == client.name() && !asked.answered;
  }
  expect(given_up, server->name() + " tells " + client.name() + " what it does not want to hear");
}

// --- In use

void Invariants::check_use() {
  for (const ServerSeat& seat : world_.servers) {
    if (world_.broken()) return;
    seat.node->update_resource();
    seat.node->change_tools();
    world_.run_for(seconds(1));
    check_heard();
  }
  use_sessions();
  open_sessions();
  use_sessions();
  if (!world_.broken()) world_.run_for(seconds(30));
}

void Invariants::use_sessions() {
  if (world_.broken()) return;
  std::vector<CallToken> calls;
  for (const ClientSeat& seat : world_.clients) {
    for (const auto& [number, session] : seat.node->sessions()) {
      if (session.suspended) continue;
      calls.push_back(seat.node->call(number, {seconds(5), false, {}}, true));
      if (world_.broken()) return;
    }
  }
  world_.run_for(seconds(6));
  for (const CallToken call : calls) {
    expect(history_.at(call).answered,
           fmt::format("call {} of {} in session {} is not answered: the session is of no use",
                       call, history_.at(call).who, history_.at(call).session));
  }
}

/// Each service that is there can be opened.
void Invariants::open_sessions() {
  if (world_.broken()) return;
  std::vector<CallToken> opens;
  std::set<std::string> names;
  for (const ServerSeat& seat : world_.servers) {
    names.insert(seat.node->engine().instance().server_name);
  }
  for (const ClientSeat& seat : world_.clients) {
    const bool second = seat.config.fixed_client_id && !seat.node->sessions().empty();
    if (second) continue;  // it may have one session with each instance only
    for (const std::string& name : names) {
      engine::OpenRequest request;
      request.server_name_filter = name;
      request.select = select_round_robin();
      request.timeout = seconds(60);
      request.initialize_timeout = seconds(5);
      opens.push_back(seat.node->open(std::move(request)));
    }
  }
  world_.run_for(seconds(61));
  for (const CallToken open : opens) {
    expect(history_.at(open).answered,
           fmt::format("open {} of {} fails", open, history_.at(open).who));
  }
}

// --- The end

void Invariants::check_farewell() {
  if (world_.broken()) return;
  for (const ClientSeat& seat : world_.clients) seat.node->stop();
  world_.run_for(seconds(10));
  for (const ClientSeat& seat : world_.clients) {
    expect(seat.node->stopped(), seat.node->name() + " does not stop");
    expect(seat.node->sessions().empty() && seat.node->engine().session_count() == 0,
           seat.node->name() + " stopped with sessions");
    expect(!seat.node->engine().next_deadline(), seat.node->name() + " stopped and waits");
  }
  for (const ServerSeat& seat : world_.servers) {
    if (world_.broken()) return;
    check_server(*seat.node);
    expect(seat.node->engine().session_count() == 0,
           seat.node->name() + " holds a session of a client that left");
  }
  for (const ServerSeat& seat : world_.servers) seat.node->stop();
  world_.run_for(seconds(10));
  for (const ServerSeat& seat : world_.servers) {
    expect(seat.node->stopped(), seat.node->name() + " does not stop");
  }
  for (const std::string& topic : world_.stage.network.retained()) {
    expect(world_.stage.network.orphaned(topic), "presence of a server that left: " + topic);
  }
  expect(world_.stage.network.connections() == 0, "connections are left at the broker");
}

}  // namespace mcp_mqtt::simulation
