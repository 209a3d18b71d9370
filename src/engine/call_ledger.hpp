#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>

#include "engine/handler_actions.hpp"

namespace mcp_mqtt::engine {

/// The handlers that run for the clients of a server, by client id. An entry stays until its
/// handler is done, also where the session that it ran for is over: who begins anew frees nothing.
class CallLedger {
 public:
  struct Share {
    std::size_t calls = 0;
    std::size_t bytes = 0;
  };

  void add(CallNumber call, const std::string& client_id, std::size_t bytes) {
    const auto owner = shares_.try_emplace(client_id).first;
    owner->second.calls += 1;
    owner->second.bytes += bytes;
    all_.calls += 1;
    all_.bytes += bytes;
    entries_.emplace(call, Entry{client_id, bytes});
  }

  /// Whose the call is; nullptr where it is over.
  const std::string* owner(CallNumber call) const {
    const auto found = entries_.find(call);
    return found == entries_.end() ? nullptr : &found->second.client_id;
  }

  /// The call is over: whose it was, or an empty text.
  std::string end(CallNumber call) {
    auto node = entries_.extract(call);
    if (node.empty()) return {};
    Entry& entry = node.mapped();
    const auto share = shares_.find(entry.client_id);
    share->second.calls -= 1;
    share->second.bytes -= entry.bytes;
    if (share->second.calls == 0) shares_.erase(share);
    all_.calls -= 1;
    all_.bytes -= entry.bytes;
    return std::move(entry.client_id);
  }

  Share of(const std::string& client_id) const {
    const auto found = shares_.find(client_id);
    return found == shares_.end() ? Share{} : found->second;
  }
  const Share& all() const noexcept { return all_; }

 private:
  struct Entry {
    std::string client_id;
    std::size_t bytes = 0;
  };

  std::unordered_map<CallNumber, Entry> entries_;
  std::map<std::string, Share, std::less<>> shares_;
  Share all_;
};

}  // namespace mcp_mqtt::engine
