#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace mcp_mqtt::command_line {

/// What a stream may hold.
struct EventLimits {
  /// Of messages that nobody has read yet; an answer is taken beyond it.
  std::size_t queued_bytes = 4U << 20;
  /// Of messages that were sent and are kept for a client that lost its connection meanwhile.
  std::size_t kept_bytes = 256U << 10;
};

/// The events of one SSE stream: from whoever has a message, to the one connection that reads. The
/// connection may break; the stream goes on, and the next one reads from where the client says. Any
/// thread.
class EventStream {
 public:
  /// `number`: of the stream in its session.
  EventStream(std::uint64_t number, EventLimits limits) : number_(number), limits_(limits) {}
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  std::uint64_t number() const noexcept { return number_; }

  /// A message, as JSON. False where the queue is full: it is not taken. Nothing is taken after
  /// finish().
  bool push(std::string message);
  /// The answer to a request: it is always taken.
  void push_answer(std::string message);
  /// Nothing comes after what is there.
  void finish();
  bool finished() const;

  // The one who reads.
  /// A new reader takes over from the one before. It begins after event `after`, or with what
  /// nobody has read; an event that is not kept any more is passed over.
  std::uint64_t attach(std::optional<std::uint64_t> after = std::nullopt);
  /// The same where nobody reads; 0 where somebody does.
  std::uint64_t attach_if_free();
  void detach(std::uint64_t reader);
  bool attached() const;
  /// Waits until nobody reads; whoever does looks whether its connection is still there.
  bool wait_detached(std::chrono::milliseconds timeout);

  struct Next {
    enum class Kind { event, nothing, end };
    Kind kind = Kind::nothing;
    std::uint64_t event = 0;  ///< Its number in the stream, from 1.
    std::string message;
  };
  /// The next message; waits so long for one. It counts as read with the next call, so that one
  /// whose writing failed goes to the next reader. `end`: nothing comes any more, or another reads.
  Next next(std::uint64_t reader, std::chrono::milliseconds timeout);
  /// Where the stream turns out to be one answer and no more: the answer. Nothing as soon as
  /// something else comes, and after `timeout`.
  std::optional<std::string> only_answer(std::chrono::milliseconds timeout);

  /// The number of the last event that was read.
  std::uint64_t position() const;
  /// Of all that it holds.
  std::size_t bytes() const;
  /// Everything was read.
  bool drained() const;

 private:
  struct Event {
    std::uint64_t number = 0;
    std::string message;
    bool answer = false;
  };

  void add(std::string message, bool answer);
  void confirm_offered();

  const std::uint64_t number_;
  const EventLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Event> events_;
  std::uint64_t last_ = 0;      ///< The number of the newest event.
  std::uint64_t position_ = 0;  ///< The number of the last one that was read.
  std::uint64_t offered_ = 0;   ///< The number of the last one that next() gave.
  std::size_t queued_ = 0;      ///< Bytes after `position_`.
  std::size_t kept_ = 0;        ///< Bytes up to it.
  std::uint64_t readers_ = 0;
  std::uint64_t reader_ = 0;  ///< 0: nobody reads.
  bool look_ = false;         ///< The reader is to look after its connection.
  bool finished_ = false;
};

/// The id of an event in a session: its stream and its number there, as in "3-17".
std::string event_id(std::uint64_t stream, std::uint64_t event);
struct EventId {
  std::uint64_t stream = 0;
  std::uint64_t event = 0;
};
std::optional<EventId> parse_event_id(std::string_view text);

}  // namespace mcp_mqtt::command_line
