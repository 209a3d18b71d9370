#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/client_shared.hpp"
#include "engine/discovery_registry.hpp"
#include "engine/retained_burst.hpp"

namespace mcp_mqtt::engine {

/// Which services a client looks for, and what it found: the filters, their subscriptions, and the
/// registry behind them (T12). Filters that the broker grants take the place of the client's own
/// (T5).
class Discovery {
 public:
  explicit Discovery(ClientShared& shared);

  /// Looks for one more filter. `call` completes with the SUBACK (0: nobody waits).
  void add_filter(const std::string& filter, CallToken call);
  /// Looks for a service unless a filter in force covers it. An error where the broker's filters
  /// leave it out.
  Result<void> cover(const std::string& server_name_filter);

  void on_connected(const mqtt::ConnectionInfo& info, TimePoint now);
  void on_connection_lost(const Error& reason);
  /// Nobody waits for this add_filter() any more; the filter stays. False: it is over.
  bool cancel(CallToken call);
  /// Whether the ticket was a discovery's.
  bool on_subscribed(Ticket ticket, const Result<void>& outcome);
  /// Whether the message is of the server whose topic it is; some servers do not say who they are.
  bool is_from(const std::string& server_id, const std::string& server_name,
               const mqtt::Message& message);
  std::optional<InstanceChange> on_presence(const std::string& server_id,
                                            const std::string& server_name,
                                            const mqtt::Message& message, TimePoint now);
  /// The instances that were not announced again after a reconnect.
  std::vector<InstanceChange> on_time(TimePoint now);
  Deadline next_deadline() const { return earlier(stale_deadline_, burst_.next_deadline()); }
  /// Whether instances may still be announced again after a reconnect.
  bool rediscovering() const { return stale_deadline_.has_value(); }

  DiscoveryRegistry& registry() noexcept { return registry_; }
  const DiscoveryRegistry& registry() const noexcept { return registry_; }
  /// Set where the broker prescribes the filters.
  const std::optional<std::vector<std::string>>& granted_filters() const { return granted_; }
  const std::optional<std::vector<RoleGrant>>& roles() const { return roles_; }
  /// Whether the broker seems to have dropped some of what was to be found.
  bool cut_short() const { return burst_.cut_short(); }
  /// Why the broker refused the last filter, once.
  std::optional<Error> take_refusal() { return std::exchange(refusal_, std::nullopt); }
  /// Whether a filter in force finds all that this one matches.
  bool covers(const std::string& server_name_filter) const;
  /// The filters in force.
  std::vector<std::string> filters() const;

 private:
  void subscribe(const std::string& filter, CallToken call);
  bool is_subscribing(const std::string& filter) const;
  void tell_ignored(const std::string& server_id, const std::string& server_name,
                    const std::string& why);

  ClientShared& shared_;
  DiscoveryRegistry registry_;
  bool connected_ = false;
  bool was_connected_ = false;
  std::set<std::string> own_;
  std::optional<std::vector<std::string>> granted_;
  std::optional<std::vector<RoleGrant>> roles_;
  struct Subscribing {
    std::string filter;
    CallToken call = 0;
  };
  std::map<Ticket, Subscribing> subscribing_;
  std::optional<Error> refusal_;
  Deadline stale_deadline_;
  RetainedBurst burst_;
};

}  // namespace mcp_mqtt::engine
