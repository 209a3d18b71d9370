#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::command_line {

enum class Role { server, client };
constexpr const char* to_string(Role role) noexcept {
  return role == Role::server ? "server" : "client";
}

/// How the broker is reached, and how long everything may take.
struct Route {
  mqtt::BrokerUrl broker;
  mqtt::TlsOptions tls = {};
  std::function<Result<std::shared_ptr<mqtt::Transport>>(const mqtt::BrokerUrl&)> make_transport;
  std::chrono::milliseconds connect_timeout{10'000};
  /// How long an answer of the broker, or a message through it, may take.
  std::chrono::milliseconds patience{3'000};
  /// How much later than one that was sent behind it a message may come.
  std::chrono::milliseconds grace{100};
  std::stop_token stop = {};
};

/// Who a probe is at the broker, and what it tells in CONNECT.
struct Opening {
  Role role = Role::server;
  std::string id = {};
  std::optional<mqtt::Message> will = {};
  std::uint16_t receive_maximum = 1024;
};

/// A message to send. At QoS 1, or what the broker takes.
struct Parcel {
  std::string topic;
  std::string payload = {};
  bool retain = false;
  mqtt::Qos qos = mqtt::Qos::at_least_once;
  mqtt::UserProperties properties = {};  ///< Behind those of the protocol.
};

/// One MQTT connection of the doctor, made of calls that wait. Main thread. A call that Ctrl-C ends
/// throws Failure (`interrupted`).
///
/// What it published as retained it takes back: by its destructor at the latest, which connects
/// again for that where it must, and after Ctrl-C, too.
class Probe {
 public:
  explicit Probe(Route route) : route_(std::move(route)) {}
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  ~Probe();

  /// Also a second time, after leave() or vanish(); the subscriptions are gone then.
  Result<void> connect(const Opening& opening);
  /// The next connect() goes there.
  void go_by(mqtt::BrokerUrl broker) { route_.broker = std::move(broker); }
  const mqtt::ConnectionInfo& info() const noexcept { return info_; }
  /// The client id in force, as far as the broker told.
  const std::string& id() const noexcept { return opening_.id; }
  Role role() const noexcept { return opening_.role; }
  const Route& route() const noexcept { return route_; }
  bool connected() const;

  Result<void> subscribe(const std::string& filter, bool no_local = false);
  Result<void> unsubscribe(const std::string& filter);
  /// As its own role, or as the other one where both roles have one connection.
  Result<void> publish(const Parcel& parcel, std::optional<Role> as = {});
  /// publish() that waits for nothing.
  void send(const Parcel& parcel);
  /// One retained message for each topic, or with an empty payload none, side by side. Ends with
  /// the first error.
  Result<void> keep(const std::vector<std::string>& topics, const std::string& payload,
                    std::chrono::milliseconds limit);

  /// The broker may keep something there that came another way, such as a will: to be taken back.
  void expect_kept(const std::string& topic) { kept_.insert(topic); }

  using Wanted = std::function<bool(const mqtt::Message&)>;
  /// Takes out the first such message that came, or comes in time. Nothing at the end of the
  /// connection, too.
  std::optional<mqtt::Message> wait_for(const Wanted& wanted, std::chrono::milliseconds limit);
  std::optional<mqtt::Message> wait_for(const Wanted& wanted) {
    return wait_for(wanted, route_.patience);
  }
  /// How many such messages came, once there are `enough`, or no more came for `quiet`.
  std::size_t count(const Wanted& wanted, std::size_t enough, std::chrono::milliseconds quiet);
  /// Says goodbye: no will.
  void leave();
  /// Ends as a program that is killed: the broker publishes the will.
  void vanish();

 private:
  /// What comes in, for callbacks that outlive the probe.
  struct Mailbox {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::deque<mqtt::Message> messages;
    std::uint64_t arrived = 0;
    bool lost = false;
  };

  void end_if_interrupted() const;
  template <class T, class Start>
  Result<T> await(Start start, std::chrono::milliseconds limit);
  mqtt::Message message_of(const Parcel& parcel, Role role) const;
  void take_back();

  Route route_;
  Opening opening_;
  mqtt::ConnectionInfo info_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<mqtt::Transport> transport_;
  std::set<std::string> kept_;
};

/// Whether a message came on this topic; any payload where none is given.
Probe::Wanted on_topic(std::string topic, std::optional<std::string> payload = {});

}  // namespace mcp_mqtt::command_line
