#include "engine/avoided_instances.hpp"

#include <algorithm>

namespace mcp_mqtt::engine {

void AvoidedInstances::avoid(const std::string& server_id, TimePoint now) {
  Entry& entry = avoided_[server_id];
  entry.pause =
      entry.pause == Duration{} ? std::min(first_, longest_) : std::min(entry.pause * 2, longest_);
  entry.until = after(now, entry.pause);
}

void AvoidedInstances::avoid_for(const std::string& server_id, Duration duration, TimePoint now) {
  Entry& entry = avoided_[server_id];
  const TimePoint until = after(now, duration);
  if (!entry.until || *entry.until < until) entry.until = until;
}

bool AvoidedInstances::contains(const std::string& server_id, TimePoint now) const {
  const auto found = avoided_.find(server_id);
  return found != avoided_.end() && found->second.until && now < *found->second.until;
}

Deadline AvoidedInstances::next_deadline() const {
  Deadline next;
  for (const auto& [server_id, entry] : avoided_) next = earlier(next, entry.until);
  return next;
}

bool AvoidedInstances::on_time(TimePoint now) {
  bool any = false;
  for (auto& [server_id, entry] : avoided_) {
    if (!entry.until || now < *entry.until) continue;
    entry.until.reset();
    any = true;
  }
  return any;
}

}  // namespace mcp_mqtt::engine
