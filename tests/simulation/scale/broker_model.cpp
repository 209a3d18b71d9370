#include "broker_model.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace mcp_mqtt::simulation::scale {
namespace {

constexpr std::string_view presence_prefix = "$mcp-server/presence/";
constexpr std::string_view any_server_id = "$mcp-server/presence/+/";

/// When Linux sends a SYN again that the full queue of a listener dropped.
constexpr std::array<seconds, 4> syn_again{seconds(1), seconds(3), seconds(7), seconds(15)};

Duration each(std::size_t per_second) {
  return Duration(std::chrono::nanoseconds(seconds(1)) / per_second);
}

/// `$mcp-server/presence/{server-id}/{server-name}`.
std::string server_name_of(const std::string& topic) {
  return topic.substr(topic.find('/', presence_prefix.size()) + 1);
}

}  // namespace

// --- Links

BrokerModel::LinkNumber BrokerModel::add(Port& port) {
  links_.emplace_back().port = &port;
  return static_cast<LinkNumber>(links_.size() - 1);
}

void BrokerModel::forget(LinkNumber number) { links_[number].port = nullptr; }

void BrokerModel::end(Link& link, LinkNumber number) {
  for (const std::string& filter : std::exchange(link.filters, {})) {
    drop_subscription(number, filter);
  }
  link.up = false;
  ++link.life;
  link.acks.clear();
  link.first_ack = 0;
}

void BrokerModel::restart(Duration downtime, bool keeps_retained, Random& random) {
  traffic_.begin(clock_.now());
  account_ = {};
  connect_attempts_ = 0;
  connects_failed_ = 0;
  down_until_ = clock_.now() + downtime;
  busy_until_ = accepting_until_ = down_until_;
  if (!keeps_retained) {
    retained_.clear();
    retained_count_ = 0;
  }
  by_topic_.clear();
  by_server_name_.clear();
  of_all_presence_.clear();
  std::vector<LinkNumber> cut;
  for (LinkNumber number = 0; number < links_.size(); ++number) {
    Link& link = links_[number];
    link.delivered = 0;
    if (!link.up) continue;
    link.filters.clear();
    end(link, number);
    if (link.port != nullptr) cut.push_back(number);
  }
  for (std::size_t left = cut.size(); left > 1; --left) {
    std::swap(cut[left - 1], cut[random.below(left)]);
  }
  const Error error{ErrorKind::connection_lost, 0, "the broker restarts", nullptr};
  for (const LinkNumber number : cut) {
    if (Port* port = links_[number].port) port->on_lost(error);
  }
}

// --- Connecting

void BrokerModel::connect(LinkNumber number) {
  ++connect_attempts_;
  knock(number, ++links_[number].life, clock_.now(), 0);
}

void BrokerModel::fail_connect(LinkNumber number, std::uint32_t life, TimePoint at,
                               const char* why) {
  clock_.at(at, [this, number, life, why] {
    if (!current(number, life)) return;
    ++links_[number].life;
    ++connects_failed_;
    if (Port* port = links_[number].port) {
      port->on_connect_failed({ErrorKind::connection_lost, 0, why, nullptr});
    }
  });
}

void BrokerModel::knock(LinkNumber number, std::uint32_t life, TimePoint started,
                        std::size_t tries) {
  clock_.in(limits_.delay, [this, number, life, started, tries] {
    if (!current(number, life)) return;
    const TimePoint now = clock_.now();
    if (now < down_until_) {
      return fail_connect(number, life, now + limits_.delay, "nobody listens");
    }
    if (limits_.connects_per_second == 0) return accept(number, life);
    const Duration one = each(limits_.connects_per_second);
    const TimePoint free = std::max(now, accepting_until_);
    const TimePoint overdue = started + limits_.connect_timeout;
    if (static_cast<std::size_t>((free - now) / one) < limits_.backlog) {
      // Also one that nobody waits for any more takes its turn: the broker does not know.
      accepting_until_ = free + one;
      if (accepting_until_ + limits_.delay > overdue) {
        fail_connect(number, life, overdue, "no CONNACK in time");
      } else {
        clock_.at(accepting_until_, [this, number, life] { accept(number, life); });
      }
      return;
    }
    if (tries == syn_again.size() || started + syn_again.at(tries) >= overdue) {
      return fail_connect(number, life, overdue, "the broker does not accept the connection");
    }
    clock_.at(started + syn_again.at(tries), [this, number, life, started, tries] {
      if (current(number, life)) knock(number, life, started, tries + 1);
    });
  });
}

