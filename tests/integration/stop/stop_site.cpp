#include "integration/stop/stop_site.hpp"

#include <algorithm>
#include <iostream>

namespace mcp_mqtt::test {
namespace {

/// Prints the figures when the program's tests are over.
class EndFigures : public ::testing::Environment {
 public:
  void TearDown() override {
    std::cout << "reliability: ends=" << ends << " late=" << late
              << " longest_ms=" << longest.count() << '\n';
  }

  std::size_t ends = 0;
  std::size_t late = 0;
  std::chrono::milliseconds longest{0};
};

EndFigures& end_figures() {
  static auto& figures =
      static_cast<EndFigures&>(*::testing::AddGlobalTestEnvironment(new EndFigures));
  return figures;
}
[[maybe_unused]] const EndFigures& registered_before_the_tests = end_figures();

/// A transport whose CONNECT gets no answer while `silent` is set. Then it answers no disconnect()
/// either: nothing of it may keep its owner from ending.
class SilentTransport final : public mqtt::Transport {
 public:
  SilentTransport(std::shared_ptr<mqtt::Transport> inner, const std::atomic<bool>& silent,
                  EventLog<std::string> silenced)
      : inner_(std::move(inner)), silent_(silent), silenced_(std::move(silenced)) {}

  void connect(mqtt::ConnectOptions options, mqtt::ConnectionEvents events,
               mqtt::ConnectCompletion done) override {
    hangs_ = silent_.load();
    if (hangs_) {
      silenced_.push(options.client_id);
    } else {
      inner_->connect(std::move(options), std::move(events), std::move(done));
    }
  }
  void disconnect(mqtt::Completion done) override {
    if (!hangs_) inner_->disconnect(std::move(done));
  }
  void subscribe(mqtt::Subscription subscription, mqtt::Completion done) override {
    inner_->subscribe(std::move(subscription), std::move(done));
  }
  void unsubscribe(std::string filter, mqtt::Completion done) override {
    inner_->unsubscribe(std::move(filter), std::move(done));
  }
  void publish(mqtt::Message message, mqtt::Completion done) override {
    inner_->publish(std::move(message), std::move(done));
  }

 private:
  std::shared_ptr<mqtt::Transport> inner_;
  const std::atomic<bool>& silent_;
  EventLog<std::string> silenced_;
  std::atomic<bool> hangs_ = false;
};

}  // namespace

std::string to_string(Ending ending) {
  switch (ending) {
    case Ending::stop:
      return "stop";
    case Ending::stop_twice:
      return "stop twice";
    case Ending::two_threads:
      return "stop from two threads";
    case Ending::destroy:
      break;
  }
  return "destroy";
}

void expect_in_time(std::chrono::steady_clock::duration took,
                    std::chrono::milliseconds stop_timeout) {
  EXPECT_LT(took, stop_timeout + slack);
  EndFigures& figures = end_figures();
  ++figures.ends;
  if (took >= stop_timeout + slack) ++figures.late;
  figures.longest =
      std::max(figures.longest, std::chrono::duration_cast<std::chrono::milliseconds>(took));
}

void StopSite::SetUp() {
  Site::SetUp();
  if (mosquitto_) proxy_ = std::make_unique<MqttProxy>(mosquitto_->port());
}

void StopSite::TearDown() { proxy_.reset(); }

ConnectionOptions StopSite::shaky_connection() {
  ConnectionOptions options = connection();
  options.backoff.initial = 10ms;
  if (loopback_) {
    options.make_transport = [this] {
      return std::make_shared<SilentTransport>(loopback_->make_transport(), silent_, silenced_);
    };
  }
  return options;
}

ServerOptions StopSite::shaky_server_options(const std::string& id) {
  ServerOptions options = server_options(id);
  options.connection = shaky_connection();
  options.stop_timeout = brief_stop;
  return options;
}

ClientOptions StopSite::shaky_client_options(const std::string& id) {
  ClientOptions options = client_options();
  options.client_id = id;
  options.connection = shaky_connection();
  options.stop_timeout = brief_stop;
  return options;
}

void StopSite::freeze(const std::string& client_id) {
  proxy_ ? proxy_->hold() : loopback_->hold(client_id);
}

void StopSite::thaw(const std::string& client_id) {
  proxy_ ? proxy_->release() : loopback_->release(client_id);
}

void StopSite::silence_connects() {
  if (proxy_) {
    proxy_->connects().clear();
    proxy_->hold(MqttProxy::Direction::to_client);
  }
  silent_ = true;
}

bool StopSite::connecting() const {
  return proxy_ ? proxy_->connects().take().has_value() : silenced_.take().has_value();
}

void StopSite::cut(const std::string& client_id) {
  proxy_ ? proxy_->cut() : loopback_->cut(client_id);
}

void StopSite::answer_connects() {
  if (proxy_) proxy_->release();
  silent_ = false;
}

void StopSite::kill_broker(const std::string& client_id) {
  if (mosquitto_) {
    mosquitto_->kill();
    return;
  }
  loopback_->on_connect([](const mqtt::ConnectOptions&) -> Result<mqtt::ConnectionInfo> {
    return Error{ErrorKind::connection_lost, 0, "the broker was killed", nullptr};
  });
  loopback_->cut(client_id);
}

void StopSite::revive_broker() { mosquitto_ ? mosquitto_->restart() : loopback_->on_connect({}); }

void StopSite::publish(const std::string& topic, const std::string& payload, bool retain) {
  mqtt::ConnectOptions options;
  if (!loopback_) options.broker = mqtt::parse_broker_url(url()).value();
  options.client_id = "nobody";
  const auto transport =
      loopback_ ? loopback_->make_transport()
                : mqtt::make_transport(mqtt::TransportKind::mosquitto, options.broker).value();
  EXPECT_TRUE(succeeded(outcome_of<mqtt::ConnectionInfo>(
      [&](auto done) { transport->connect(options, {}, std::move(done)); })));
  const mqtt::Message message{topic, payload, mqtt::Qos::at_least_once, retain, {}};
  EXPECT_TRUE(succeeded(
      outcome_of<void>([&](auto done) { transport->publish(message, std::move(done)); })));
  EXPECT_TRUE(
      succeeded(outcome_of<void>([&](auto done) { transport->disconnect(std::move(done)); })));
}

}  // namespace mcp_mqtt::test
