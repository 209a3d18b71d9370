#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <mcp_mqtt/mqtt/transport.hpp>

// The queue of publishes in front of an MQTT library: bounded, and never more handed over than the
// broker's receive maximum allows, so that a lost connection takes back exactly what was not sent.
// Not thread-safe: its owner serialises the calls.
namespace mcp_mqtt::mqtt {

class PublishWindow {
 public:
  struct Entry {
    Message message;
    Completion done;
  };

  /// `queue_limit`: messages that may wait beyond those in flight. `byte_limit`: their bytes
  /// (topic, payload and user properties); a single message may wait whatever its size.
  explicit PublishWindow(std::size_t queue_limit = 10'000, std::size_t byte_limit = 64 << 20);

  /// Other limits from now on; what is queued stays.
  void limit(std::size_t queue_limit, std::size_t byte_limit);

  /// A new connection: nothing in flight; `receive_maximum` from CONNACK. What was pushed before
  /// stays queued.
  void open(std::uint16_t receive_maximum);

  /// Queues; `busy` when full, and then `message` and `done` are left as they were.
  Result<void> push(Message&& message, Completion&& done);

  /// Takes the next entry that may be handed over now, in order. QoS 0 entries never wait for the
  /// window but keep their place behind earlier ones. Nothing before open() and after close().
  std::optional<Entry> pop();

  /// One handed-over QoS 1 or 2 message was acknowledged or refused.
  void acknowledged();

  /// Nothing queued and nothing in flight.
  bool idle() const noexcept;
  /// QoS 1 and 2 messages handed over and not acknowledged.
  std::size_t in_flight() const noexcept;
  std::size_t queued() const noexcept;

  /// Empties the queue of what was not handed over (they fail as `not_connected`).
  std::vector<Entry> close();

 private:
  std::size_t queue_limit_;
  std::size_t byte_limit_;
  std::size_t bytes_ = 0;
  std::size_t in_flight_ = 0;
  /// How many may be in flight; 0 while there is no connection.
  std::size_t window_ = 0;
  std::deque<Entry> queue_;
};

}  // namespace mcp_mqtt::mqtt
