#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/client_engine.hpp"
#include "engine/json_bytes.hpp"
#include "ground/logging.hpp"

// Sessions that were cut off: opened again under their number, with the subscriptions, the log
// level and the requests that waited.
namespace mcp_mqtt::engine {
KeptSession* ClientEngine::suspended(SessionNumber number) {
  const auto kept = kept_.find(number);
  return kept != kept_.end() && kept->second.suspended ? &kept->second : nullptr;
}

/// False: the session is over for good.
bool ClientEngine::suspend(const ClientSession& session, TimePoint now) {
  const auto found = kept_.find(session.number());
  if (found == kept_.end() || leaving_ || gave_up_) return false;
  KeptSession& kept = found->second;
  const Error& reason = session.reason();
  if (reason.kind == ErrorKind::stopped) return false;
  const bool any = kept.request.reopen == Reopen::always || session.cut_off();
  if (!any && !session.vanished()) return false;

  kept.suspended = true;
  kept.instance = session.instance();
  kept.last_request_id = session.last_request_id();
  const bool stays =
      discovery_.registry().contains(kept.instance.server_id, kept.instance.server_name);
  if (stays && session.fell_silent()) {
    avoided_.avoid(kept.instance.server_id, now);
  } else if (stays && !session.cut_off()) {
    // It ended the session and might end the next as quickly.
    avoided_.avoid_for(kept.instance.server_id, shared_.config.reopen_after, now);
  }
  shared_.out.emplace_back(SessionSuspended{session.number(), reason});

  Opening opening;
  opening.request = kept.request;
  opening.request.call = 0;
  // What was opened by a filter stays with the service that was found.
  opening.request.server_name_filter = kept.instance.server_name;
  opening.reopens = session.number();
  opening.cause = reason;
  if (any) {
    reopen_without_limits(opening, now);
  } else {
    opening.only_same = true;
    opening.deadline = after(now, shared_.config.vanish_grace);
  }
  const OpeningNumber number = ++last_opening_;
  openings_.emplace(number, std::move(opening));
  try_opening(number, now);
  return true;
}

void ClientEngine::reopen_without_limits(Opening& opening, TimePoint now) {
  opening.only_same = false;
  opening.deadline = opening.request.reopen_timeout ? after(now, *opening.request.reopen_timeout)
                                                    : TimePoint::max();
}

/// All that are there were tried: once more, after a while.
void ClientEngine::pause_reopening(Opening& opening, TimePoint now) {
  opening.pause = opening.pause == Duration{}
                      ? shared_.config.reopen_pause
                      : std::min(opening.pause * 2, shared_.config.max_reopen_pause);
  opening.not_before = after(now, opening.pause);
  opening.tried.clear();
  log::info("'{}' is not open again yet: {}", log::printable(opening.request.server_name_filter),
            opening.last_error->message);
  opening.last_error.reset();
}

void ClientEngine::on_reopened(const ClientSession& session, TimePoint now) {
  const SessionNumber number = session.number();
  KeptSession& kept = kept_.at(number);
  kept.suspended = false;
  kept.instance = session.instance();
  shared_.out.emplace_back(SessionReopened{number, session.info()});
  if (!kept.log_level.is_null()) {
    request(number, first_engine_call + 1, "logging/setLevel", kept.log_level,
            {shared_.config.set_level_timeout, false, {}}, false, now);
  }
  renew_subscriptions(session, now);
  for (HeldRequest& held : shared_.held.take(number)) {
    held.timing.first_timeout = held.deadline - now;
    if (held.cap) held.timing.total_timeout = *held.cap - now;
    request(number, held.call, std::move(held.method), std::move(held.params), held.timing,
            held.wants_progress, now);
  }
}

void ClientEngine::close_for_good(SessionNumber number, const std::string& server_name,
                                  const Error& reason, TimePoint now) {
  const bool was_suspended = suspended(number) != nullptr;
  kept_.erase(number);
  for (const HeldRequest& held : shared_.held.take(number)) {
    Error error = reason;
    // Whatever ended the session: what left before may have been carried out.
    if (held.sent && reason.kind != ErrorKind::stopped && reason.kind != ErrorKind::server_gone) {
      error.kind = ErrorKind::connection_lost;
    }
    shared_.complete(held.call, std::move(error));
  }
  // What was asked while it was suspended waits for this number.
  if (was_suspended) shared_.subscriptions.on_session_closed(number);
  shared_.out.emplace_back(SessionClosed{number, reason});
  // Another session with this service may have opened long ago: its subscriptions go on there.
  const auto heir = std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& item) {
    const ClientSession& session = *item.second;
    const auto link = links_.find(session.connection());
    return session.state() == ClientSession::State::open && !session.draining() &&
           session.instance().server_name == server_name && link != links_.end() &&
           link->second.connected &&
           discovery_.registry().contains(session.instance().server_id, server_name);
  });
  if (heir != sessions_.end() && !leaving_) renew_subscriptions(*heir->second, now);
}

