#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <utility>

namespace mcp_mqtt::runtime {

/// Work of several owners, taken in turns: who has much waiting does not keep the others waiting.
/// The work of one owner keeps its order. Not thread-safe.
class FairQueue {
 public:
  using Owner = std::uint64_t;
  using Work = std::function<void()>;

  void push(Owner owner, Work work) {
    auto& waiting = waiting_[owner];
    if (waiting.empty()) turns_.push_back(owner);
    waiting.push_back(std::move(work));
  }

  bool empty() const noexcept { return turns_.empty(); }

  /// Not of an empty queue.
  Work pop() {
    const Owner owner = turns_.front();
    turns_.pop_front();
    const auto waiting = waiting_.find(owner);
    Work work = std::move(waiting->second.front());
    waiting->second.pop_front();
    if (waiting->second.empty()) {
      waiting_.erase(waiting);
    } else {
      turns_.push_back(owner);
    }
    return work;
  }

 private:
  std::map<Owner, std::list<Work>> waiting_;
  std::deque<Owner> turns_;  // owners with work, the next one first
};

}  // namespace mcp_mqtt::runtime
