#include <chrono>
#include <utility>

#include "ground/logging.hpp"
#include "mqtt/message_bytes.hpp"
#include "mqtt/paho/paho_core.hpp"
#include "mqtt/paho/paho_runtime.hpp"
#include "mqtt/publish_check.hpp"

// What goes over an open connection: the calls, their answers and the messages that arrive.
namespace mcp_mqtt::mqtt::paho {
namespace {

/// Between a failed call and the report that the connection is lost.
constexpr std::chrono::seconds loss_patience{1};

Error not_connected() {
  return Error{ErrorKind::not_connected, 0, "there is no connection to a broker", nullptr};
}

bool tells_of_a_loss(const Result<void>& result) {
  return !result && (result.error().kind == ErrorKind::connection_lost ||
                     result.error().kind == ErrorKind::not_connected);
}

}  // namespace

void PahoCore::fail_later(Completion done, Error error) {
  dispatcher_.post(
      [done = std::move(done), error = std::move(error)] { call<Result<void>>(done, error); });
}

template <class Submit>
void PahoCore::submit(Completion done, Submit submit) {
  std::unique_lock lock(mutex_);
  if (phase_ != Phase::open) {
    lock.unlock();
    return fail_later(std::move(done), not_connected());
  }
  if (pending_.size() >= limits_.calls_under_way) {
    lock.unlock();
    return fail_later(std::move(done),
                      Error{ErrorKind::busy, 0, "too many calls wait for the broker", nullptr});
  }
  const std::uint64_t operation = ++last_operation_;
  pending_.emplace(operation, Pending{std::move(done)});
  PahoRuntime::instance().lane().post(
      [connection = connection_, operation, submit = std::move(submit)] {
        submit(*connection, operation);
      });
}

/// What the broker takes. Before there is one a faulty call is the caller's fault all the same.
std::shared_ptr<const ConnectionInfo> PahoCore::broker() const {
  static const auto unknown = std::make_shared<const ConnectionInfo>();
  const std::lock_guard lock(mutex_);
  return phase_ == Phase::open && info_ ? info_ : unknown;
}

void PahoCore::subscribe(Subscription subscription, Completion done) {
  if (auto checked = check_subscribe(subscription.filter, *broker()); !checked) {
    return fail_later(std::move(done), std::move(checked).error());
  }
  submit(std::move(done), [subscription = std::move(subscription)](PahoConnection& connection,
                                                                   std::uint64_t operation) {
    connection.subscribe(operation, subscription);
  });
}

void PahoCore::unsubscribe(std::string filter, Completion done) {
  if (auto checked = check_subscribe(filter, *broker()); !checked) {
    return fail_later(std::move(done), std::move(checked).error());
  }
  submit(std::move(done),
         [filter = std::move(filter)](PahoConnection& connection, std::uint64_t operation) {
           connection.unsubscribe(operation, filter);
         });
}

void PahoCore::publish(Message message, Completion done) {
  if (auto checked = check_publish(message, *broker()); !checked) {
    return fail_later(std::move(done), std::move(checked).error());
  }
  std::unique_lock lock(mutex_);
  if (phase_ != Phase::open) {
    lock.unlock();
    return fail_later(std::move(done), not_connected());
  }
  if (auto queued = window_.push(std::move(message), std::move(done)); !queued) {
    lock.unlock();
    // push() takes its arguments only where it queues them. NOLINTNEXTLINE(bugprone-use-after-move)
    return fail_later(std::move(done), std::move(queued).error());
  }
  hand_over();
}

void PahoCore::expect_loss() {
  if (std::exchange(breaking_, true)) return;
  // Paho reports the loss next. Should it not, the connection would be of no use all the same.
  dispatch_at(TaskThread::Clock::now() + loss_patience, [attempt = attempt_](PahoCore& self) {
    self.handle_lost(attempt, Error{ErrorKind::connection_lost, 0,
                                    "the connection to the broker broke while sending", nullptr});
  });
}

void PahoCore::hand_over() {
  // What is not handed over now can be told not to have been sent.
  if (breaking_) return;
  std::vector<OutgoingMessage> messages;
  while (handed_over_messages_ < limits_.handed_over_messages &&
         handed_over_bytes_ < limits_.handed_over_bytes) {
    auto entry = window_.pop();
    if (!entry) break;
    const std::uint64_t operation = ++last_operation_;
    Pending pending{std::move(entry->done), true, entry->message.qos != Qos::at_most_once,
                    bytes_of(entry->message)};
    if (!pending.acknowledged) ++handed_over_messages_;
    handed_over_bytes_ += pending.bytes;
    pending_.emplace(operation, std::move(pending));
    messages.push_back({operation, std::move(entry->message)});
  }
  if (messages.empty()) return;
  PahoRuntime::instance().lane().post(
      [connection = connection_, messages = std::move(messages)]() mutable {
        connection->publish(std::move(messages));
      });
}

void PahoCore::completed(std::uint64_t attempt, std::uint64_t operation, Result<void> result) {
  dispatch([attempt, operation, result = std::move(result)](PahoCore& self) {
    self.handle_completed(attempt, operation, result);
  });
}

void PahoCore::message_arrived(std::uint64_t attempt, Message message) {
  const std::size_t bytes = bytes_of(message);
  const std::size_t messages_before = inbound_messages_.fetch_add(1);
  const std::size_t bytes_before = inbound_bytes_.fetch_add(bytes);
  // One message of any size always fits.
  if (messages_before >= limits_.inbound_messages ||
      (messages_before > 0 && bytes_before + bytes > limits_.inbound_bytes)) {
    inbound_messages_.fetch_sub(1);
    inbound_bytes_.fetch_sub(bytes);
    if (message.qos == Qos::at_most_once) {
      if (dropped_messages_.fetch_add(1) == 0) {
        log::warning("messages of QoS 0 are dropped: they arrive faster than they are taken");
      }
      return;
    }
    return lost(attempt,
                Error{ErrorKind::connection_lost, 0,
                      "messages arrive faster than they are taken: the queue is full", nullptr});
  }
  dispatch([attempt, bytes, message = std::move(message)](PahoCore& self) mutable {
    self.inbound_messages_.fetch_sub(1);
    self.inbound_bytes_.fetch_sub(bytes);
    self.handle_message(attempt, std::move(message));
  });
}

void PahoCore::handle_completed(std::uint64_t attempt, std::uint64_t operation,
                                const Result<void>& result) {
  Completion done;
  {
    const std::lock_guard lock(mutex_);
    if (attempt_ != attempt) return;
    const auto found = pending_.find(operation);
    if (found == pending_.end()) return;
    done = std::move(found->second.done);
    if (found->second.publish) {
      handed_over_bytes_ -= found->second.bytes;
      if (found->second.acknowledged) {
        window_.acknowledged();
      } else {
        --handed_over_messages_;
      }
    }
    pending_.erase(found);
    if (tells_of_a_loss(result)) {
      expect_loss();
    } else {
      hand_over();
      disconnect_when_flushed();
    }
  }
  call(done, result);
}

void PahoCore::handle_message(std::uint64_t attempt, Message message) {
  std::shared_ptr<const ConnectionEvents> events;
  {
    const std::lock_guard lock(mutex_);
    if (attempt_ == attempt && (phase_ == Phase::open || phase_ == Phase::closing)) {
      events = events_;
    }
  }
  if (events) call(events->on_message, std::move(message));
}

}  // namespace mcp_mqtt::mqtt::paho
