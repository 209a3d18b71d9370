#include "contract/peer.hpp"

namespace mcp_mqtt::test {
namespace {

/// The transport that this thread is calling now.
thread_local const void* calling = nullptr;

}  // namespace

CallbackWatch::Running::Running(CallbackWatch& watch) : watch_(watch) {
  EXPECT_EQ(watch_.running_.fetch_add(1), 0) << "two callbacks of one transport at a time";
  EXPECT_NE(calling, &watch_) << "a callback came from inside a call";
}

CallbackWatch::Running::~Running() { watch_.running_.fetch_sub(1); }

CallbackWatch::Calling::Calling(const CallbackWatch& watch) : outer_(calling) { calling = &watch; }

CallbackWatch::Calling::~Calling() { calling = outer_; }

Outcome<mqtt::ConnectionInfo> Peer::start_connect() {
  mqtt::ConnectionEvents events;
  events.on_message = [this, watch = watch_, log = messages_](mqtt::Message message) {
    const CallbackWatch::Running running(*watch);
    if (handler_) handler_(message);
    log.push(std::move(message));
  };
  events.on_connection_lost = [this, watch = watch_, log = lost_](Error error) {
    const CallbackWatch::Running running(*watch);
    if (lost_handler_) lost_handler_();
    log.push(std::move(error));
  };
  lost_before_ = lost_.size();
  Outcome<mqtt::ConnectionInfo> outcome;
  const CallbackWatch::Calling inside(*watch_);
  transport_->connect(options_, std::move(events), watched(outcome));
  return outcome;
}

Outcome<void> Peer::start_disconnect() {
  Outcome<void> outcome;
  const CallbackWatch::Calling inside(*watch_);
  transport_->disconnect(watched(outcome));
  return outcome;
}

Outcome<void> Peer::start_subscribe(mqtt::Subscription subscription) {
  Outcome<void> outcome;
  const CallbackWatch::Calling inside(*watch_);
  transport_->subscribe(std::move(subscription), watched(outcome));
  return outcome;
}

Outcome<void> Peer::start_unsubscribe(std::string filter) {
  Outcome<void> outcome;
  const CallbackWatch::Calling inside(*watch_);
  transport_->unsubscribe(std::move(filter), watched(outcome));
  return outcome;
}

Outcome<void> Peer::start_publish(mqtt::Message message) {
  Outcome<void> outcome;
  const CallbackWatch::Calling inside(*watch_);
  transport_->publish(std::move(message), watched(outcome));
  return outcome;
}

::testing::AssertionResult Peer::still_works() {
  if (lost_.size() != lost_before_) {
    return ::testing::AssertionFailure() << "lost: " << lost_.all().back().message;
  }
  const std::string topic = "probe/" + options_.client_id + "/" + std::to_string(++probes_);
  if (auto done = subscribe(topic); !done) return succeeded(done) << " (subscribe)";
  if (auto done = publish(topic, "?"); !done) return succeeded(done) << " (publish)";
  if (!messages_.wait_for([&](const mqtt::Message& message) { return message.topic == topic; })) {
    return ::testing::AssertionFailure() << "the probe did not come back";
  }
  return ::testing::AssertionSuccess();
}

}  // namespace mcp_mqtt::test
