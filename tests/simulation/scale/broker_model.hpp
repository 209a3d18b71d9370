#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <mcp_mqtt/error.hpp>

#include "engine/connection_actions.hpp"
#include "traffic.hpp"

namespace mcp_mqtt::simulation::scale {

/// What a broker and the network before it can do. 0: no bound.
struct BrokerLimits {
  std::size_t connects_per_second = 0;
  /// PUBLISH of both directions and SUBSCRIBE together; acknowledgements cost nothing.
  std::size_t messages_per_second = 0;
  /// Connections that wait to be accepted; the kernel of one more tries again after 1, 3, 7, 15 s.
  std::size_t backlog = 1'024;
  /// Messages that wait for one client beyond its receive maximum; one more is dropped.
  std::size_t queued_messages = 0;
  std::size_t receive_maximum = 1'024;
  Duration connect_timeout = seconds(20);
  /// One way.
  Duration delay = milliseconds(1);
};

/// A client's end of a connection to the broker.
class Port {
 public:
  Port() = default;
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  virtual ~Port() = default;

  virtual void on_connected() = 0;
  virtual void on_connect_failed(const Error& error) = 0;
  virtual void on_lost(const Error& error) = 0;
  virtual void on_subscribed(engine::Ticket ticket) = 0;
  virtual void on_published(engine::Ticket ticket) = 0;
  virtual void on_message(const mqtt::Message& message) = 0;
};

/// A broker that counts: subscriptions, retained messages, queues and what it takes to carry all
/// that. One queue for all work, in order of arrival; how its threads share it is not modelled.
class BrokerModel {
 public:
  using LinkNumber = std::uint32_t;

  /// Where each message went. What was published was acknowledged or lost with its connection; what
  /// was due to a subscriber came there, was dropped, or was lost with the connection.
  struct Account {
    std::uint64_t published = 0, acknowledged = 0, unacknowledged = 0;
    std::uint64_t due = 0, delivered = 0, dropped = 0, lost = 0;
    bool closed() const {
      return published == acknowledged + unacknowledged && due == delivered + dropped + lost;
    }
  };

  explicit BrokerModel(VirtualClock& clock) : clock_(clock) {}

  /// From now on.
  void set_limits(const BrokerLimits& limits) { limits_ = limits; }
  /// Dies, and all connections with it, at one instant and in any order; answers again after
  /// `downtime`. Counts begin anew.
  void restart(Duration downtime, bool keeps_retained, Random& random);

  /// `port` hears of the link until forget().
  LinkNumber add(Port& port);
  void forget(LinkNumber number);

  void connect(LinkNumber number);
  void disconnect(LinkNumber number);
  void subscribe(LinkNumber number, const mqtt::Subscription& subscription, engine::Ticket ticket);
  void unsubscribe(LinkNumber number, const std::string& filter);
  void publish(LinkNumber number, mqtt::Message message, engine::Ticket ticket);

  const Traffic& traffic() const noexcept { return traffic_; }
  const Account& account() const noexcept { return account_; }
  std::uint64_t connect_attempts() const noexcept { return connect_attempts_; }
  std::uint64_t connects_failed() const noexcept { return connects_failed_; }
  std::size_t retained() const noexcept { return retained_count_; }
  /// Of PUBLISHes to this link.
  std::uint64_t delivered_to(LinkNumber number) const { return links_[number].delivered; }

 private:
  using MessagePtr = std::shared_ptr<const mqtt::Message>;
  struct Link {
    Port* port = nullptr;
    bool up = false;
    /// Changes with each connection, so that what was meant for the last one is not for the next.
    std::uint32_t life = 0;
    std::vector<std::string> filters;
    /// When its PUBACKs arrive, of what is under way to it: from `first_ack` on.
    std::vector<TimePoint> acks;
    std::size_t first_ack = 0;
    std::uint64_t delivered = 0;
  };
  struct Subscriber {
    LinkNumber link = 0;
    bool no_local = false;
  };
  using Subscribers = std::vector<Subscriber>;

  TimePoint work(TimePoint arrival);
  void knock(LinkNumber number, std::uint32_t life, TimePoint started, std::size_t tries);
  void accept(LinkNumber number, std::uint32_t life);
  void fail_connect(LinkNumber number, std::uint32_t life, TimePoint at, const char* why);
  void take(LinkNumber number, const mqtt::Message& message);
  void deliver(LinkNumber number, const MessagePtr& message);
  void deliver_retained(LinkNumber number, const std::string& filter);
  Subscribers& subscribers_of(const std::string& filter);
  void drop_subscription(LinkNumber number, const std::string& filter);
  void end(Link& link, LinkNumber number);
  bool current(LinkNumber number, std::uint32_t life) const { return links_[number].life == life; }

  VirtualClock& clock_;
  BrokerLimits limits_;
  Traffic traffic_;
  Account account_;
  std::uint64_t connect_attempts_ = 0;
  std::uint64_t connects_failed_ = 0;
  TimePoint down_until_;
  TimePoint busy_until_;
  TimePoint accepting_until_;

  std::vector<Link> links_;
  std::unordered_map<std::string, Subscribers> by_topic_;
  std::unordered_map<std::string, Subscribers> by_server_name_;
  Subscribers of_all_presence_;
  /// Presence alone is retained: by server-name and topic.
  std::map<std::string, std::map<std::string, MessagePtr>> retained_;
  std::size_t retained_count_ = 0;
};

}  // namespace mcp_mqtt::simulation::scale
