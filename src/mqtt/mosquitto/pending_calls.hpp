#pragma once

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::mqtt::libmosquitto {

/// The calls that were handed to the library and wait for their answer, by packet id.
class PendingCalls {
 public:
  struct Call {
    Completion done;
    /// It counts against the broker's receive maximum.
    bool in_window = false;
  };

  /// A call that the broker acknowledges. False, and `call` left as it was, when an earlier call
  /// still has this id: 65,535 others went by without its acknowledgement.
  bool add(int packet_id, Call&& call) {
    if (by_id_.count(packet_id) != 0) return false;
    order_.emplace(next_, packet_id);
    by_id_.emplace(packet_id, Numbered{next_++, std::move(call)});
    return true;
  }

  /// A QoS 0 publish: it is done when it is written, and they are written in their order. Its id
  /// is not on the wire, so it may be that of another call.
  void add_unacknowledged(int packet_id, Completion done) {
    unacknowledged_.emplace_back(packet_id, std::move(done));
  }

  std::optional<Call> take(int packet_id) {
    if (!unacknowledged_.empty() && unacknowledged_.front().first == packet_id) {
      Call call{std::move(unacknowledged_.front().second), false};
      unacknowledged_.pop_front();
      return call;
    }
    const auto found = by_id_.find(packet_id);
    if (found == by_id_.end()) return std::nullopt;
    Call call = std::move(found->second.call);
    order_.erase(found->second.number);
    by_id_.erase(found);
    return call;
  }

  /// All of them, in the order in which they were made.
  std::vector<Completion> take_all() {
    std::vector<Completion> all;
    all.reserve(size());
    for (const auto& [number, packet_id] : order_) {
      all.push_back(std::move(by_id_.at(packet_id).call.done));
    }
    for (auto& [packet_id, done] : unacknowledged_) all.push_back(std::move(done));
    order_.clear();
    by_id_.clear();
    unacknowledged_.clear();
    return all;
  }

  std::size_t size() const noexcept { return by_id_.size() + unacknowledged_.size(); }
  bool empty() const noexcept { return size() == 0; }

 private:
  struct Numbered {
    std::size_t number;
    Call call;
  };

  std::size_t next_ = 0;
  std::unordered_map<int, Numbered> by_id_;
  std::map<std::size_t, int> order_;
  std::deque<std::pair<int, Completion>> unacknowledged_;
};

}  // namespace mcp_mqtt::mqtt::libmosquitto
