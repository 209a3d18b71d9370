#include "hostile/parties.hpp"

#include <utility>

namespace mcp_mqtt::hostile {
namespace {

/// Nobody is to be cut off because a busy machine takes its time with many megabytes.
constexpr std::chrono::seconds no_hurry{600};

}  // namespace

// --- LogWatch

LogWatch::LogWatch() {
  set_log_handler([lines = lines_](LogLevel level, std::string_view message) {
    EXPECT_EQ(message.find_first_of(std::string_view("\0\n\r\x1b", 4)), std::string_view::npos)
        << "a peer wrote into the log: " << message;
    if (level >= LogLevel::warning) lines.push(std::string(message));
  });
}

LogWatch::~LogWatch() { set_log_handler({}); }

bool LogWatch::wait_for(const std::string& text) const {
  return lines_
      .wait_for([&](const std::string& line) { return line.find(text) != std::string::npos; },
                patience)
      .has_value();
}

// --- Tap

void Tap::connect(mqtt::ConnectOptions options, mqtt::ConnectionEvents events,
                  mqtt::ConnectCompletion done) {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->on_message = std::move(events.on_message);
  }
  events.on_message = [shared = shared_](mqtt::Message message) {
    const std::lock_guard lock(shared->mutex);
    shared->on_message(std::move(message));
  };
  inner_->connect(std::move(options), std::move(events), std::move(done));
}

void Tap::subscribe(mqtt::Subscription subscription, mqtt::Completion done) {
  topics_.push(subscription.filter);
  inner_->subscribe(std::move(subscription), std::move(done));
}

void Tap::publish(mqtt::Message message, mqtt::Completion done) {
  topics_.push(message.topic);
  inner_->publish(std::move(message), std::move(done));
}

void Tap::inject(mqtt::Message message) {
  const std::lock_guard lock(shared_->mutex);
  shared_->on_message(std::move(message));
}

std::vector<std::string> Tap::take_topics() {
  auto topics = topics_.all();
  topics_.clear();
  return topics;
}

// --- Broker

Broker::Broker(BrokerKind kind) {
  if (kind == BrokerKind::loopback) {
    loopback = std::make_unique<mqtt::LoopbackBroker>();
  } else if (test::MosquittoBroker::available()) {
    mosquitto_ = std::make_unique<test::MosquittoBroker>();
  }
}

std::shared_ptr<mqtt::Transport> Broker::make_transport() const {
  if (loopback) return loopback->make_transport();
  return mqtt::make_transport(mqtt::TransportKind::mosquitto, mqtt::parse_broker_url(url()).value())
      .value();
}

ConnectionOptions Broker::connection(std::shared_ptr<Tap>* tap) const {
  ConnectionOptions options;
  options.keep_alive = no_hurry;
  if (!loopback) return options;
  options.make_transport = [this, tap]() -> std::shared_ptr<mqtt::Transport> {
    if (tap == nullptr || *tap) return loopback->make_transport();
    *tap = std::make_shared<Tap>(loopback->make_transport());
    return *tap;
  };
  return options;
}

// --- Stranger

Stranger::Stranger(const Broker& broker, std::string id, std::string component)
    : id_(std::move(id)), component_(std::move(component)), transport_(broker.make_transport()) {
  mqtt::ConnectOptions options;
  options.broker = mqtt::parse_broker_url(broker.url()).value();
  options.client_id = id_;
  options.keep_alive = no_hurry;
  options.user_properties = {{"MCP-COMPONENT-TYPE", component_}, {"MCP-META", "{}"}};
  mqtt::ConnectionEvents events;
  events.on_message = [inbox = inbox_](mqtt::Message message) { inbox.push(std::move(message)); };
  events.on_connection_lost = [](const Error&) {};
  EXPECT_TRUE(test::succeeded(test::outcome_of<mqtt::ConnectionInfo>(
      [&](auto done) { transport_->connect(std::move(options), std::move(events), done); })));
}

Stranger::~Stranger() {
  EXPECT_TRUE(
      test::succeeded(test::outcome_of<void>([&](auto done) { transport_->disconnect(done); })));
}

void Stranger::subscribe(const std::string& filter) {
  EXPECT_TRUE(test::succeeded(test::outcome_of<void>([&](auto done) {
    transport_->subscribe({filter, mqtt::Qos::at_least_once, true}, done);
  })));
}

mqtt::Message Stranger::message(const std::string& topic, std::string payload) const {
  return {topic,
          std::move(payload),
          mqtt::Qos::at_least_once,
          false,
          {{"MCP-COMPONENT-TYPE", component_}, {"MCP-MQTT-CLIENT-ID", id_}}};
}

Result<void> Stranger::publish(mqtt::Message message) {
  return test::outcome_of<void>([&](auto done) { transport_->publish(std::move(message), done); },
                                patience);
}

Json Stranger::next() {
  const auto message = inbox_.take(patience);
  if (!message) {
    ADD_FAILURE() << id_ << " got nothing";
    return nullptr;
  }
  return Json::parse(message->payload, nullptr, false);
}

std::string replaced(std::string text, std::string_view word, std::string_view value) {
  for (std::size_t at = text.find(word); at != std::string::npos;
       at = text.find(word, at + value.size())) {
    text.replace(at, word.size(), value);
  }
  return text;
}

}  // namespace mcp_mqtt::hostile
