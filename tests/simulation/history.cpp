#include "history.hpp"

#include <fmt/format.h>

namespace mcp_mqtt::simulation {
namespace {

const char* name_of(Asked::What what) {
  switch (what) {
    case Asked::What::call:
      return "call";
    case Asked::What::request:
      return "request";
    case Asked::What::open:
      return "open";
    case Asked::What::wait:
      return "wait";
    case Asked::What::discover:
      return "discover";
    case Asked::What::subscribe:
      return "subscribe";
  }
  return "";
}

/// With these errors nothing reached a handler, and nothing will.
bool says_not_run(const Error& error) {
  switch (error.kind) {
    case ErrorKind::not_connected:
    case ErrorKind::invalid_argument:
    case ErrorKind::too_large:
    case ErrorKind::busy:
    case ErrorKind::unsupported:
      return true;
    case ErrorKind::rpc:
      return error.code == error_code::server_busy;
    default:
      return false;
  }
}

}  // namespace

std::string History::describe(CallToken token) const {
  const Asked& asked = at(token);
  return fmt::format("{} {} of {}, session {}", name_of(asked.what), token, asked.who,
                     asked.session);
}

CallToken History::ask(Asked asked) {
  asked_.push_back(std::move(asked));
  const CallToken token = asked_.size();
  const Asked& added = asked_.back();
  if (added.what == Asked::What::call) ++counts.calls;
  if (added.latest) {
    waiting_.emplace(*added.latest, token);
  } else {
    without_limit_.insert(token);
  }
  return token;
}

std::size_t History::places(const std::string& who, SessionNumber session) const {
  const auto known = places_.find({who, session});
  return known == places_.end() ? 0 : known->second.size();
}

void History::ran(CallToken token, const Place& place) {
  if (!knows(token))
    return broken(fmt::format("a handler ran for call {}, which nobody made", token));
  Asked& asked = asked_.at(token - 1);
  ++counts.ran;
  if (++asked.runs > 1 && !asked.idempotent) {
    broken("the handler ran twice for " + describe(token));
  }
  if (asked.runs == 2) ++counts.repeated;
  const auto known = places_.find({asked.who, asked.session});
  bool mine = false;
  for (std::size_t i = asked.first_place; known != places_.end() && i < known->second.size(); ++i) {
    const Place& one = known->second[i];
    mine = mine || (one.server_id == place.server_id && one.client_id == place.client_id);
  }
  if (!mine) {
    broken(fmt::format("the handler of {} ran in a foreign session: {} for {}", describe(token),
                       place.server_id, place.client_id));
  }
  if (asked.certainly_not_run) {
    broken("the handler ran although the outcome said that it never will: " + describe(token));
  }
}

void History::finish(CallToken token, const std::string& who, const std::optional<Error>& error) {
  if (!knows(token)) return broken(fmt::format("an outcome of {}, which nobody asked for", token));
  Asked& asked = asked_.at(token - 1);
  if (asked.who != who) broken(who + " got the outcome of " + describe(token));
  if (asked.over) return broken("a second outcome of " + describe(token));
  asked.over = true;
  if (asked.latest) waiting_.erase({*asked.latest, token});
  without_limit_.erase(token);
  const bool ended_by_host = error && error->kind == ErrorKind::cancelled;
  if (asked.cancelled != ended_by_host) {
    broken(fmt::format("{} was {}cancelled by its host and ended with {}", describe(token),
                       asked.cancelled ? "" : "not ",
                       error ? std::string(to_string(error->kind)) : std::string("a result")));
  }
  asked.answered = !error;
  if (asked.what != Asked::What::call) return;
  if (error) {
    ++counts.failed[error->kind];
    asked.certainly_not_run = says_not_run(*error);
    if (asked.certainly_not_run && asked.runs != 0) {
      broken(fmt::format("the handler ran for {}, which ended with {}: {}", describe(token),
                         to_string(error->kind), error->message));
    }
    return;
  }
  ++counts.answered;
  if (asked.runs == 0) broken("a result, but no handler ran for " + describe(token));
}

void History::abandon(const std::string& who) {
  std::erase_if(waiting_, [&](const auto& item) { return at(item.second).who == who; });
  std::erase_if(without_limit_, [&](CallToken token) { return at(token).who == who; });
}

void History::check_time(TimePoint now, Duration lateness) {
  if (waiting_.empty()) return;
  const auto& [latest, token] = *waiting_.begin();
  if (engine::after(latest, lateness) < now) broken("no outcome in time: " + describe(token));
}

std::string History::oldest() const {
  if (!waiting_.empty()) return describe(waiting_.begin()->second);
  return without_limit_.empty() ? "" : describe(*without_limit_.begin());
}

}  // namespace mcp_mqtt::simulation