void ClientEngine::hold(SessionNumber number, CallToken call, std::string method, Json params,
                        const RequestTiming& timing, bool wants_progress, TimePoint now) {
  HeldRequest held{number, call,           std::move(method),         std::move(params),
                   timing, wants_progress, after(now, timing.timeout)};
  if (timing.total_timeout) {
    held.cap = after(now, *timing.total_timeout);
    held.deadline = std::min(held.deadline, *held.cap);
  }
  held.bytes = json_bytes(held.params);
  const std::size_t waiting = shared_.held.count(number);
  if (waiting >= shared_.config.max_requests_per_session ||
      shared_.held.bytes() + held.bytes > shared_.config.max_held_bytes) {
    shared_.complete(
        call, Error{ErrorKind::busy, 0,
                    fmt::format("the session is being opened again, and {} requests wait already",
                                waiting),
                    nullptr});
    return;
  }
  shared_.held.hold(std::move(held));
}

void ClientEngine::expire_held(TimePoint now) {
  for (const HeldRequest& held : shared_.held.take_expired(now)) {
    const double waited = in_seconds(held.timing.timeout);
    const std::string server = log::printable(kept_.at(held.session).instance.server_name);
    shared_.complete(
        held.call,
        held.sent ? Error{ErrorKind::connection_lost, 0,
                          fmt::format("{}: the connection broke after it was sent, and the session "
                                      "with {} was not open again within {:g} s",
                                      held.method, server, waited),
                          nullptr}
                  : Error{ErrorKind::not_connected, 0,
                          fmt::format("{}: the session with {} was not open again within {:g} s; "
                                      "nothing was sent",
                                      held.method, server, waited),
                          nullptr});
  }
}

/// Whoever shook hands with this instance did so before it subscribed again: it cannot have heard.
void ClientEngine::restart_handshakes(const ServerInstance& instance, TimePoint now) {
  constexpr int enough = 3;
  std::vector<SessionNumber> unheard;
  for (auto& [number, opening] : openings_) {
    const ClientSession* session = session_of(opening.session);
    if (session == nullptr || session->state() != ClientSession::State::initializing ||
        opening.instance->server_id != instance.server_id ||
        opening.instance->server_name != instance.server_name || opening.restarts >= enough) {
      continue;
    }
    ++opening.restarts;
    opening.tried.erase(instance.server_id);
    unheard.push_back(opening.session);
  }
  for (const SessionNumber number : unheard) {
    ClientSession* session = session_of(number);
    if (session == nullptr) continue;
    session->close({ErrorKind::server_gone, 0,
                    instance.server_id + " came online again before it answered", nullptr},
                   false);
    settle(*session, now);
  }
}

void ClientEngine::on_gave_up(const Error& reason, TimePoint now) {
  gave_up_ = reason;
  while (!openings_.empty()) fail_opening(openings_.begin()->first, reason, now);
  for (const auto& [call, waiter] : std::exchange(waiters_, {})) {
    shared_.out.emplace_back(InstanceFound{call, reason});
  }
}

}  // namespace mcp_mqtt::engine
