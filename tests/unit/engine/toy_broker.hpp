#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "engine/clock.hpp"
#include "wire/topics.hpp"

// An MQTT broker on virtual time, in one thread: just enough of one to carry whole dialogues
// between engines, with delays and faults that follow from a seed.
namespace mcp_mqtt::engine::test {

/// What goes wrong, and how often.
struct Chaos {
  Duration max_delay = std::chrono::milliseconds(1);  ///< Of each packet, each way.
  double duplicates = 0;       ///< Of messages to clients and on control topics.
  double failed_connects = 0;  ///< Of attempts to connect.
};

/// Virtual time: what happens when, in an order that only the seed decides.
class Schedule {
 public:
  explicit Schedule(std::uint64_t seed) : random(seed) {}

  TimePoint now{std::chrono::hours(1)};
  std::mt19937_64 random;

  void at(TimePoint when, std::function<void()> what) {
    events_.emplace(std::pair(std::max(when, now), ++last_), std::move(what));
  }
  void in(Duration delay, std::function<void()> what) { at(now + delay, std::move(what)); }

  bool empty() const { return events_.empty(); }
  TimePoint next() const { return events_.begin()->first.first; }
  void run_next() {
    auto node = events_.extract(events_.begin());
    now = node.key().first;
    node.mapped()();
  }

  bool chance(double probability) { return std::bernoulli_distribution(probability)(random); }
  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  }
  Duration up_to(Duration longest) {
    return Duration(std::uniform_int_distribution<Duration::rep>(0, longest.count())(random));
  }

 private:
  std::map<std::pair<TimePoint, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t last_ = 0;
};

/// One connection to the broker. `alive` ends with it; what is under way then is lost.
struct BrokerLink {
  std::string client_id;
  mqtt::Message will;
  std::map<std::string, bool> subscriptions;  // filter: no local
  std::function<void(const mqtt::Message&)> on_message;
  std::function<void()> on_lost;
  bool alive = true;
  TimePoint up_free, down_free;  // packets do not overtake each other
  std::map<std::uint64_t, mqtt::Completion> pending;
  std::uint64_t last_pending = 0;
};
using LinkPtr = std::shared_ptr<BrokerLink>;

class ToyBroker {
 public:
  ToyBroker(Schedule& schedule, Chaos chaos) : schedule_(schedule), chaos_(chaos) {}

  const std::map<std::string, mqtt::Message>& retained() const { return retained_; }
  const std::map<std::string, LinkPtr>& links() const { return links_; }

  /// An open connection; who had its client id is thrown out.
  void attach(const LinkPtr& link) {
    const auto known = links_.find(link->client_id);
    if (known != links_.end()) cut(LinkPtr(known->second));
    link->up_free = link->down_free = schedule_.now;
    links_[link->client_id] = link;
  }

  void subscribe(const LinkPtr& link, mqtt::Subscription subscription, mqtt::Completion done) {
    const auto id = expect_ack(link, std::move(done));
    up(link, [this, link, id, subscription = std::move(subscription)] {
      link->subscriptions[subscription.filter] = subscription.no_local;
      ack(link, id);
      for (const auto& [topic, message] : retained_) {
        if (wire::filter_matches(subscription.filter, topic)) down(link, message);
      }
    });
  }
  void unsubscribe(const LinkPtr& link, const std::string& filter) {
    if (!link->alive) return;
    up(link, [link, filter] { link->subscriptions.erase(filter); });
  }
  void publish(const LinkPtr& link, mqtt::Message message, mqtt::Completion done) {
    const auto id = expect_ack(link, std::move(done));
    up(link, [this, link, id, message = std::move(message)] {
      ack(link, id);
      route(message, link.get());
    });
  }
  /// A graceful end: after what was sent before, and without the will.
  void close(const LinkPtr& link) {
    link->on_message = nullptr;
    link->on_lost = nullptr;
    up(link, [this, link] { detach(link); });
  }
  /// The connection breaks on both sides at once. As a transport does it: first the calls under
  /// way end, then the loss is reported.
  void cut(const LinkPtr& link) {
    if (!link->alive) return;
    detach(link);
    schedule_.in(delay(), [this, link] { route(link->will, nullptr); });
    for (auto& [id, done] : std::exchange(link->pending, {})) {
      if (done) done(Error{ErrorKind::connection_lost, 0, "the connection broke", nullptr});
    }
    if (link->on_lost) link->on_lost();
  }

 private:
  Duration delay() { return schedule_.up_to(chaos_.max_delay); }

  void detach(const LinkPtr& link) {
    link->alive = false;
    const auto known = links_.find(link->client_id);
    if (known != links_.end() && known->second == link) links_.erase(known);
  }

  std::uint64_t expect_ack(const LinkPtr& link, mqtt::Completion done) {
    if (!link->alive) {
      schedule_.in({}, [done = std::move(done)] {
        if (done) done(Error{ErrorKind::not_connected, 0, "there is no connection", nullptr});
      });
      return 0;
    }
    link->pending.emplace(++link->last_pending, std::move(done));
    return link->last_pending;
  }
  void ack(const LinkPtr& link, std::uint64_t id) {
    travel(link, link->down_free, [link, id] {
      auto node = link->pending.extract(id);
      if (!node.empty() && node.mapped()) node.mapped()({});
    });
  }

  void up(const LinkPtr& link, std::function<void()> arrive) {
    if (link->alive) travel(link, link->up_free, std::move(arrive));
  }
  void down(const LinkPtr& link, const mqtt::Message& message) {
    travel(link, link->down_free, [link, message] {
      if (link->on_message) link->on_message(message);
    });
  }
  void travel(const LinkPtr& link, TimePoint& free, std::function<void()> arrive) {
    free = std::max(free, schedule_.now + delay());
    schedule_.at(free, [link, arrive = std::move(arrive)] {
      if (link->alive) arrive();
    });
  }

  void route(const mqtt::Message& message, const BrokerLink* sender) {
    if (message.retain && message.payload.empty()) retained_.erase(message.topic);
    if (message.retain && !message.payload.empty()) retained_[message.topic] = message;
    for (const auto& [id, link] : links_) {
      for (const auto& [filter, no_local] : link->subscriptions) {
        if (no_local && link.get() == sender) continue;
        if (!wire::filter_matches(filter, message.topic)) continue;
        down(link, message);
        if (may_repeat(message.topic, *link) && schedule_.chance(chaos_.duplicates)) {
          down(link, message);
        }
      }
    }
  }
  /// Not what goes over RPC to a server: MQTT never repeats it within a connection, and a handler
  /// would rightly run for each request.
  static bool may_repeat(const std::string& topic, const BrokerLink& to) {
    const bool to_server = to.will.retain;
    return !to_server || topic.rfind("$mcp-server/", 0) == 0;
  }

  Schedule& schedule_;
  Chaos chaos_;
  std::map<std::string, mqtt::Message> retained_;
  std::map<std::string, LinkPtr> links_;
};

}  // namespace mcp_mqtt::engine::test
