#include "mqtt/publish_window.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "mqtt/message_bytes.hpp"

namespace mcp_mqtt::mqtt {

PublishWindow::PublishWindow(std::size_t queue_limit, std::size_t byte_limit)
    : queue_limit_(queue_limit), byte_limit_(byte_limit) {}

void PublishWindow::limit(std::size_t queue_limit, std::size_t byte_limit) {
  queue_limit_ = queue_limit;
  byte_limit_ = byte_limit;
}

void PublishWindow::open(std::uint16_t receive_maximum) {
  in_flight_ = 0;
  // MQTT forbids a receive maximum of 0; a window that never opens would hang its owner.
  window_ = std::max<std::size_t>(1, receive_maximum);
}

Result<void> PublishWindow::push(Message&& message, Completion&& done) {
  const std::size_t bytes = bytes_of(message);
  if (queue_.size() >= queue_limit_) {
    return Error{
        ErrorKind::busy, 0,
        "the queue of publishes is full: " + std::to_string(queue_.size()) + " messages wait"};
  }
  if (!queue_.empty() && (bytes_ > byte_limit_ || bytes > byte_limit_ - bytes_)) {
    return Error{ErrorKind::busy, 0,
                 "the queue of publishes is full: " + std::to_string(bytes_) + " bytes wait"};
  }
  queue_.push_back({std::move(message), std::move(done)});
  bytes_ += bytes;
  return {};
}

std::optional<PublishWindow::Entry> PublishWindow::pop() {
  if (queue_.empty() || window_ == 0) return std::nullopt;
  const bool acknowledged_later = queue_.front().message.qos != Qos::at_most_once;
  if (acknowledged_later && in_flight_ >= window_) return std::nullopt;
  Entry entry = std::move(queue_.front());
  queue_.pop_front();
  bytes_ -= bytes_of(entry.message);
  if (acknowledged_later) ++in_flight_;
  return entry;
}

void PublishWindow::acknowledged() {
  if (in_flight_ > 0) --in_flight_;
}

bool PublishWindow::idle() const noexcept { return queue_.empty() && in_flight_ == 0; }

std::size_t PublishWindow::in_flight() const noexcept { return in_flight_; }

std::size_t PublishWindow::queued() const noexcept { return queue_.size(); }

std::vector<PublishWindow::Entry> PublishWindow::close() {
  std::vector<Entry> unsent(std::make_move_iterator(queue_.begin()),
                            std::make_move_iterator(queue_.end()));
  queue_.clear();
  bytes_ = 0;
  in_flight_ = 0;
  window_ = 0;
  return unsent;
}

}  // namespace mcp_mqtt::mqtt
