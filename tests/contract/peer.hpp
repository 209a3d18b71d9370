#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "support/waiting.hpp"

namespace mcp_mqtt::test {

/// Fails the test when callbacks of one transport overlap, or when one comes from inside a call.
class CallbackWatch {
 public:
  /// Alive while a callback runs.
  class Running {
   public:
    explicit Running(CallbackWatch& watch);
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running();

   private:
    CallbackWatch& watch_;
  };
  /// Alive while this thread is inside a call of the transport.
  class Calling {
   public:
    explicit Calling(const CallbackWatch& watch);
    Calling(const Calling&) = delete;
    Calling& operator=(const Calling&) = delete;
    ~Calling();

   private:
    const void* outer_;
  };

 private:
  std::atomic<int> running_{0};
};

/// A transport under test and everything that it reported. Each callback is watched.
class Peer {
 public:
  Peer(std::shared_ptr<mqtt::Transport> transport, mqtt::ConnectOptions options)
      : transport_(std::move(transport)), options_(std::move(options)) {}

  mqtt::ConnectOptions& options() noexcept { return options_; }
  mqtt::Transport& transport() noexcept { return *transport_; }
  const EventLog<mqtt::Message>& messages() const noexcept { return messages_; }
  const EventLog<Error>& lost() const noexcept { return lost_; }

  /// Called for each message before it is in the log. Set before connecting; so on_lost().
  void on_message(std::function<void(const mqtt::Message&)> handler) {
    handler_ = std::move(handler);
  }
  void on_lost(std::function<void()> handler) { lost_handler_ = std::move(handler); }

  Outcome<mqtt::ConnectionInfo> start_connect();
  Outcome<void> start_disconnect();
  Outcome<void> start_subscribe(mqtt::Subscription subscription);
  Outcome<void> start_unsubscribe(std::string filter);
  Outcome<void> start_publish(mqtt::Message message);

  Result<mqtt::ConnectionInfo> connect() { return start_connect().wait(); }
  Result<void> disconnect() { return start_disconnect().wait(); }
  Result<void> subscribe(const std::string& filter, mqtt::Qos qos = mqtt::Qos::at_least_once,
                         bool no_local = false) {
    return start_subscribe({filter, qos, no_local}).wait();
  }
  Result<void> publish(const std::string& topic, const std::string& payload,
                       mqtt::Qos qos = mqtt::Qos::at_least_once, bool retain = false) {
    return start_publish({topic, payload, qos, retain, {}}).wait();
  }

  /// Whether the connection still carries a message there and back, and was not reported lost.
  ::testing::AssertionResult still_works();

  /// Destroys the transport.
  void destroy() { transport_.reset(); }

 private:
  template <class T>
  std::function<void(Result<T>)> watched(const Outcome<T>& outcome) {
    return [watch = watch_, callback = outcome.callback()](Result<T> result) {
      const CallbackWatch::Running running(*watch);
      callback(std::move(result));
    };
  }

  std::shared_ptr<CallbackWatch> watch_ = std::make_shared<CallbackWatch>();
  EventLog<mqtt::Message> messages_;
  EventLog<Error> lost_;
  std::function<void(const mqtt::Message&)> handler_;
  std::function<void()> lost_handler_;
  int probes_ = 0;
  std::size_t lost_before_ = 0;
  std::shared_ptr<mqtt::Transport> transport_;
  mqtt::ConnectOptions options_;
};

}  // namespace mcp_mqtt::test
