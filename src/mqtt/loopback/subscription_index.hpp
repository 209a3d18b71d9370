#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "mqtt/loopback/link.hpp"

namespace mcp_mqtt::mqtt::loopback {

/// Who subscribed to what. Filters without a wildcard are found by their topic, so that thousands
/// of sessions with topics of their own cost no search. The order of matches depends on nothing
/// but the order of the calls.
class SubscriptionIndex {
 public:
  struct Entry {
    std::shared_ptr<Link> link;
    Subscription subscription;
  };

  /// Replaces the link's subscription to the same filter.
  void add(const std::shared_ptr<Link>& link, const Subscription& subscription);
  void remove(const Link& link, const std::string& filter);
  void remove_all(const Link& link);

  /// One entry for each subscription that matches, two of one client included.
  std::vector<Entry> matching(std::string_view topic) const;

 private:
  using Entries = std::vector<Entry>;

  std::unordered_map<std::string, Entries> exact_;
  std::map<std::string, Entries> wildcards_;
  std::unordered_map<const Link*, std::set<std::string>> filters_;
};

}  // namespace mcp_mqtt::mqtt::loopback