void BrokerModel::accept(LinkNumber number, std::uint32_t life) {
  if (!current(number, life)) return;
  links_[number].up = true;
  traffic_.add(Kind::connect, Direction::in, clock_.now());
  traffic_.add(Kind::connect, Direction::out, clock_.now());
  clock_.in(limits_.delay, [this, number, life] {
    if (current(number, life) && links_[number].port != nullptr) {
      links_[number].port->on_connected();
    }
  });
}

void BrokerModel::disconnect(LinkNumber number) {
  clock_.at(work(clock_.now() + limits_.delay), [this, number, life = links_[number].life] {
    if (current(number, life)) end(links_[number], number);
  });
}

// --- Work

/// When it is done with a message that arrives then.
TimePoint BrokerModel::work(TimePoint arrival) {
  if (limits_.messages_per_second == 0) return arrival;
  busy_until_ = std::max(busy_until_, arrival) + each(limits_.messages_per_second);
  return busy_until_;
}

BrokerModel::Subscribers& BrokerModel::subscribers_of(const std::string& filter) {
  if (!filter.starts_with(any_server_id)) {
    if (filter.find_first_of("+#") == std::string::npos) return by_topic_[filter];
    throw std::invalid_argument("the model knows no filter such as " + filter);
  }
  const std::string name = filter.substr(any_server_id.size());
  if (name == "#") return of_all_presence_;
  if (name.find_first_of("+#") == std::string::npos) return by_server_name_[name];
  throw std::invalid_argument("the model knows no filter such as " + filter);
}

void BrokerModel::drop_subscription(LinkNumber number, const std::string& filter) {
  Subscribers& subscribers = subscribers_of(filter);
  std::erase_if(subscribers, [&](const Subscriber& one) { return one.link == number; });
  if (subscribers.empty()) by_topic_.erase(filter);
}

void BrokerModel::subscribe(LinkNumber number, const mqtt::Subscription& subscription,
                            engine::Ticket ticket) {
  const auto take_it = [this, number, subscription, ticket, life = links_[number].life] {
    if (!current(number, life)) return;
    traffic_.add(Kind::subscribe, Direction::in, clock_.now());
    traffic_.add(Kind::subscribe, Direction::out, clock_.now());
    Subscribers& subscribers = subscribers_of(subscription.filter);
    auto& filters = links_[number].filters;
    if (std::find(filters.begin(), filters.end(), subscription.filter) == filters.end()) {
      filters.push_back(subscription.filter);
      subscribers.push_back({number, subscription.no_local});
    }
    clock_.in(limits_.delay, [this, number, life, ticket] {
      if (current(number, life) && links_[number].port != nullptr) {
        links_[number].port->on_subscribed(ticket);
      }
    });
    deliver_retained(number, subscription.filter);
  };
  clock_.at(work(clock_.now() + limits_.delay), take_it);
}

void BrokerModel::unsubscribe(LinkNumber number, const std::string& filter) {
  const auto take_it = [this, number, filter, life = links_[number].life] {
    if (!current(number, life)) return;
    traffic_.add(Kind::subscribe, Direction::in, clock_.now());
    traffic_.add(Kind::subscribe, Direction::out, clock_.now());
    if (std::erase(links_[number].filters, filter) != 0) drop_subscription(number, filter);
  };
  clock_.at(work(clock_.now() + limits_.delay), take_it);
}

