#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string>

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
  /// `client_id`: the one in force. Lives under different ids say nothing about a conflict.
  void on_connected(TimePoint now, const std::string& client_id = {});
  /// Before the first success: gives up unless the backoff says to keep trying from the start.
  Next on_connect_failed(Error error, TimePoint now);
  Next on_lost(Error error, TimePoint now);
  Next on_time(TimePoint now);
  /// The network came back, or what refused us was mended: tries at once, also after giving up, and
  /// counts from the start. While connecting, the attempt under way is to be dropped for a new one.
  Next reconnect_now();
  void stop();

  Deadline next_deadline() const { return retry_at_; }
  const Error& error() const { return last_error_; }
  bool connected() const noexcept { return state_ == State::connected; }
  bool connecting() const noexcept { return state_ == State::connecting; }

 private:
  enum class State { idle, connecting, connected, waiting, gave_up, over };

  void wait(TimePoint now);
  Next give_up();
  bool is_fatal(const Error& error);
  bool is_conflict(Error& error, TimePoint now);
  void forget_conflict() noexcept;

  Backoff backoff_;
  std::mt19937_64 random_;
  State state_ = State::idle;
  bool ever_connected_ = false;
  int same_refusals_ = 0;
  /// In a row, under `client_id_`: ended by a takeover (0x8E); ended soon and without a reason.
  int takeovers_ = 0;
  int short_lives_ = 0;
  std::string client_id_;
  Duration delay_{};
  TimePoint connected_at_;
  Deadline retry_at_;
  Error last_error_;
};

}  // namespace mcp_mqtt::engine
