#pragma once

#include <chrono>
#include <optional>
#include <random>

#include <mcp_mqtt/backoff.hpp>
#include <mcp_mqtt/error.hpp>

#include "engine/clock.hpp"

namespace mcp_mqtt::engine {

/// When to connect, and when to stop trying: the life of one MQTT connection without I/O.
class ConnectionLife {
 public:
  /// What to do after an event.
  enum class Next {
    nothing,
    connect,  ///< Open the transport now.
    give_up,  ///< error() says why.
  };

  ConnectionLife(Backoff backoff, std::mt19937_64::result_type seed);

  Next start();
  void on_connected(TimePoint now);
  /// Before the first success: gives up unless the backoff says to keep trying from the start.
  Next on_connect_failed(Error error, TimePoint now);
  Next on_lost(Error error, TimePoint now);
  Next on_time(TimePoint now);
  void stop();

  Deadline next_deadline() const { return retry_at_; }
  const Error& error() const { return last_error_; }
  bool connected() const noexcept { return state_ == State::connected; }

 private:
  enum class State { idle, connecting, connected, waiting, over };

  void wait(TimePoint now);
  bool is_fatal(const Error& error);

  Backoff backoff_;
  std::mt19937_64 random_;
  State state_ = State::idle;
  bool ever_connected_ = false;
  int same_refusals_ = 0;
  Duration delay_{};
  TimePoint connected_at_;
  Deadline retry_at_;
  Error last_error_;
};

}  // namespace mcp_mqtt::engine