void BrokerModel::publish(LinkNumber number, mqtt::Message message, engine::Ticket ticket) {
  ++account_.published;
  const TimePoint done = work(clock_.now() + limits_.delay);
  clock_.at(done, [this, number, ticket, life = links_[number].life,
                   message = std::make_shared<mqtt::Message>(std::move(message))] {
    if (!current(number, life)) {
      ++account_.unacknowledged;
      return;
    }
    take(number, *message);
    traffic_.add(Kind::puback, Direction::out, clock_.now());
    clock_.in(limits_.delay, [this, number, life, ticket] {
      if (!current(number, life)) {
        ++account_.unacknowledged;
        return;
      }
      ++account_.acknowledged;
      if (Port* port = links_[number].port) port->on_published(ticket);
    });
  });
}

void BrokerModel::take(LinkNumber number, const mqtt::Message& message) {
  traffic_.add(kind_of(message), Direction::in, clock_.now());
  auto passed_on = message;
  passed_on.retain = false;
  const auto live = std::make_shared<const mqtt::Message>(std::move(passed_on));
  const auto tell = [&](const Subscribers& subscribers) {
    for (const Subscriber& one : subscribers) {
      if (!one.no_local || one.link != number) deliver(one.link, live);
    }
  };
  if (const auto found = by_topic_.find(message.topic); found != by_topic_.end()) {
    tell(found->second);
  }
  if (!message.topic.starts_with(presence_prefix)) return;
  const std::string name = server_name_of(message.topic);
  if (const auto found = by_server_name_.find(name); found != by_server_name_.end()) {
    tell(found->second);
  }
  tell(of_all_presence_);
  auto& kept = retained_[name];
  if (message.payload.empty()) {
    retained_count_ -= kept.erase(message.topic);
  } else if (kept.insert_or_assign(message.topic, std::make_shared<const mqtt::Message>(message))
                 .second) {
    ++retained_count_;
  }
}

void BrokerModel::deliver_retained(LinkNumber number, const std::string& filter) {
  if (!filter.starts_with(any_server_id)) return;
  const std::string wanted = filter.substr(any_server_id.size());
  const auto tell = [&](const std::map<std::string, MessagePtr>& kept) {
    for (const auto& [topic, message] : kept) deliver(number, message);
  };
  if (wanted == "#") {
    for (const auto& [name, kept] : retained_) tell(kept);
  } else if (const auto found = retained_.find(wanted); found != retained_.end()) {
    tell(found->second);
  }
}

void BrokerModel::deliver(LinkNumber number, const MessagePtr& message) {
  ++account_.due;
  Link& link = links_[number];
  auto& acks = link.acks;
  while (link.first_ack < acks.size() && acks[link.first_ack] <= clock_.now()) ++link.first_ack;
  if (link.first_ack == acks.size()) {
    acks.clear();
    link.first_ack = 0;
  }
  const std::size_t under_way = acks.size() - link.first_ack;
  if (limits_.queued_messages != 0 &&
      under_way >= limits_.receive_maximum + limits_.queued_messages) {
    ++account_.dropped;
    return;
  }
  TimePoint sent = work(clock_.now());
  if (limits_.queued_messages != 0 && under_way >= limits_.receive_maximum) {
    sent = std::max(sent, acks[acks.size() - limits_.receive_maximum]);
  }
  acks.push_back(sent + 2 * limits_.delay);
  traffic_.add(kind_of(*message), Direction::out, sent);
  clock_.at(sent + limits_.delay, [this, number, message, life = link.life] {
    if (!current(number, life) || links_[number].port == nullptr) {
      ++account_.lost;
      return;
    }
    ++account_.delivered;
    ++links_[number].delivered;
    traffic_.add(Kind::puback, Direction::in, clock_.now() + limits_.delay);
    links_[number].port->on_message(*message);
  });
}

}  // namespace mcp_mqtt::simulation::scale
