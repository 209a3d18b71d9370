#include "network.hpp"

#include <utility>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::simulation {
namespace {

constexpr int server_unavailable = 0x88;
constexpr Duration keep_alive = seconds(30);

Error lost(std::string message) {
  return {ErrorKind::connection_lost, 0, std::move(message), nullptr};
}

/// MQTT never repeats a message within a connection, but bridges and overlapping subscriptions do.
/// Not requests: JSON-RPC has no answer to a request that comes twice.
bool may_repeat(const mqtt::Message& message) {
  if (message.topic.rfind("$mcp-rpc/", 0) != 0) return true;
  const Json body = Json::parse(message.payload, nullptr, false);
  return !(body.is_object() && body.contains("id") && body.contains("method"));
}

}  // namespace

Network::Network(VirtualClock& clock, Random& random, Trace& trace)
    : clock_(clock), random_(random), trace_(trace) {
  start_broker();
}

// --- Packets

Duration Network::delay() {
  if (random_.chance(faults.slow)) return random_.up_to(faults.max_slow);
  return random_.up_to(faults.max_delay);
}

void Network::travel(const LinkPtr& link, TimePoint& free, std::function<void()> arrive) {
  if (link->severed) return;
  free = std::max(free, clock_.now() + delay());
  clock_.at(free, [link, arrive = std::move(arrive)] {
    if (!link->severed) arrive();
  });
}

void Network::up(const LinkPtr& link, std::function<void()> arrive) {
  travel(link, link->up_free, [this, link, arrive = std::move(arrive)] {
    arrive();
    settle();
  });
}

void Network::down(const LinkPtr& link, std::function<void()> arrive) {
  travel(link, link->down_free, [link, arrive = std::move(arrive)] {
    if (!link->over) arrive();
  });
}

/// The broker is as fast as can be: all the time that passes, passes on the way.
void Network::settle() {
  if (broker_) broker_->poll();
}

void Network::deliver(const LinkPtr& link, const mqtt::Message& message) {
  const auto arrive = [link, message] { link->events.on_message(message); };
  down(link, arrive);
  if (random_.chance(faults.duplicates) && may_repeat(message)) down(link, arrive);
}

void Network::accept(const LinkPtr& link, const mqtt::ConnectOptions& options) {
  const auto refuse = [&](Error error) {
    down(link, [link, error = std::move(error)] {
      link->over = link->severed = true;
      std::exchange(link->connecting, nullptr)(error);
    });
  };
  if (!broker_) {
    return refuse({ErrorKind::not_connected, 0, "nobody listens there", nullptr});
  }
  if (random_.chance(faults.lost_connects)) return;
  if (random_.chance(faults.refused_connects)) {
    return refuse({ErrorKind::refused, server_unavailable, "server unavailable", nullptr});
  }
  if (options.will && options.will->retain) orphans_.erase(options.will->topic);
  std::erase_if(links_, [](const auto& known) { return known.expired(); });
  links_.push_back(link);
  link->inner = broker_->make_transport();
  // Weak: the callbacks lie in what the link owns.
  const std::weak_ptr<Link> weak = link;
  mqtt::ConnectionEvents events;
  events.on_message = [this, weak](const mqtt::Message& message) {
    if (const auto known = weak.lock()) deliver(known, message);
  };
  events.on_connection_lost = [this, weak](const Error& error) {
    if (const auto known = weak.lock()) down(known, [known, error] { report_end(known, error); });
  };
  link->inner->connect(options, std::move(events),
                       [this, weak](const Result<mqtt::ConnectionInfo>& outcome) {
                         const auto known = weak.lock();
                         if (!known) return;
                         down(known, [known, outcome] {
                           auto done = std::exchange(known->connecting, nullptr);
                           if (!done) return;
                           known->open = outcome.has_value();
                           known->over = !known->open;
                           done(outcome);
                         });
                       });
}

// --- Faults

