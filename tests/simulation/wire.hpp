#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "virtual_clock.hpp"

namespace mcp_mqtt::simulation {

class Network;

/// One connection, from CONNECT to what its two ends come to know of its end.
struct Link {
  std::string client_id;
  /// The broker's side; null before CONNECT arrived there and after the broker noticed the end.
  std::shared_ptr<mqtt::Transport> inner;
  mqtt::ConnectionEvents events;
  /// Nothing passes any more, whatever either side believes.
  bool severed = false;
  /// For the client's side: CONNACK came, and no end.
  bool open = false;
  /// The client's side heard all it will hear.
  bool over = false;
  TimePoint up_free, down_free;  // packets do not overtake each other
  mqtt::ConnectCompletion connecting;
  mqtt::Completion disconnecting;
  std::map<std::uint64_t, mqtt::Completion> pending;
  std::uint64_t last_pending = 0;
  /// What the broker was asked for and not asked to forget.
  std::set<std::string> subscriptions;
};
using LinkPtr = std::shared_ptr<Link>;

/// A transport to the broker inside the process, over a network that takes its time: it keeps the
/// rules of mqtt::Transport on a virtual clock.
class Wire final : public mqtt::Transport {
 public:
  explicit Wire(Network& network) : network_(network) {}
  /// As when a process dies: no DISCONNECT.
  ~Wire() override;

  void connect(mqtt::ConnectOptions options, mqtt::ConnectionEvents events,
               mqtt::ConnectCompletion done) override;
  void disconnect(mqtt::Completion done) override;
  void subscribe(mqtt::Subscription subscription, mqtt::Completion done) override;
  void unsubscribe(std::string filter, mqtt::Completion done) override;
  void publish(mqtt::Message message, mqtt::Completion done) override;

  /// Of the current connection; nullptr without one.
  const Link* link() const noexcept { return link_.get(); }
  /// How long the broker takes to notice that this process died.
  void set_silent_death(Duration notice) { death_notice_ = notice; }

 private:
  template <class Send>
  void send(mqtt::Completion done, Send send);
  bool open() const { return link_ && link_->open && !link_->over && !link_->disconnecting; }

  Network& network_;
  LinkPtr link_;
  std::optional<Duration> death_notice_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// The client's side hears that its connection ended: what was under way fails first.
void report_end(const LinkPtr& link, const Error& error);

}  // namespace mcp_mqtt::simulation
