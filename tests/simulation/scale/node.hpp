#pragma once

#include <optional>

#include <mcp_mqtt/backoff.hpp>

#include "broker_model.hpp"
#include "engine/connection_life.hpp"

namespace mcp_mqtt::simulation::scale {

/// What all nodes of one simulation share.
struct Fleet {
  explicit Fleet(std::uint64_t seed) : random(seed), broker(clock) {}

  VirtualClock clock;
  Random random;
  BrokerModel broker;
  Backoff backoff;
};

/// What a connection tells the node that it belongs to.
class ConnectionOwner {
 public:
  virtual void connected(engine::ConnectionNumber connection) = 0;
  virtual void lost(engine::ConnectionNumber connection, const Error& error) = 0;
  virtual void gave_up(engine::ConnectionNumber connection, const Error& error) = 0;
  virtual void message(engine::ConnectionNumber connection, const mqtt::Message& message) = 0;
  virtual void subscribed(engine::Ticket ticket) = 0;
  virtual void published(engine::Ticket ticket) = 0;

 protected:
  ~ConnectionOwner() = default;
};

/// What runtime::Connection does: the real ConnectionLife on a link to the model of a broker.
class FleetConnection final : public Port {
 public:
  FleetConnection(Fleet& fleet, ConnectionOwner& owner, engine::ConnectionNumber number);
  ~FleetConnection() override;

  void start() { follow(life_.start()); }
  void disconnect();
  void perform(const engine::Subscribe& action);
  void perform(const engine::Unsubscribe& action);
  void perform(engine::Publish& action);
  BrokerModel::LinkNumber link() const noexcept { return link_; }

  void on_connected() override;
  void on_connect_failed(const Error& error) override;
  void on_lost(const Error& error) override;
  void on_subscribed(engine::Ticket ticket) override { owner_.subscribed(ticket); }
  void on_published(engine::Ticket ticket) override { owner_.published(ticket); }
  void on_message(const mqtt::Message& message) override { owner_.message(number_, message); }

 private:
  void follow(engine::ConnectionLife::Next next);
  void stop_timer();

  Fleet& fleet_;
  ConnectionOwner& owner_;
  engine::ConnectionNumber number_;
  engine::ConnectionLife life_;
  std::optional<VirtualClock::Timer> timer_;
  BrokerModel::LinkNumber link_;
};

/// Wakes an engine at its next deadline.
class Alarm {
 public:
  explicit Alarm(VirtualClock& clock) : clock_(clock) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  ~Alarm() { stop(); }

  template <class Ring>
  void set(Deadline at, Ring ring) {
    if (timer_ && at && timer_->first == std::max(*at, clock_.now())) return;
    stop();
    if (!at || *at == TimePoint::max()) return;
    timer_ = clock_.at(*at, [this, ring] {
      timer_.reset();
      ring();
    });
  }

 private:
  void stop() {
    if (timer_) clock_.cancel(*timer_);
    timer_.reset();
  }

  VirtualClock& clock_;
  std::optional<VirtualClock::Timer> timer_;
};

}  // namespace mcp_mqtt::simulation::scale
