#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "simulation/virtual_clock.hpp"

// What a broker carries, counted.
namespace mcp_mqtt::simulation::scale {

enum class Kind : std::uint8_t {
  connect,            // CONNECT, CONNACK
  subscribe,          // SUBSCRIBE, UNSUBSCRIBE and their acknowledgements
  presence,           // notifications/server/online
  initialize,         //
  initialize_answer,  //
  initialized,        // notifications/initialized
  other,              // pings, goodbyes
  puback,             // of both directions
};
inline constexpr std::size_t kinds = 8;
inline constexpr std::array<std::string_view, kinds> kind_names{
    "CONNECT, CONNACK",  "SUBSCRIBE, SUBACK", "presence", "initialize",
    "initialize answer", "initialized",       "other",    "PUBACK"};

/// As the broker sees it.
enum class Direction : std::uint8_t { in, out };

/// Of a PUBLISH of this library's engines.
Kind kind_of(const mqtt::Message& message);

/// Messages by kind and direction, in slices of 100 ms.
class Traffic {
 public:
  static constexpr Duration slice = milliseconds(100);
  static constexpr std::size_t slices_per_second = 10;

  /// Counts from here on, and forgets what was before.
  void begin(TimePoint at);
  void add(Kind kind, Direction direction, TimePoint at);

  std::uint64_t total(Kind kind, Direction direction) const;
  /// The most in any second that begins with a slice.
  std::uint64_t peak(Kind kind, Direction direction) const;
  std::uint64_t total(Direction direction) const;
  std::uint64_t peak(Direction direction) const;
  /// The most of both directions in a second.
  std::uint64_t peak() const;
  /// Of both directions, in each slice.
  std::vector<std::uint64_t> series() const;

 private:
  using Slice = std::array<std::array<std::uint32_t, 2>, kinds>;

  template <class Pick>
  std::uint64_t sum(Pick pick) const;
  template <class Pick>
  std::uint64_t most(Pick pick) const;

  TimePoint begin_;
  std::vector<Slice> slices_;
};

}  // namespace mcp_mqtt::simulation::scale
