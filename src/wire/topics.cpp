#include "wire/topics.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "ground/logging.hpp"
#include "ground/mqtt_text.hpp"

namespace mcp_mqtt::wire {
namespace {

constexpr std::string_view server_root = "$mcp-server";
constexpr std::string_view client_root = "$mcp-client";
constexpr std::string_view rpc_root = "$mcp-rpc";
constexpr std::string_view presence_level = "presence";
constexpr std::string_view capability_level = "capability";

// The RPC topic has the most around the name: its root, two ids and three slashes.
static_assert(rpc_root.size() + 2 * max_id_bytes + 3 + max_server_name_bytes ==
              max_mqtt_text_bytes);
static_assert(server_root.size() + capability_level.size() + max_id_bytes + 3 +
                  max_server_name_bytes <=
              max_mqtt_text_bytes);
static_assert(3 + max_server_name_levels == max_topic_levels);

Error invalid(std::string_view what, std::string_view text, std::string_view fault) {
  std::string message = "the ";
  message.append(what).append(" \"").append(log::printable(text)).append("\" ").append(fault);
  return Error{ErrorKind::invalid_argument, 0, std::move(message)};
}

std::string character_at(std::string_view text, std::size_t at) {
  return std::string("holds '") + text[at] + "' at byte " + std::to_string(at);
}

/// Takes the first level off `rest`.
std::string_view take_level(std::string_view& rest) {
  const auto slash = std::min(rest.find('/'), rest.size());
  const std::string_view level = rest.substr(0, slash);
  rest.remove_prefix(std::min(slash + 1, rest.size()));
  return level;
}

Result<void> check_text(std::string_view what, std::string_view text, std::size_t max_bytes) {
  if (text.empty()) {
    return Error{ErrorKind::invalid_argument, 0, "the " + std::string(what) + " is empty"};
  }
  if (text.size() > max_bytes) {
    return invalid(what, text,
                   "is " + std::to_string(text.size()) + " bytes long; at most " +
                       std::to_string(max_bytes) + " fit into every topic");
  }
  if (const auto fault = mqtt_text_fault(text)) return invalid(what, text, *fault);
  return {};
}

Result<void> check_no_wildcard(std::string_view what, std::string_view text) {
  const auto wildcard =
      std::find_if(text.begin(), text.end(), [](char c) { return c == '+' || c == '#'; });
  if (wildcard == text.end()) return {};
  const auto at = static_cast<std::size_t>(wildcard - text.begin());
  return invalid(what, text, character_at(text, at) + ", an MQTT wildcard");
}

/// Names and filters: text with non-empty levels, not too many of them.
Result<void> check_hierarchy(std::string_view what, std::string_view text) {
  if (auto checked = check_text(what, text, max_server_name_bytes); !checked) return checked;
  if (text.front() == '/') return invalid(what, text, "begins with '/'");
  if (text.back() == '/') return invalid(what, text, "ends with '/'");
  if (const auto at = text.find("//"); at != std::string_view::npos) {
    return invalid(what, text, "holds an empty level ('//') at byte " + std::to_string(at));
  }
  const auto levels = static_cast<std::size_t>(std::count(text.begin(), text.end(), '/')) + 1;
  if (levels > max_server_name_levels) {
    return invalid(what, text,
                   "has " + std::to_string(levels) + " levels; at most " +
                       std::to_string(max_server_name_levels) + " fit into every topic");
  }
  return {};
}

Result<void> check_id(std::string_view what, std::string_view id) {
  if (auto checked = check_text(what, id, max_id_bytes); !checked) return checked;
  if (auto checked = check_no_wildcard(what, id); !checked) return checked;
  if (const auto at = id.find('/'); at != std::string_view::npos) {
    return invalid(what, id, character_at(id, at) + ", which separates the levels of a topic");
  }
  return {};
}

std::string join(std::initializer_list<std::string_view> levels) {
  std::size_t size = levels.size() - 1;
  for (const std::string_view level : levels) size += level.size();
  std::string topic;
  topic.reserve(size);
  for (const std::string_view level : levels) {
    if (!topic.empty()) topic += '/';
    topic += level;
  }
  return topic;
}

Topic parse_server_topic(std::string_view rest) {
  const std::string_view level = take_level(rest);
  const bool is_control = level != presence_level && level != capability_level;
  const std::string server_id(is_control ? level : take_level(rest));
  if (!check_server_id(server_id) || !check_server_name(rest)) return {};
  std::string server_name(rest);
  if (is_control) return ControlTopic{server_id, std::move(server_name)};
  if (level == presence_level) return ServerPresenceTopic{server_id, std::move(server_name)};
  return ServerCapabilityTopic{server_id, std::move(server_name)};
}

Topic parse_client_topic(std::string_view rest) {
  const std::string_view level = take_level(rest);
  if (!check_client_id(rest)) return {};
  if (level == presence_level) return ClientPresenceTopic{std::string(rest)};
  if (level == capability_level) return ClientCapabilityTopic{std::string(rest)};
  return {};
}

Topic parse_rpc_topic(std::string_view rest) {
  const std::string_view client_id = take_level(rest);
  const std::string_view server_id = take_level(rest);
  if (!check_client_id(client_id) || !check_server_id(server_id) || !check_server_name(rest)) {
    return {};
  }
  return RpcTopic{std::string(client_id), std::string(server_id), std::string(rest)};
}

}  // namespace

Result<void> check_server_name(std::string_view name) {
  constexpr std::string_view what = "server-name";
  if (auto checked = check_hierarchy(what, name); !checked) return checked;
  return check_no_wildcard(what, name);
}

Result<void> check_server_id(std::string_view id) {
  constexpr std::string_view what = "server-id";
  if (auto checked = check_id(what, id); !checked) return checked;
  if (id == presence_level || id == capability_level) {
    return invalid(what, id, "is reserved: its control topic would be another kind of topic");
  }
  return {};
}

Result<void> check_client_id(std::string_view id) { return check_id("mcp-client-id", id); }

Result<void> check_server_name_filter(std::string_view filter) {
  constexpr std::string_view what = "server-name-filter";
  if (auto checked = check_hierarchy(what, filter); !checked) return checked;
  for (std::string_view rest = filter; !rest.empty();) {
    const std::string_view level = take_level(rest);
    const auto at = level.find_first_of("+#");
    if (at == std::string_view::npos) continue;
    if (level.size() > 1) {
      return invalid(what, filter,
                     std::string("holds '") + level[at] + "' beside other characters of a level");
    }
    if (level == "#" && !rest.empty())
      return invalid(what, filter, "holds '#' before its last level");
  }
  return {};
}

std::string control_topic(std::string_view server_id, std::string_view server_name) {
  return join({server_root, server_id, server_name});
}

std::string server_presence_topic(std::string_view server_id, std::string_view server_name) {
  return join({server_root, presence_level, server_id, server_name});
}

std::string server_capability_topic(std::string_view server_id, std::string_view server_name) {
  return join({server_root, capability_level, server_id, server_name});
}

std::string client_presence_topic(std::string_view client_id) {
  return join({client_root, presence_level, client_id});
}

std::string client_capability_topic(std::string_view client_id) {
  return join({client_root, capability_level, client_id});
}

std::string rpc_topic(std::string_view client_id, std::string_view server_id,
                      std::string_view server_name) {
  return join({rpc_root, client_id, server_id, server_name});
}

std::string presence_filter(std::string_view server_name_filter) {
  return join({server_root, presence_level, "+", server_name_filter});
}

Topic parse_topic(std::string_view topic) {
  std::string_view rest = topic;
  const std::string_view root = take_level(rest);
  if (root == server_root) return parse_server_topic(rest);
  if (root == client_root) return parse_client_topic(rest);
  if (root == rpc_root) return parse_rpc_topic(rest);
  return {};
}

std::optional<std::string_view> client_of_rpc_topic(std::string_view topic,
                                                    std::string_view server_id,
                                                    std::string_view server_name) {
  if (take_level(topic) != rpc_root) return std::nullopt;
  const std::string_view client_id = take_level(topic);
  if (take_level(topic) != server_id || topic != server_name) return std::nullopt;
  return client_id;
}

bool filter_matches(std::string_view filter, std::string_view server_name) {
  std::string_view name = server_name;
  bool name_ended = false;  // an empty rest may also be one more empty level
  while (true) {
    const bool last_filter_level = filter.find('/') == std::string_view::npos;
    const std::string_view wanted = take_level(filter);
    // Also right after the name's last level: "a/#" includes its parent "a".
    if (wanted == "#") return last_filter_level;
    if (name_ended) return false;
    name_ended = name.find('/') == std::string_view::npos;
    const std::string_view level = take_level(name);
    if (wanted != "+" && wanted != level) return false;
    if (last_filter_level) return name_ended;
  }
}

}  // namespace mcp_mqtt::wire
