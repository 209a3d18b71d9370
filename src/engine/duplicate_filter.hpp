#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <string>

#include "engine/clock.hpp"

namespace mcp_mqtt::engine {

/// Servers tell a change on the capability topic, to each session on RPC, or on both (T40). This
/// lets each change through once: a message is a copy where the other channel brought the same one
/// less than `window` ago and no other copy was matched with it.
class DuplicateFilter {
 public:
  enum class Channel { rpc, capability };

  static constexpr Duration window = std::chrono::seconds(5);
  /// Messages remembered; the oldest are forgotten first.
  static constexpr std::size_t max_remembered = 1'024;

  /// Whether the message is to be told. `key` says what it is about.
  bool admit(const std::string& key, Channel channel, TimePoint now);

 private:
  struct Seen {
    std::string key;
    Channel channel;
    TimePoint at;
  };
  std::list<Seen> unmatched_;  // oldest first
};

}  // namespace mcp_mqtt::engine