std::vector<LinkPtr> Network::links() const {
  std::vector<LinkPtr> open;
  for (const auto& known : links_) {
    const auto link = known.lock();
    if (link && !link->over && link->inner) open.push_back(link);
  }
  return open;
}

void Network::sever(const LinkPtr& link, std::optional<Duration> broker_notices,
                    std::optional<Duration> client_notices, const Error& error) {
  link->severed = true;
  if (broker_notices) {
    clock_.in(*broker_notices, [this, link] {
      link->inner.reset();  // a socket closed without DISCONNECT: the broker publishes the will
      settle();
    });
  }
  if (client_notices) clock_.in(*client_notices, [link, error] { report_end(link, error); });
}

void Network::cut(const LinkPtr& link) {
  trace_("network", [&] { return "cut " + link->client_id; });
  sever(link, delay(), delay(), lost("the connection was cut"));
}

void Network::kick(const LinkPtr& link, int reason_code) {
  if (!broker_) return;
  trace_("network", [&] { return fmt::format("kick {} ({:#x})", link->client_id, reason_code); });
  broker_->kick(link->client_id, reason_code);
  settle();
}

void Network::half_open(const LinkPtr& link) {
  trace_("network", [&] { return "half open " + link->client_id; });
  sever(link, random_.up_to(keep_alive * 3 / 2), random_.up_to(keep_alive),
        lost("no PINGRESP in time"));
}

void Network::stall(const LinkPtr& link, Duration time) {
  trace_("network", [&] { return "stall " + link->client_id; });
  link->up_free = std::max(link->up_free, clock_.now()) + time;
  link->down_free = std::max(link->down_free, clock_.now()) + time;
}

void Network::crash_broker(bool persists) {
  if (!broker_) return;
  trace_("network", [&] {
    return std::string("the broker crashes, ") + (persists ? "and persists" : "and forgets");
  });
  ++crashes_;
  persisted_.clear();
  orphans_.clear();
  if (persists) {
    for (const std::string& topic : retained()) {
      persisted_.emplace(topic, *broker_->retained(topic));
      orphans_.insert(topic);
    }
  }
  for (const auto& known : links_) {
    const auto link = known.lock();
    if (!link || !link->inner) continue;
    // Mostly the system answers for the dead process; sometimes the machine is gone.
    const Duration notice = random_.chance(0.8) ? delay() : random_.up_to(keep_alive);
    sever(link, std::nullopt, notice, lost("the broker is gone"));
  }
  broker_.reset();
  for (const auto& known : links_) {
    if (const auto link = known.lock()) link->inner.reset();
  }
  links_.clear();
}

void Network::start_broker() {
  if (broker_) return;
  trace_("network", [] { return std::string("the broker starts"); });
  broker_ = std::make_unique<mqtt::LoopbackBroker>(mqtt::LoopbackBroker::Delivery::manual);
  const auto keeper = broker_->make_transport();
  keeper->connect({}, {}, [](const auto&) {});
  settle();
  for (const auto& [topic, message] : persisted_) keeper->publish(message, [](const auto&) {});
  keeper->disconnect([](const auto&) {});
  settle();
  broker_->on_publish([this](const std::string&, const mqtt::Message& message) -> Result<void> {
    if (message.retain) retained_topics_.insert(message.topic);
    return {};
  });
  broker_->on_connect([this](const mqtt::ConnectOptions& options) -> Result<mqtt::ConnectionInfo> {
    mqtt::ConnectionInfo info;
    const auto name = suggested_names.find(options.client_id);
    if (name != suggested_names.end()) {
      info.user_properties.emplace_back("MCP-SERVER-NAME", name->second);
    }
    return info;
  });
}

std::set<std::string> Network::retained() const {
  std::set<std::string> topics;
  for (const std::string& topic : retained_topics_) {
    if (broker_ && broker_->retained(topic)) topics.insert(topic);
  }
  return topics;
}

}  // namespace mcp_mqtt::simulation
