#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>
#include <mcp_mqtt/mqtt/loopback.hpp>

#include "hostile/row.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/waiting.hpp"

// Who takes part in a test of the table.
namespace mcp_mqtt::hostile {

/// The log's warnings and errors since the last clear(). One at a time.
class LogWatch {
 public:
  LogWatch();
  ~LogWatch();
  LogWatch(const LogWatch&) = delete;
  LogWatch& operator=(const LogWatch&) = delete;

  void clear() const { lines_.clear(); }
  bool wait_for(const std::string& text) const;
  std::vector<std::string> all() const { return lines_.all(); }

 private:
  test::EventLog<std::string> lines_;
};

/// A transport that also hands over what no broker would pass on, and remembers where its owner
/// subscribed and published.
class Tap : public mqtt::Transport {
 public:
  explicit Tap(std::shared_ptr<mqtt::Transport> inner) : inner_(std::move(inner)) {}

  void connect(mqtt::ConnectOptions options, mqtt::ConnectionEvents events,
               mqtt::ConnectCompletion done) override;
  void disconnect(mqtt::Completion done) override { inner_->disconnect(std::move(done)); }
  void subscribe(mqtt::Subscription subscription, mqtt::Completion done) override;
  void unsubscribe(std::string filter, mqtt::Completion done) override {
    inner_->unsubscribe(std::move(filter), std::move(done));
  }
  void publish(mqtt::Message message, mqtt::Completion done) override;

  /// As if the broker had delivered it.
  void inject(mqtt::Message message);
  /// The topics and filters used since the last call.
  std::vector<std::string> take_topics();

 private:
  struct Shared {
    std::mutex mutex;
    std::function<void(mqtt::Message)> on_message;
  };
  std::shared_ptr<mqtt::Transport> inner_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  test::EventLog<std::string> topics_;
};

/// Rows of many megabytes take their time on a busy machine.
inline constexpr std::chrono::milliseconds patience = 4 * test::patience;

enum class BrokerKind { loopback, mosquitto };

/// The broker of a test, and transports to it.
class Broker {
 public:
  explicit Broker(BrokerKind kind);
  /// Without it (mosquitto is not installed) the test is skipped.
  bool available() const { return loopback || mosquitto_; }
  std::string url() const { return mosquitto_ ? mosquitto_->url() : "mqtt://loopback"; }
  std::shared_ptr<mqtt::Transport> make_transport() const;
  /// For a server or client of the library. `tap`, where the broker is the loopback's, gets the
  /// transport of its first connection.
  ConnectionOptions connection(std::shared_ptr<Tap>* tap = nullptr) const;

  std::unique_ptr<mqtt::LoopbackBroker> loopback;

 private:
  std::unique_ptr<test::MosquittoBroker> mosquitto_;
};

/// Somebody with an MQTT client and no library.
class Stranger {
 public:
  Stranger(const Broker& broker, std::string id, std::string component);
  ~Stranger();
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  const std::string& id() const noexcept { return id_; }
  void subscribe(const std::string& filter);
  /// A message with the properties that peers send.
  mqtt::Message message(const std::string& topic, std::string payload) const;
  /// Whether the broker took it.
  Result<void> publish(mqtt::Message message);
  void say(const std::string& topic, std::string payload) {
    EXPECT_TRUE(test::succeeded(publish(message(topic, std::move(payload)))));
  }
  /// The next message that it gets, as JSON; null where none comes.
  Json next();
  const test::EventLog<mqtt::Message>& inbox() const { return inbox_; }

 private:
  std::string id_;
  std::string component_;
  test::EventLog<mqtt::Message> inbox_;
  std::shared_ptr<mqtt::Transport> transport_;
};

/// `text` with `value` in place of each `word`.
std::string replaced(std::string text, std::string_view word, std::string_view value);

}  // namespace mcp_mqtt::hostile
