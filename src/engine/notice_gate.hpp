#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include <mcp_mqtt/wire/json_rpc.hpp>

#include "engine/connection_actions.hpp"

namespace mcp_mqtt::engine {

/// Notifications that say "look again": while one is under way to the broker, another like it waits
/// and is sent once when the first has arrived. So a thing that changes all the time costs no more
/// than the broker takes, and the last change is always told.
class NoticeGate {
 public:
  /// Whether to send it now, with begin(); otherwise it goes out later.
  bool admit(const std::string& key) {
    const auto found = under_way_.find(key);
    if (found == under_way_.end()) return true;
    found->second = true;
    return false;
  }
  void begin(const std::string& key, wire::Notification notification, Ticket ticket) {
    under_way_[key] = false;
    tickets_.emplace(ticket, std::pair(key, std::move(notification)));
  }

  /// What waits behind one under way is not wanted any more.
  void drop(const std::string& key) {
    const auto found = under_way_.find(key);
    if (found != under_way_.end()) found->second = false;
  }

  struct Notice {
    std::string key;
    wire::Notification notification;
  };
  bool knows(Ticket ticket) const { return tickets_.contains(ticket); }
  /// The one with this ticket has its outcome; the notice to send again, if it changed meanwhile.
  std::optional<Notice> settle(Ticket ticket) {
    auto node = tickets_.extract(ticket);
    if (node.empty()) return std::nullopt;
    auto& [key, notification] = node.mapped();
    const auto state = under_way_.extract(key);
    if (state.empty() || !state.mapped()) return std::nullopt;
    return Notice{std::move(key), std::move(notification)};
  }

  void clear() {
    under_way_.clear();
    tickets_.clear();
  }

 private:
  std::map<std::string, bool> under_way_;  // true: changed again since
  std::map<Ticket, std::pair<std::string, wire::Notification>> tickets_;
};

}  // namespace mcp_mqtt::engine
