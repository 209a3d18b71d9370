#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::command_line {

/// Tells one server's tools, prompts, resources and tasks apart from those of others, for a host
/// that sees several: names get the server's prefix (`desk--companion__set_volume`), URIs stand
/// behind it (`mcp-mqtt:/desk--companion/desk://display`), so do task ids. Any thread.
class ServerWords {
 public:
  /// `longest`: a name, in characters; at least 24.
  ServerWords(std::string server_name, std::size_t longest);

  const std::string& server_name() const noexcept { return server_name_; }
  const std::string& prefix() const noexcept { return prefix_; }

  // In the host's words. What is not as it should be is left as it is.
  std::string name_for_host(const std::string& name);
  std::string uri_for_host(const std::string& uri) const;
  /// The entries of a list; those without a name or URI are left out.
  Json entries_for_host(const std::string& list, Json entries);
  /// The result of a request that was for this server alone.
  void result_for_host(const std::string& method, Json& result) const;
  void notification_for_host(const std::string& method, Json& params) const;
  void request_for_host(const std::string& method, Json& params) const;

  // And back.
  /// What stands behind the prefix in a name for the host.
  std::string name_for_server(const std::string& rest) const;
  /// `_meta` of what the host says to this server.
  void meta_for_server(Json& params) const;

 private:
  void content_for_host(Json& content) const;
  void block_for_host(Json& block) const;
  void member_for_host(Json& object, const char* name, bool task) const;
  void meta_for_host(Json& object) const;

  std::string server_name_;
  std::size_t longest_;
  std::string prefix_;
  mutable std::mutex mutex_;
  /// Names that were changed beyond the prefix, and what they were.
  std::map<std::string, std::string> changed_;
};

/// What the host said, as a prefix and what it means there.
struct Addressed {
  std::string prefix;
  std::string rest;
};
std::optional<Addressed> read_name(std::string_view name);
std::optional<Addressed> read_uri(std::string_view uri);
std::optional<Addressed> read_task(std::string_view task_id);

}  // namespace mcp_mqtt::command_line
