#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <mcp_mqtt/mqtt/loopback.hpp>

#include "trace.hpp"
#include "virtual_clock.hpp"
#include "wire.hpp"

namespace mcp_mqtt::simulation {

/// What goes wrong by itself, and how often.
struct Faults {
  Duration max_delay = milliseconds(1);  ///< Of a packet, each way.
  double slow = 0;                       ///< Of packets: those take up to `max_slow`.
  Duration max_slow = seconds(1);
  double duplicates = 0;        ///< Of messages to clients and servers; requests over RPC excepted.
  double lost_connects = 0;     ///< Of CONNECT packets: no answer ever.
  double refused_connects = 0;  ///< With 0x88, server unavailable.
};

/// The loopback broker, behind a network in which every packet takes its time, connections break
/// in the ways they do, and the broker itself may die and come back.
class Network {
 public:
  Network(VirtualClock& clock, Random& random, Trace& trace);

  Faults faults;
  /// What the broker calls a server instead of its own name (T5), by client id.
  std::map<std::string, std::string> suggested_names;

  std::shared_ptr<Wire> make_transport() { return std::make_shared<Wire>(*this); }

  // --- Faults
  /// The connections that are open, as far as one side knows.
  std::vector<LinkPtr> links() const;
  /// Both sides notice at once, or nearly; what is under way is lost.
  void cut(const LinkPtr& link);
  /// The broker ends it with a reason, after all that it sent before.
  void kick(const LinkPtr& link, int reason_code);
  /// Nothing passes any more. Each side notices by its own keep-alive.
  void half_open(const LinkPtr& link);
  /// Everything on it comes later, in both directions.
  void stall(const LinkPtr& link, Duration time);
  /// No will is published. With `persists` it comes back with what it retained.
  void crash_broker(bool persists);
  void start_broker();
  bool broker_up() const noexcept { return broker_ != nullptr; }

  // --- What stands on the broker
  /// The topics of retained messages.
  std::set<std::string> retained() const;
  /// A retained message whose publisher the broker never saw again since it crashed: nobody is left
  /// who could clear it.
  bool orphaned(const std::string& topic) const { return orphans_.contains(topic); }
  std::size_t connections() const { return broker_ ? broker_->connections() : 0; }
  std::size_t crashes() const noexcept { return crashes_; }

  // --- For Wire
  VirtualClock& clock() noexcept { return clock_; }
  Duration delay();
  /// Towards the broker: `arrive` runs there unless the connection breaks before.
  void up(const LinkPtr& link, std::function<void()> arrive);
  /// Towards the client.
  void down(const LinkPtr& link, std::function<void()> arrive);
  void accept(const LinkPtr& link, const mqtt::ConnectOptions& options);
  /// From now on nothing passes. nullopt: that side never notices.
  void sever(const LinkPtr& link, std::optional<Duration> broker_notices,
             std::optional<Duration> client_notices, const Error& error);

 private:
  void travel(const LinkPtr& link, TimePoint& free, std::function<void()> arrive);
  void deliver(const LinkPtr& link, const mqtt::Message& message);
  void settle();

  VirtualClock& clock_;
  Random& random_;
  Trace& trace_;
  std::unique_ptr<mqtt::LoopbackBroker> broker_;
  std::vector<std::weak_ptr<Link>> links_;
  std::set<std::string> retained_topics_;  // ever
  std::map<std::string, mqtt::Message> persisted_;
  std::set<std::string> orphans_;
  std::size_t crashes_ = 0;
};

}  // namespace mcp_mqtt::simulation
