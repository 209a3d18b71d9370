#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "mcp-mqtt/doctor/site.hpp"

// The checks of `mcp-mqtt doctor`, each a line or a few. They need an open site, in this order;
// what they leave on the broker they take back.
namespace mcp_mqtt::command_line {

/// What CONNACK said: MQTT 5, TLS, ids and names, limits.
void check_connection(Site& site);
/// The topics of MCP over MQTT, as a server and a client use them: who may not write, who hears
/// nothing.
void check_topics(Site& site);
/// Retained messages, wildcards, No Local, user properties, packet sizes; the broker's version.
void check_messages(Site& site);
/// The round trip at QoS 0 and 1.
void check_round_trips(Site& site);
/// What Nagle's algorithm and delayed acknowledgements cost those who do nothing about it.
void check_stall(Site& site);
/// From the medians of three ways: this library's sockets; without Nagle on this side, with delayed
/// acknowledgements; and nothing done about either.
Finding stall_finding(std::chrono::microseconds treated, std::chrono::microseconds broker_side,
                      std::chrono::microseconds untreated);
/// How many retained messages come at once. Connects main() again.
void check_burst(Site& site);
/// Whether the broker publishes a will. Connects main() again.
void check_will(Site& site);

/// What is known of clocks.
struct ClockSeen {
  std::chrono::system_clock::time_point local;
  /// How far the local clock jumped during the run.
  std::chrono::milliseconds jumped{0};
  /// The kernel's word: whether somebody keeps the clock right, and to within what; nothing where
  /// it does not tell.
  std::optional<bool> synchronized = {};
  std::chrono::microseconds error_bound{0};
  /// The broker's clock minus ours, where it told.
  std::optional<std::chrono::milliseconds> broker_ahead = {};
};
Finding clock_finding(const ClockSeen& seen);

/// Follows the clocks from its construction on.
class ClockWatch {
 public:
  ClockWatch();
  /// What the broker may tell of its time is asked for from here on.
  void ask_broker(Site& site);
  /// Before main() connects again: what the broker told is lost with the connection.
  void hear_broker(Site& site);
  ClockSeen seen() const;

 private:
  std::chrono::system_clock::time_point wall_;
  std::chrono::steady_clock::time_point steady_;
  std::optional<std::chrono::milliseconds> broker_ahead_;
};

/// Why the first connection failed, in one line: nothing listens there, it speaks an older MQTT or
/// something else.
std::string connect_failure(const Route& route, const Error& error);

}  // namespace mcp_mqtt::command_line
