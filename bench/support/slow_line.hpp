#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "support/loopback_socket.hpp"

namespace mcp_mqtt::bench {

/// A port of 127.0.0.1 that leads to another one over a long line: what goes in at one end comes
/// out at the other after half a round trip, in both directions, whatever the size.
class SlowLine {
 public:
  SlowLine(std::uint16_t to, std::chrono::milliseconds round_trip);
  SlowLine(const SlowLine&) = delete;
  SlowLine& operator=(const SlowLine&) = delete;
  ~SlowLine();

  std::uint16_t port() const noexcept { return listener_.port; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Chunk {
    Clock::time_point due;
    std::string bytes;  // empty: the end
  };
  /// One connection: both sockets, and what is on the line toward each.
  struct Link {
    std::array<int, 2> sockets{-1, -1};
    std::array<std::deque<Chunk>, 2> toward;
    std::array<bool, 2> ended{};
  };

  void run();
  void accept_one();
  static void take_in(Link& link, std::size_t side, Clock::time_point due);
  static void let_out(Link& link, Clock::time_point now);

  const std::uint16_t to_;
  const Clock::duration one_way_;
  BoundSocket listener_;
  std::array<int, 2> stop_{-1, -1};
  std::vector<Link> links_;
  std::thread thread_;
};

}  // namespace mcp_mqtt::bench
