#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <mcp_mqtt/protocol/server_instance.hpp>

namespace mcp_mqtt::engine {

/// One change of the registry.
struct InstanceChange {
  enum class Kind {
    online,
    changed,
    again,  ///< Announced as it was known.
    offline,
  };
  Kind kind = Kind::online;
  ServerInstance instance;
};

/// Which instances of which services are online, as their retained presence says. A service is
/// online while any of its instances is (T12).
class DiscoveryRegistry {
 public:
  /// `max_bytes`: of the presences of all instances together.
  explicit DiscoveryRegistry(std::size_t max_instances,
                             std::size_t max_bytes = std::numeric_limits<std::size_t>::max())
      : max_instances_(max_instances), max_bytes_(max_bytes) {}

  /// `bytes`: of the presence. nullopt where the registry is full.
  std::optional<InstanceChange> announce(ServerInstance instance, std::size_t bytes = 0);
  std::optional<InstanceChange> forget(const std::string& server_id,
                                       const std::string& server_name);

  /// The connection broke: what is known may be old. Instances that are not announced again until
  /// drop_stale() are forgotten by it.
  void mark_stale();
  std::vector<InstanceChange> drop_stale();

  bool contains(const std::string& server_id, const std::string& server_name) const;
  bool service_online(std::string_view server_name) const;
  /// All instances whose server-name the filter matches, by name and id.
  std::vector<ServerInstance> instances(std::string_view server_name_filter = "#") const;
  /// Those that were announced since the connection was lost last.
  std::vector<ServerInstance> confirmed(std::string_view server_name_filter) const;
  std::size_t size() const noexcept { return size_; }
  /// The server-ids of all.
  std::set<std::string> server_ids() const;

 private:
  struct Entry {
    ServerInstance instance;
    std::size_t bytes = 0;
    bool stale = false;
  };
  using Instances = std::map<std::string, Entry, std::less<>>;  // by server-id

  bool has_room(std::size_t instances, std::size_t bytes);

  std::size_t max_instances_;
  std::size_t max_bytes_;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  bool warned_full_ = false;
  std::map<std::string, Instances, std::less<>> services_;  // by server-name
};

}  // namespace mcp_mqtt::engine
