#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "mcp-mqtt/http/session_table.hpp"

namespace mcp_mqtt::command_line {

/// How many streams there are at a time, over all sessions: each holds a thread.
class StreamSlots {
 public:
  explicit StreamSlots(std::size_t most) : most_(most) {}
  /// A slot, given back with its last copy; nothing where all are taken.
  std::shared_ptr<void> take();

 private:
  const std::size_t most_;
  std::shared_ptr<std::atomic<std::size_t>> taken_ = std::make_shared<std::atomic<std::size_t>>(0);
};

/// One HTTP response that reads a stream, as text/event-stream. One thread; the destructor leaves
/// the stream to the next reader.
class EventReader {
 public:
  /// `reader`: what EventStream::attach() gave.
  EventReader(std::shared_ptr<GatewaySession> session, std::shared_ptr<EventStream> stream,
              std::uint64_t reader, std::shared_ptr<void> slot);
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;
  ~EventReader();

  /// Begins with an event without content, so that the client knows an id to read on from, and how
  /// long to wait before it does. For clients since 2025-11-25: older ones take it for a message.
  void prime();

  /// Text to send; empty: look whether the client is still there, and ask again. Nothing: the
  /// stream is over.
  std::optional<std::string> read(std::chrono::milliseconds timeout);
  /// Where the answer is all there is, it and no stream; see EventStream.
  std::optional<std::string> only_answer(std::chrono::milliseconds timeout) {
    return stream_->only_answer(timeout);
  }
  const std::shared_ptr<EventStream>& stream() const noexcept { return stream_; }

 private:
  const std::shared_ptr<GatewaySession> session_;
  const std::shared_ptr<EventStream> stream_;
  const std::uint64_t reader_;
  const std::shared_ptr<void> slot_;
  bool prime_ = false;
  std::chrono::steady_clock::time_point written_ = std::chrono::steady_clock::now();
};

}  // namespace mcp_mqtt::command_line
