#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mcp-mqtt/relay/host_gate.hpp"
#include "mcp-mqtt/relay/members.hpp"

namespace mcp_mqtt::command_line {

/// A host's lists, put together of those of several servers. A page of the host is a page of each
/// server that has one; the cursor says where each one goes on. A server that does not answer in
/// time is left out, and told of when it has answered: then the host looks again. Any thread.
class MergedLists {
 public:
  struct Events {
    std::function<void(const std::string& method)> changed;
    std::function<void(const std::string& line)> note;
  };

  /// `timeout`: how long a server may hold up a list.
  MergedLists(HostGate& host, std::chrono::milliseconds timeout, Events events)
      : host_(host), timeout_(timeout), events_(std::move(events)) {}

  /// The member of the result that holds the entries; empty: the method is no list.
  static std::string list_of(const std::string& method);

  void ask(const wire::Request& request, const std::vector<Member>& members);
  /// The host wants it no more. False: it is not under way.
  bool cancel(const RequestId& id);
  /// The server has other entries now, or is another.
  void forget(const std::string& prefix);

 private:
  struct Gathering;
  using Key = std::pair<std::string, std::string>;  // prefix, method

  void ask_one(const std::shared_ptr<Gathering>& gathering, const Member& member, Json cursor);
  void came(const std::shared_ptr<Gathering>& gathering, const Member& member, bool first,
            Result<Json> page);
  void ask_at_leisure(const std::string& method, const Member& member);
  void finish(Gathering& gathering);

  HostGate& host_;
  std::chrono::milliseconds timeout_;
  Events events_;
  std::mutex mutex_;
  std::map<RequestId, std::shared_ptr<Gathering>> under_way_;
  /// First pages that came late, until the host asks for them.
  std::map<Key, Json> late_;
  std::set<Key> awaited_;
};

}  // namespace mcp_mqtt::command_line
