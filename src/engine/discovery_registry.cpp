#include "engine/discovery_registry.hpp"

#include <utility>

#include "ground/logging.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt::engine {

std::optional<InstanceChange> DiscoveryRegistry::announce(ServerInstance instance) {
  const auto service = services_.find(instance.server_name);
  if (service != services_.end()) {
    const auto known = service->second.find(instance.server_id);
    if (known != service->second.end()) {
      known->second.stale = false;
      if (known->second.instance == instance) {
        return InstanceChange{InstanceChange::Kind::again, std::move(instance)};
      }
      known->second.instance = instance;
      return InstanceChange{InstanceChange::Kind::changed, std::move(instance)};
    }
  }
  if (size_ >= max_instances_) {
    if (!std::exchange(warned_full_, true)) {
      log::warning(
          "discovery: more than {} server instances; the rest is ignored (narrow the "
          "server-name filters)",
          max_instances_);
    }
    return std::nullopt;
  }
  ++size_;
  services_[instance.server_name].emplace(instance.server_id, Entry{instance});
  return InstanceChange{InstanceChange::Kind::online, std::move(instance)};
}

std::optional<InstanceChange> DiscoveryRegistry::forget(const std::string& server_id,
                                                        const std::string& server_name) {
  const auto service = services_.find(server_name);
  if (service == services_.end()) return std::nullopt;
  auto node = service->second.extract(server_id);
  if (node.empty()) return std::nullopt;
  --size_;
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

std::vector<ServerInstance> DiscoveryRegistry::instances(std::string_view filter) const {
  std::vector<ServerInstance> found;
  for (const auto& [name, instances] : services_) {
    if (!wire::filter_matches(filter, name)) continue;
    for (const auto& [id, entry] : instances) found.push_back(entry.instance);
  }
  return found;
}

std::vector<ServerInstance> DiscoveryRegistry::confirmed(std::string_view filter) const {
  std::vector<ServerInstance> found;
  for (const auto& [name, instances] : services_) {
    if (!wire::filter_matches(filter, name)) continue;
    for (const auto& [id, entry] : instances) {
      if (!entry.stale) found.push_back(entry.instance);
    }
  }
  return found;
}

}  // namespace mcp_mqtt::engine
