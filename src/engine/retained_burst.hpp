#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/clock.hpp"

namespace mcp_mqtt::engine {

/// Notices when a broker cut the retained messages of a subscription short. A broker queues so many
/// messages for one client, sends a few more at once, and drops the rest in silence. So a burst of
/// just as many is suspect: there may be more, or just as many by chance.
///
/// Measured: a stock mosquitto delivers 1,020 (queue 1,000, 20 in flight) to a subscriber at QoS 1.
class RetainedBurst {
 public:
  /// Beyond the queue: what brokers send before they queue (20 to 32 with their defaults).
  static constexpr std::size_t in_flight = 100;
  /// After so long without another retained message a burst is over.
  static constexpr Duration quiet = std::chrono::seconds(1);

  /// `broker_queue`: how many messages the broker queues for one client; 0: nothing is suspect.
  explicit RetainedBurst(std::size_t broker_queue) : queue_(broker_queue) {}

  /// A filter over server-names is being subscribed.
  void on_subscribe(const std::string& filter);
  /// A retained presence came.
  void on_retained(std::string_view server_name, TimePoint now);
  void on_connection_lost() { forget_burst(); }

  struct Cut {
    std::set<std::string> filters;
    std::size_t delivered = 0;
  };
  /// The burst that is over by now, where it was cut short.
  std::optional<Cut> on_time(TimePoint now);
  Deadline next_deadline() const { return over_at_; }

  /// Whether what was subscribed may lack servers, as far as it has come.
  bool cut_short() const { return !cut_.empty() || !suspects().empty(); }

 private:
  bool suspicious(std::size_t count) const {
    return queue_ != 0 && count >= queue_ && count <= queue_ + in_flight;
  }
  std::set<std::string> suspects() const;
  void forget_burst();

  std::size_t queue_;
  std::map<std::string, std::size_t> counts_;  // of this burst, by filter
  std::size_t total_ = 0;
  Deadline over_at_;
  std::set<std::string> cut_;  // filters that were cut short when last subscribed
};

}  // namespace mcp_mqtt::engine
