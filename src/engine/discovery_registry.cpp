#include "engine/discovery_registry.hpp"

#include <utility>

#include "ground/logging.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt::engine {
namespace {

/// What every server-name begins with that the filter matches: names are looked for from there on.
std::string_view common_beginning(std::string_view filter) {
  const std::size_t wildcard = filter.find_first_of("+#");
  if (wildcard == std::string_view::npos) return filter;
  // "a/#" matches "a" too.
  const bool parent_too = filter[wildcard] == '#' && wildcard > 0;
  return filter.substr(0, parent_too ? wildcard - 1 : wildcard);
}

/// Calls `use` for each service that the filter matches, in the order of their names.
template <class Services, class Use>
void for_each_match(const Services& services, std::string_view filter, Use use) {
  const std::string_view beginning = common_beginning(filter);
  for (auto service = services.lower_bound(beginning);
       service != services.end() && service->first.starts_with(beginning); ++service) {
    if (wire::filter_matches(filter, service->first)) use(service->second);
  }
}

}  // namespace

bool DiscoveryRegistry::has_room(std::size_t instances, std::size_t bytes) {
  if (size_ + instances <= max_instances_ && bytes_ <= max_bytes_ && bytes <= max_bytes_ - bytes_) {
    return true;
  }
  if (!std::exchange(warned_full_, true)) {
    log::warning(
        "discovery: there is room for {} server instances and {} bytes of presence; the rest is "
        "ignored (narrow the server-name filters)",
        max_instances_, max_bytes_);
  }
  return false;
}

std::optional<InstanceChange> DiscoveryRegistry::announce(ServerInstance instance,
                                                          std::size_t bytes) {
  // Looked for once: among thousands of names with one beginning it is most of the work.
  const auto service = services_.lower_bound(instance.server_name);
  const bool service_known = service != services_.end() && service->first == instance.server_name;
  if (service_known) {
    const auto known = service->second.find(instance.server_id);
    if (known != service->second.end()) {
      Entry& entry = known->second;
      entry.stale = false;
      if (entry.instance == instance) {
        return InstanceChange{InstanceChange::Kind::again, std::move(instance)};
      }
      if (bytes > entry.bytes && !has_room(0, bytes - entry.bytes)) return std::nullopt;
      bytes_ += bytes - entry.bytes;
      entry.bytes = bytes;
      entry.instance = instance;
      return InstanceChange{InstanceChange::Kind::changed, std::move(instance)};
    }
  }
  if (!has_room(1, bytes)) return std::nullopt;
  ++size_;
  bytes_ += bytes;
  Instances& instances = service_known
                             ? service->second
                             : services_.try_emplace(service, instance.server_name)->second;
  instances.emplace(instance.server_id, Entry{instance, bytes});
  return InstanceChange{InstanceChange::Kind::online, std::move(instance)};
}

std::optional<InstanceChange> DiscoveryRegistry::forget(const std::string& server_id,
                                                        const std::string& server_name) {
  const auto service = services_.find(server_name);
  if (service == services_.end()) return std::nullopt;
  auto node = service->second.extract(server_id);
  if (node.empty()) return std::nullopt;
  --size_;
  bytes_ -= node.mapped().bytes;
  if (service->second.empty()) services_.erase(service);
  return InstanceChange{InstanceChange::Kind::offline, std::move(node.mapped().instance)};
}

void DiscoveryRegistry::mark_stale() {
  for (auto& [name, instances] : services_) {
    for (auto& [id, entry] : instances) entry.stale = true;
  }
}

std::vector<InstanceChange> DiscoveryRegistry::drop_stale() {
  std::vector<InstanceChange> changes;
  for (auto& [name, instances] : services_) {
    std::erase_if(instances, [&](auto& item) {
      if (!item.second.stale) return false;
      bytes_ -= item.second.bytes;
      changes.push_back({InstanceChange::Kind::offline, std::move(item.second.instance)});
      return true;
    });
  }
  size_ -= changes.size();
  std::erase_if(services_, [](const auto& item) { return item.second.empty(); });
  return changes;
}

bool DiscoveryRegistry::contains(const std::string& server_id,
                                 const std::string& server_name) const {
  const auto service = services_.find(server_name);
  return service != services_.end() && service->second.contains(server_id);
}

bool DiscoveryRegistry::service_online(std::string_view server_name) const {
  return services_.contains(server_name);
}

std::set<std::string> DiscoveryRegistry::server_ids() const {
  std::set<std::string> ids;
  for (const auto& [name, instances] : services_) {
    for (const auto& [id, entry] : instances) ids.insert(id);
  }
  return ids;
}

std::vector<ServerInstance> DiscoveryRegistry::instances(std::string_view filter) const {
  std::vector<ServerInstance> found;
  for_each_match(services_, filter, [&](const Instances& instances) {
    for (const auto& [id, entry] : instances) found.push_back(entry.instance);
  });
  return found;
}

std::vector<ServerInstance> DiscoveryRegistry::confirmed(std::string_view filter) const {
  std::vector<ServerInstance> found;
  for_each_match(services_, filter, [&](const Instances& instances) {
    for (const auto& [id, entry] : instances) {
      if (!entry.stale) found.push_back(entry.instance);
    }
  });
  return found;
}

}  // namespace mcp_mqtt::engine
