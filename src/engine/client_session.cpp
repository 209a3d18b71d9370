#include "engine/client_session.hpp"

#include <fmt/format.h>
#include <utility>

#include "engine/error_of.hpp"
#include "engine/handshake.hpp"
#include "ground/logging.hpp"
#include "wire/presence.hpp"
#include "wire/topics.hpp"
#include "wire/user_properties.hpp"

namespace mcp_mqtt::engine {
namespace {

constexpr CallToken initialize_call = 0;  // calls of the host have tokens from 1

}  // namespace

ClientSession::ClientSession(ClientShared& shared, Setup setup, TimePoint now)
    : shared_(shared),
      setup_(std::move(setup)),
      handshake_deadline_(after(now, setup_.initialize_timeout)),
      sender_(shared, {setup_.connection, setup_.number, setup_.client_id, rpc_topic(), server()}),
      requests_(setup_.last_request_id, &shared.requests),
      heard_at_(now),
      answers_(shared, setup_.number, sender_) {
  for (const bool rpc : {true, false}) {
    const Ticket ticket = shared_.new_ticket(setup_.number);
    subscribing_.insert(ticket);
    const mqtt::Qos qos = rpc ? shared_.config.qos : mqtt::Qos::at_least_once;
    shared_.out.emplace_back(
        Subscribe{setup_.connection, {rpc ? rpc_topic() : capability_topic(), qos, rpc}, ticket});
  }
}

std::string ClientSession::rpc_topic() const {
  return wire::rpc_topic(setup_.client_id, setup_.instance.server_id, setup_.instance.server_name);
}

std::string ClientSession::capability_topic() const {
  return wire::server_capability_topic(setup_.instance.server_id, setup_.instance.server_name);
}

std::string ClientSession::server() const {
  return fmt::format("{} ({})", setup_.instance.server_name, setup_.instance.server_id);
}

// --- The handshake

void ClientSession::on_subscribed(Ticket ticket, const Result<void>& outcome, TimePoint now) {
  if (subscribing_.erase(ticket) == 0 || state_ != State::subscribing) return;
  if (ended_with_connection(outcome)) return;
  if (!outcome) {
    close(outcome.error(), false);
  } else if (subscribing_.empty()) {
    send_initialize(now);
  }
}

void ClientSession::send_initialize(TimePoint now) {
  state_ = State::initializing;
  RequestTiming timing;
  timing.timeout = *handshake_deadline_ - now;
  const auto id = requests_.add(initialize_call, "initialize", timing, false, now);
  const ClientConfig& config = shared_.config;
  Json params = initialize_params(config.implementation, config.capabilities, setup_.revision);
  if (config.unread_requests) params["capabilities"] = config.capabilities.raw;
  auto sent =
      sender_.publish(wire::control_topic(setup_.instance.server_id, setup_.instance.server_name),
                      wire::Request{id, "initialize", std::move(params)});
  if (sent) {
    initialize_ticket_ = *sent;
  } else {
    close(sent.error(), false);
  }
}

void ClientSession::on_initialized(Result<Json> result) {
  handshake_deadline_.reset();
  if (!result) {
    close(result.error(), false);
    return;
  }
  auto initialized = read_initialize_result(*result);
  if (!initialized) {
    close(initialized.error(), true);
    return;
  }
  initialized_ = *std::move(initialized);
  auto sent = sender_.publish(rpc_topic(), wire::Notification{"notifications/initialized"});
  if (!sent) {
    close(sent.error(), false);
    return;
  }
  state_ = State::open;
}

// --- Time and the end

Deadline ClientSession::next_deadline() const {
  Deadline next =
      earlier(earlier(handshake_deadline_, requests_.next_deadline()), answers_.next_deadline());
  if (setup_.health_check && state_ == State::open && !pinging_) {
    next = earlier(next, after(heard_at_, *setup_.health_check));
  }
  return next;
}

void ClientSession::on_time(TimePoint now) {
  if (handshake_deadline_ && now >= *handshake_deadline_) {
    close(error_of(ErrorKind::timeout,
                   fmt::format("{} did not answer initialize in time; if it runs, the broker may "
                               "deny one of us the topic '{}'",
                               server(), rpc_topic())),
          true);
    return;
  }
  answers_.on_time(now);
  std::optional<Error> silence;
  for (const auto& pending : requests_.take_expired(now)) {
    const bool capped = pending.cap && now >= *pending.cap;
    const std::string message =
        fmt::format("{}: no answer from {} within {:g} s", pending.method, server(),
                    in_seconds(capped ? *pending.timing.total_timeout : pending.timing.timeout));
    if (pending.call == health_call) {
      silence = error_of(ErrorKind::server_gone, message);
      continue;  // others may be late with it
    }
    tell_cancelled(pending.id, "timeout");
    complete(pending, error_of(ErrorKind::timeout, message));
  }
  if (silence) {
    fell_silent_ = true;
    close(*silence, true);
    return;
  }
  check_health(now);
}

/// A server that says nothing is asked whether it is there (T44). Whatever it answers, it is.
void ClientSession::check_health(TimePoint now) {
  if (setup_.health_check && now >= after(heard_at_, *setup_.health_check)) probe(now);
}

void ClientSession::probe(TimePoint now) {
  if (state_ != State::open || pinging_) return;
  RequestTiming timing;
  timing.timeout = shared_.config.ping_timeout;
  const auto id = requests_.add(health_call, "ping", timing, false, now);
  pinging_ = sender_.publish(rpc_topic(), wire::Request{id, "ping", Json::object()}).has_value();
}

void ClientSession::end(const Error& reason) {
  state_ = State::closed;
  reason_ = reason;
  handshake_deadline_.reset();
  answers_.close();
  for (const auto& pending : requests_.take_all()) {
    if (pending.call != initialize_call) fail_or_hold(pending, reason, false);
  }
}

void ClientSession::close(const Error& reason, bool tell_server) {
  if (state_ == State::closed) return;
  end(reason);
  if (tell_server) {
    shared_.out.emplace_back(
        Publish{setup_.connection,
                {rpc_topic(), wire::encode_disconnected(), mqtt::Qos::at_least_once, false,
                 wire::publish_properties(wire::Component::client, setup_.client_id)},
                0});
  }
  shared_.out.emplace_back(Unsubscribe{setup_.connection, capability_topic()});
  shared_.out.emplace_back(Unsubscribe{setup_.connection, rpc_topic()});
}

void ClientSession::drain(const Error& reason) {
  if (state_ == State::open && !draining_) draining_ = reason;
}

void ClientSession::close_when_drained() {
  if (draining_ && state_ == State::open && requests_.size() == 0) close(*draining_, true);
}

void ClientSession::vanish(const Error& reason) {
  vanished_ = state_ != State::closed;
  close(reason, false);
}

void ClientSession::close_without_connection(Error reason) {
  if (state_ == State::closed) return;
  if (reason.kind != ErrorKind::stopped) {
    // Also where the broker gave a reason: to a request under way it is a loss.
    reason.kind = ErrorKind::connection_lost;
    cut_off_ = true;
  }
  end(reason);
}

}  // namespace mcp_mqtt::engine
