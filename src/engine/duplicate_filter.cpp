#include "engine/duplicate_filter.hpp"

#include <algorithm>

namespace mcp_mqtt::engine {

bool DuplicateFilter::admit(const std::string& key, Channel channel, TimePoint now) {
  while (!unmatched_.empty() && now >= after(unmatched_.front().at, window)) {
    unmatched_.pop_front();
  }
  const auto twin = std::find_if(unmatched_.begin(), unmatched_.end(), [&](const Seen& seen) {
    return seen.channel != channel && seen.key == key;
  });
  if (twin != unmatched_.end()) {
    unmatched_.erase(twin);
    return false;
  }
  if (unmatched_.size() >= max_remembered) unmatched_.pop_front();
  unmatched_.push_back({key, channel, now});
  return true;
}

}  // namespace mcp_mqtt::engine
