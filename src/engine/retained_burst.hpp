#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/clock.hpp"

namespace mcp_mqtt::engine {

/// Notices when a broker cut the retained messages of a subscription short. A broker sends so many
/// at once, queues so many more for the client, and drops the rest in silence. So a burst of just
/// as many is suspect: there may be more, or just as many by chance.
///
/// Measured with mosquitto 2.0.11 at QoS 1: 1,000, its queue, and as many as the client's receive
/// maximum says (20 where the client says nothing). Others send no more than 20 to 32 at once.
class RetainedBurst {
 public:
  /// What a broker that has a limit of its own may send at once, and how far a count may be off
  /// because of other messages under way.
  static constexpr std::size_t slack = 100;
  /// After so long without another retained message a burst is over.
  static constexpr Duration quiet = std::chrono::seconds(1);

  /// `broker_queue`: how many messages the broker queues for one client; 0: nothing is suspect.
  /// `receive_maximum`: how many it may send at once, as the client's CONNECT says.
  RetainedBurst(std::size_t broker_queue, std::size_t receive_maximum)
      : queue_(broker_queue), receive_maximum_(receive_maximum) {}

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
    const auto near = [&](std::size_t limit) { return count >= limit && count <= limit + slack; };
    return queue_ != 0 && (near(queue_) || near(queue_ + receive_maximum_ - slack / 2));
  }
  std::set<std::string> suspects() const;
  void forget_burst();

  std::size_t queue_;
  std::size_t receive_maximum_;
  std::map<std::string, std::size_t> counts_;  // of this burst, by filter
  std::size_t total_ = 0;
  Deadline over_at_;
  std::set<std::string> cut_;  // filters that were cut short when last subscribed
};

}  // namespace mcp_mqtt::engine
