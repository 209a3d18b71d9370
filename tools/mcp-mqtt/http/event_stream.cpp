#include "mcp-mqtt/http/event_stream.hpp"

#include <charconv>

namespace mcp_mqtt::command_line {

bool EventStream::push(std::string message) {
  const std::lock_guard lock(mutex_);
  if (finished_) return true;
  if (queued_ + message.size() > limits_.queued_bytes) return false;
  add(std::move(message), false);
  return true;
}

void EventStream::push_answer(std::string message) {
  const std::lock_guard lock(mutex_);
  if (!finished_) add(std::move(message), true);
}

void EventStream::add(std::string message, bool answer) {
  queued_ += message.size();
  events_.push_back({++last_, std::move(message), answer});
  changed_.notify_all();
}

void EventStream::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

bool EventStream::finished() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

std::uint64_t EventStream::attach(std::optional<std::uint64_t> after) {
  const std::lock_guard lock(mutex_);
  if (after && *after <= last_) {
    position_ = *after;
    queued_ = kept_ = 0;
    for (const Event& event : events_) {
      (event.number <= position_ ? kept_ : queued_) += event.message.size();
    }
  }
  offered_ = position_;
  reader_ = ++readers_;
  look_ = false;
  changed_.notify_all();
  return reader_;
}

std::uint64_t EventStream::attach_if_free() {
  const std::lock_guard lock(mutex_);
  if (reader_ != 0) return 0;
  offered_ = position_;
  look_ = false;
  return reader_ = ++readers_;
}

void EventStream::detach(std::uint64_t reader) {
  const std::lock_guard lock(mutex_);
  if (reader_ != reader) return;
  reader_ = 0;
  changed_.notify_all();
}

bool EventStream::attached() const {
  const std::lock_guard lock(mutex_);
  return reader_ != 0;
}

bool EventStream::wait_detached(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (reader_ == 0) return true;
  look_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, timeout, [this] { return reader_ == 0; });
}

EventStream::Next EventStream::next(std::uint64_t reader, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (reader_ == reader) confirm_offered();
  changed_.wait_for(lock, timeout,
                    [&] { return reader_ != reader || position_ < last_ || finished_ || look_; });
  look_ = false;
  if (reader_ != reader) return {Next::Kind::end, 0, {}};
  if (position_ == last_) return {finished_ ? Next::Kind::end : Next::Kind::nothing, 0, {}};
  // The numbers in `events_` have no gaps.
  const std::uint64_t first = events_.front().number;
  const std::size_t at = position_ < first ? 0 : static_cast<std::size_t>(position_ + 1 - first);
  offered_ = events_[at].number;
  return {Next::Kind::event, offered_, events_[at].message};
}

void EventStream::confirm_offered() {
  if (offered_ <= position_) return;
  const std::size_t size =
      events_[static_cast<std::size_t>(offered_ - events_.front().number)].message.size();
  position_ = offered_;
  queued_ -= size;
  kept_ += size;
  while (kept_ > limits_.kept_bytes) {
    kept_ -= events_.front().message.size();
    events_.pop_front();
  }
}

std::optional<std::string> EventStream::only_answer(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout,
                    [this] { return finished_ || (last_ > 0 && !events_.back().answer); });
  if (!finished_ || last_ != 1 || !events_.front().answer) return std::nullopt;
  position_ = last_;
  queued_ = 0;
  std::string message = std::move(events_.front().message);
  events_.clear();
  return message;
}

std::uint64_t EventStream::position() const {
  const std::lock_guard lock(mutex_);
  return position_;
}

std::size_t EventStream::bytes() const {
  const std::lock_guard lock(mutex_);
  return queued_ + kept_;
}

bool EventStream::drained() const {
  const std::lock_guard lock(mutex_);
  return position_ == last_;
}

std::string event_id(std::uint64_t stream, std::uint64_t event) {
  return std::to_string(stream) + '-' + std::to_string(event);
}

std::optional<EventId> parse_event_id(std::string_view text) {
  EventId id;
  const char* const end = text.data() + text.size();
  const auto stream = std::from_chars(text.data(), end, id.stream);
  if (stream.ec != std::errc() || stream.ptr == end || *stream.ptr != '-') return std::nullopt;
  const auto event = std::from_chars(stream.ptr + 1, end, id.event);
  if (event.ec != std::errc() || event.ptr != end) return std::nullopt;
  return id;
}

}  // namespace mcp_mqtt::command_line
