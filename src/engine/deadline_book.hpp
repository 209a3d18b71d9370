#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "engine/clock.hpp"

namespace mcp_mqtt::engine {

/// When each of many parties wants to be woken: one deadline for each, the earliest at hand.
template <class Key>
class DeadlineBook {
 public:
  /// Replaces the deadline of `key`; nullopt: it waits for nothing.
  void set(const Key& key, Deadline deadline) {
    const auto found = by_key_.find(key);
    if (found != by_key_.end()) {
      if (deadline && found->second == *deadline) return;
      order_.erase({found->second, key});
      by_key_.erase(found);
    }
    if (!deadline) return;
    by_key_.emplace(key, *deadline);
    order_.emplace(*deadline, key);
  }

  Deadline next() const { return order_.empty() ? std::nullopt : Deadline(order_.begin()->first); }

  /// Takes out those whose time has come.
  std::vector<Key> take_due(TimePoint now) {
    std::vector<Key> due;
    while (!order_.empty() && order_.begin()->first <= now) {
      due.push_back(order_.begin()->second);
      by_key_.erase(order_.begin()->second);
      order_.erase(order_.begin());
    }
    return due;
  }

  void clear() {
    by_key_.clear();
    order_.clear();
  }

 private:
  std::map<Key, TimePoint> by_key_;
  std::set<std::pair<TimePoint, Key>> order_;
};

}  // namespace mcp_mqtt::engine
