#include "mqtt/loopback/subscription_index.hpp"

#include <algorithm>

#include "mqtt/topic_filter.hpp"

namespace mcp_mqtt::mqtt::loopback {
namespace {

template <class Map>
void erase_entry(Map& map, const Link& link, const std::string& filter) {
  const auto found = map.find(filter);
  if (found == map.end()) return;
  std::erase_if(found->second, [&](const auto& entry) { return entry.link.get() == &link; });
  if (found->second.empty()) map.erase(found);
}

}  // namespace

void SubscriptionIndex::add(const std::shared_ptr<Link>& link, const Subscription& subscription) {
  Entries& entries = has_wildcard(subscription.filter) ? wildcards_[subscription.filter]
                                                       : exact_[subscription.filter];
  const auto existing = std::find_if(entries.begin(), entries.end(),
                                     [&](const Entry& entry) { return entry.link == link; });
  if (existing != entries.end()) {
    existing->subscription = subscription;
    return;
  }
  entries.push_back({link, subscription});
  filters_[link.get()].insert(subscription.filter);
}

void SubscriptionIndex::remove(const Link& link, const std::string& filter) {
  const auto owner = filters_.find(&link);
  if (owner == filters_.end() || owner->second.erase(filter) == 0) return;
  if (owner->second.empty()) filters_.erase(owner);
  if (has_wildcard(filter)) {
    erase_entry(wildcards_, link, filter);
  } else {
    erase_entry(exact_, link, filter);
  }
}

void SubscriptionIndex::remove_all(const Link& link) {
  const auto owner = filters_.find(&link);
  if (owner == filters_.end()) return;
  const std::set<std::string> filters = owner->second;
  for (const std::string& filter : filters) remove(link, filter);
}

std::vector<SubscriptionIndex::Entry> SubscriptionIndex::matching(std::string_view topic) const {
  std::vector<Entry> out;
  if (const auto found = exact_.find(std::string(topic)); found != exact_.end()) {
    out = found->second;
  }
  for (const auto& [filter, entries] : wildcards_) {
    if (filter_matches(filter, topic)) out.insert(out.end(), entries.begin(), entries.end());
  }
  return out;
}

}  // namespace mcp_mqtt::mqtt::loopback
