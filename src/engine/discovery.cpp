#include "engine/discovery.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

#include "ground/logging.hpp"
#include "wire/presence.hpp"
#include "wire/topics.hpp"
#include "wire/user_properties.hpp"

namespace mcp_mqtt::engine {

namespace {

std::string_view take_level(std::string_view& rest) {
  const auto slash = std::min(rest.find('/'), rest.size());
  const std::string_view level = rest.substr(0, slash);
  rest.remove_prefix(std::min(slash + 1, rest.size()));
  return level;
}

/// Whether every name that `wanted` matches is matched by `known` too.
bool includes(std::string_view known, std::string_view wanted) {
  while (!known.empty()) {
    const std::string_view have = take_level(known);
    if (have == "#") return true;
    if (wanted.empty()) return false;
    const std::string_view want = take_level(wanted);
    if (want == "#" || (have != "+" && have != want)) return false;
  }
  return wanted.empty();
}

}  // namespace

Discovery::Discovery(ClientShared& shared)
    : shared_(shared),
      registry_(shared.config.max_instances, shared.config.max_presence_bytes_in_all),
      burst_(shared.config.broker_queue, shared.config.receive_maximum) {}

std::vector<std::string> Discovery::filters() const {
  return granted_ ? *granted_ : std::vector<std::string>(own_.begin(), own_.end());
}

void Discovery::subscribe(const std::string& filter, CallToken call) {
  const Ticket ticket = shared_.new_ticket();
  subscribing_.emplace(ticket, Subscribing{filter, call});
  burst_.on_subscribe(filter);
  shared_.out.emplace_back(
      Subscribe{0, {wire::presence_filter(filter), mqtt::Qos::at_least_once}, ticket});
}

void Discovery::add_filter(const std::string& filter, CallToken call) {
  const auto complete = [&](Result<Json> result) {
    if (call != 0) shared_.out.emplace_back(CompleteCall{call, std::move(result)});
  };
  if (auto valid = wire::check_server_name_filter(filter); !valid) {
    complete(std::move(valid).error());
    return;
  }
  const bool fresh = own_.insert(filter).second;
  if (granted_) {
    log::info("the broker prescribes the server-name filters; '{}' is not subscribed", filter);
    complete(Json());
  } else if (!connected_) {
    complete(Error{ErrorKind::not_connected, 0, "not connected: the filter waits", nullptr});
  } else if (fresh || is_subscribing(filter)) {
    subscribe(filter, call);  // also the second time: each caller hears of a SUBACK
  } else {
    complete(Json());
  }
}

bool Discovery::covers(const std::string& filter) const {
  const auto in_force = filters();
  return std::any_of(in_force.begin(), in_force.end(),
                     [&](const std::string& known) { return includes(known, filter); });
}

Result<void> Discovery::cover(const std::string& filter) {
  if (auto valid = wire::check_server_name_filter(filter); !valid) return valid;
  if (covers(filter)) return {};
  if (granted_) {
    const bool wildcard = filter.find_first_of("+#") != std::string::npos;
    if (wildcard) return {};  // some of it may lie inside what is granted
    return Error{ErrorKind::refused, 0,
                 fmt::format("the broker lets this client find only {}, not '{}'",
                             fmt::join(*granted_, ", "), filter),
                 nullptr};
  }
  add_filter(filter, 0);
  return {};
}

void Discovery::on_connected(const mqtt::ConnectionInfo& info, TimePoint now) {
  connected_ = true;
  if (std::exchange(was_connected_, true)) {
    stale_deadline_ = now + shared_.config.rediscovery_grace;
  }
  auto granted = wire::granted_filters(info.user_properties);
  if (granted) {
    granted_ = *std::move(granted);
  } else {
    log::warning("the broker's MCP-SERVER-NAME-FILTERS cannot be used: {}",
                 granted.error().message);
    granted_.reset();
  }
  auto roles = wire::granted_roles(info.user_properties);
  if (roles) {
    roles_ = *std::move(roles);
  } else {
    log::warning("the broker's MCP-RBAC cannot be used: {}", roles.error().message);
    roles_.reset();
  }
  for (const std::string& filter : filters()) subscribe(filter, 0);
}

void Discovery::on_connection_lost(const Error& reason) {
  connected_ = false;
  stale_deadline_.reset();
  burst_.on_connection_lost();
  registry_.mark_stale();
  for (const auto& [ticket, waiting] : std::exchange(subscribing_, {})) {
    if (waiting.call != 0) shared_.out.emplace_back(CompleteCall{waiting.call, reason});
  }
}

bool Discovery::on_subscribed(Ticket ticket, const Result<void>& outcome) {
  auto node = subscribing_.extract(ticket);
  if (node.empty()) return false;
  const Subscribing& waiting = node.mapped();
  if (!outcome && !ended_with_connection(outcome)) {
    log::warning("discovery of '{}' failed: {}", waiting.filter, outcome.error().message);
    own_.erase(waiting.filter);
    if (!granted_) {
      refusal_ = outcome.error();
      refusal_->message = fmt::format("the broker refused the discovery of '{}': {}",
                                      waiting.filter, outcome.error().message);
    }
  }
  if (waiting.call != 0) {
    shared_.out.emplace_back(
        CompleteCall{waiting.call, outcome ? Result<Json>(Json()) : outcome.error()});
  }
  return true;
}

bool Discovery::is_subscribing(const std::string& filter) const {
  return std::any_of(subscribing_.begin(), subscribing_.end(),
                     [&](const auto& item) { return item.second.filter == filter; });
}

bool Discovery::cancel(CallToken call) {
  const auto found = std::find_if(subscribing_.begin(), subscribing_.end(),
                                  [&](const auto& item) { return item.second.call == call; });
  if (call == 0 || found == subscribing_.end()) return false;
  found->second.call = 0;
  return true;
}

void Discovery::tell_ignored(const std::string& server_id, const std::string& server_name,
                             const std::string& why) {
  log::peer(LogLevel::warning, "presence of {} ({}) is ignored: {}", log::printable(server_name),
            log::printable(server_id), why);
}

bool Discovery::is_from(const std::string& server_id, const std::string& server_name,
                        const mqtt::Message& message) {
  const auto sender = wire::sender_id(message.user_properties);
  if (!sender || *sender == server_id) return true;
  tell_ignored(server_id, server_name, "it is of somebody else: '" + log::printable(*sender) + "'");
  return false;
}

std::optional<InstanceChange> Discovery::on_presence(const std::string& server_id,
                                                     const std::string& server_name,
                                                     const mqtt::Message& message, TimePoint now) {
  if (message.retain) burst_.on_retained(server_name, now);
  const auto ignore = [&](const std::string& why) {
    tell_ignored(server_id, server_name, why);
    return std::nullopt;
  };
  const std::size_t bytes = message.payload.size();
  if (bytes > shared_.config.max_presence_bytes) {
    return ignore(fmt::format("it has {} bytes; at most {} are taken", bytes,
                              shared_.config.max_presence_bytes));
  }
  auto presence = wire::decode_server_presence(server_id, server_name, message.payload,
                                               shared_.config.message_limits);
  if (!presence) return ignore(presence.error().message);
  if (!*presence) return registry_.forget(server_id, server_name);
  return registry_.announce(**std::move(presence), bytes);
}

std::vector<InstanceChange> Discovery::on_time(TimePoint now) {
  if (const auto cut = burst_.on_time(now)) {
    log::warning(
        "discovery of {} seems cut short: {} servers came, about as many as a broker "
        "delivers to one client; narrow the filters or raise its limit (mosquitto: "
        "max_queued_messages)",
        fmt::join(cut->filters, ", "), cut->delivered);
  }
  if (!stale_deadline_ || now < *stale_deadline_) return {};
  stale_deadline_.reset();
  return registry_.drop_stale();
}

}  // namespace mcp_mqtt::engine
