#include "engine/retained_burst.hpp"

#include "wire/topics.hpp"

namespace mcp_mqtt::engine {

void RetainedBurst::on_subscribe(const std::string& filter) { counts_[filter] = 0; }

void RetainedBurst::on_retained(std::string_view server_name, TimePoint now) {
  if (counts_.empty()) return;
  ++total_;
  for (auto& [filter, count] : counts_) {
    if (wire::filter_matches(filter, server_name)) ++count;
  }
  over_at_ = now + quiet;
}

void RetainedBurst::forget_burst() {
  counts_.clear();
  total_ = 0;
  over_at_.reset();
}

/// Filters that were subscribed together share the queue: where their sum is suspicious, each is.
std::set<std::string> RetainedBurst::suspects() const {
  std::set<std::string> filters;
  for (const auto& [filter, count] : counts_) {
    if (count > 0 && (suspicious(count) || suspicious(total_))) filters.insert(filter);
  }
  return filters;
}

std::optional<RetainedBurst::Cut> RetainedBurst::on_time(TimePoint now) {
  if (!over_at_ || now < *over_at_) return std::nullopt;
  Cut cut{suspects(), total_};
  for (const auto& [filter, count] : counts_) cut_.erase(filter);
  cut_.insert(cut.filters.begin(), cut.filters.end());
  forget_burst();
  if (cut.filters.empty()) return std::nullopt;
  return cut;
}

}  // namespace mcp_mqtt::engine
