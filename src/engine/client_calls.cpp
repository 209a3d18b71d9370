#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/client_engine.hpp"
#include "engine/role_check.hpp"

// What the host asks of the client engine, beside sessions to open (client_opening.cpp).
namespace mcp_mqtt::engine {

void ClientEngine::discover(CallToken call, const std::string& server_name_filter) {
  discovery_.add_filter(server_name_filter, call);
}

void ClientEngine::wait_for_instance(CallToken call, const std::string& server_name_filter,
                                     Duration timeout, TimePoint now) {
  if (leaving_) {
    shared_.out.emplace_back(
        InstanceFound{call, Error{ErrorKind::stopped, 0, "the client was stopped", nullptr}});
    return;
  }
  if (gave_up_) {
    shared_.out.emplace_back(InstanceFound{call, *gave_up_});
    return;
  }
  if (auto covered = discovery_.cover(server_name_filter); !covered) {
    shared_.out.emplace_back(InstanceFound{call, std::move(covered).error()});
    return;
  }
  const auto known = discovery_.registry().instances(server_name_filter);
  if (!known.empty()) {
    shared_.out.emplace_back(InstanceFound{call, known.front()});
    return;
  }
  waiters_.emplace(call, Waiter{server_name_filter, after(now, timeout)});
}

void ClientEngine::request(SessionNumber number, CallToken call, std::string method, Json params,
                           RequestTiming timing, bool wants_progress, TimePoint now) {
  const std::size_t under_way = shared_.requests + shared_.held.size();
  if (call < first_engine_call && under_way >= shared_.config.max_requests) {
    shared_.complete(
        call, Error{ErrorKind::busy, 0,
                    fmt::format("{} requests are under way already in all sessions", under_way),
                    nullptr});
    return;
  }
  if (suspended(number) != nullptr) {
    hold(number, call, std::move(method), std::move(params), timing, wants_progress, now);
    return;
  }
  ClientSession* session = session_of(number);
  if (session == nullptr) {
    shared_.complete(call, Error{ErrorKind::server_gone, 0, "the session is over", nullptr});
    return;
  }
  if (moves_on(*session)) {
    hold(number, call, std::move(method), std::move(params), timing, wants_progress, now);
    return;
  }
  if (auto allowed = check_roles(discovery_.roles(), session->instance(), method, params);
      !allowed) {
    shared_.complete(call, std::move(allowed).error());
    return;
  }
  if (const auto kept = kept_.find(number);
      kept != kept_.end() && method == "logging/setLevel" && call < first_engine_call) {
    kept->second.log_level = params;
  }
  session->request(call, std::move(method), std::move(params), timing, wants_progress, now);
  settle(*session, now);
}

void ClientEngine::cancel(CallToken call, const std::string& reason, TimePoint now,
                          SessionNumber number) {
  const Error error{ErrorKind::cancelled, 0, "cancelled", nullptr};
  if (ClientSession* own = session_of(number); own != nullptr && own->cancel(call, reason)) {
    settle(*own, now);
    return;
  }
  for (const auto& [other, session] : sessions_) {
    if (!session->cancel(call, reason)) continue;
    settle(*session_of(other), now);
    return;
  }
  if (shared_.held.take_call(call)) {
    shared_.complete(call, error);
    return;
  }
  if (shared_.subscriptions.waits(call)) {
    unsubscribe(call, now);
    shared_.out.emplace_back(CompleteCall{call, error});
    return;
  }
  if (discovery_.cancel(call)) {
    shared_.out.emplace_back(CompleteCall{call, error});
    return;
  }
  if (waiters_.erase(call) != 0) {
    shared_.out.emplace_back(InstanceFound{call, error});
    return;
  }
  for (const auto& [number, opening] : openings_) {
    if (opening.request.call == call) {
      fail_opening(number, error, now);
      return;
    }
  }
}

void ClientEngine::close(SessionNumber number, TimePoint now) {
  const Error closed{ErrorKind::stopped, 0, "the session was closed", nullptr};
  if (const KeptSession* kept = suspended(number)) {
    closed_by_host_.insert(kept->instance.server_name);
    const auto opening = std::find_if(openings_.begin(), openings_.end(), [&](const auto& item) {
      return item.second.reopens == number;
    });
    if (opening != openings_.end()) fail_opening(opening->first, closed, now);
    return;
  }
  ClientSession* session = session_of(number);
  if (session == nullptr) return;
  closed_by_host_.insert(session->instance().server_name);
  session->close(closed, true);
  settle(*session, now);
}

}  // namespace mcp_mqtt::engine
