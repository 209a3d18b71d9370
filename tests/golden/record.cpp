#include "golden/record.hpp"

#include <gtest/gtest.h>
#include <utility>

#include "support/waiting.hpp"

namespace mcp_mqtt::golden {

void Record::listen(bool on) {
  const std::lock_guard lock(mutex_);
  listening_ = on;
}

void Record::comment(std::string text) {
  add({Entry::Kind::comment, {}, {}, std::move(text)});
  const std::lock_guard lock(mutex_);
  seen_ = entries_.size();
}

void Record::publish(const std::string& who, const mqtt::Message& message) {
  add({Entry::Kind::publish, who, message});
}

void Record::will(const std::string& who, const mqtt::Message& message) {
  add({Entry::Kind::will, who, message});
}

void Record::add(Entry entry) {
  const std::lock_guard lock(mutex_);
  if (!listening_ && entry.kind != Entry::Kind::comment) return;
  entries_.push_back(std::move(entry));
  changed_.notify_all();
}

bool Record::wait_for(const std::function<bool(const mqtt::Message&)>& wanted) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, test::patience, [&] {
    for (; seen_ < entries_.size(); ++seen_) {
      const Entry& entry = entries_[seen_];
      if (entry.kind == Entry::Kind::publish && wanted(entry.message)) {
        ++seen_;
        return true;
      }
    }
    return false;
  });
}

std::vector<Record::Entry> Record::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

namespace {

/// T4: a peer tells by these who speaks.
void expect_who_speaks(const std::string& who, const mqtt::Message& message) {
  std::string names;
  for (const auto& [name, value] : message.user_properties) names += name + ' ';
  EXPECT_EQ(names, "MCP-COMPONENT-TYPE MCP-MQTT-CLIENT-ID ") << who << " to " << message.topic;
}

class RecordingTransport final : public mqtt::Transport {
 public:
  RecordingTransport(std::shared_ptr<mqtt::Transport> transport, std::shared_ptr<Record> record,
                     std::string who)
      : transport_(std::move(transport)), record_(std::move(record)), who_(std::move(who)) {}

  void connect(mqtt::ConnectOptions options, mqtt::ConnectionEvents events,
               mqtt::ConnectCompletion done) override {
    if (options.will) {
      expect_who_speaks(who_, *options.will);
      record_->will(who_, *options.will);
    }
    transport_->connect(std::move(options), std::move(events), std::move(done));
  }
  void disconnect(mqtt::Completion done) override { transport_->disconnect(std::move(done)); }
  void subscribe(mqtt::Subscription subscription, mqtt::Completion done) override {
    transport_->subscribe(std::move(subscription), std::move(done));
  }
  void unsubscribe(std::string filter, mqtt::Completion done) override {
    transport_->unsubscribe(std::move(filter), std::move(done));
  }
  void publish(mqtt::Message message, mqtt::Completion done) override {
    expect_who_speaks(who_, message);
    record_->publish(who_, message);
    transport_->publish(std::move(message), std::move(done));
  }

 private:
  std::shared_ptr<mqtt::Transport> transport_;
  std::shared_ptr<Record> record_;
  std::string who_;
};

}  // namespace

std::shared_ptr<mqtt::Transport> recording(std::shared_ptr<mqtt::Transport> transport,
                                           std::shared_ptr<Record> record, std::string who) {
  return std::make_shared<RecordingTransport>(std::move(transport), std::move(record),
                                              std::move(who));
}

}  // namespace mcp_mqtt::golden
