#include "engine/connection_life.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "ground/logging.hpp"

namespace mcp_mqtt::engine {
namespace {

constexpr int bad_credentials = 0x86;
constexpr int not_authorized = 0x87;
constexpr int bad_authentication = 0x8C;
constexpr int session_taken_over = 0x8E;

/// A connection that ends sooner may have been taken over: two programs with one client id throw
/// each other out as fast as they come back.
constexpr std::chrono::seconds short_life{5};
/// The last attempts before a conflict is certain come at once: a broker that restarts cannot
/// answer them, one that threw us out can.
constexpr int attempts_at_once = 2;

}  // namespace

ConnectionLife::ConnectionLife(Backoff backoff, std::mt19937_64::result_type seed)
    : backoff_(backoff), random_(seed) {}

ConnectionLife::Next ConnectionLife::start() {
  state_ = State::connecting;
  return Next::connect;
}

void ConnectionLife::on_connected(TimePoint now, const std::string& client_id) {
  if (state_ != State::connecting) return;
  state_ = State::connected;
  ever_connected_ = true;
  same_refusals_ = 0;
  connected_at_ = now;
  if (client_id != client_id_) forget_conflict();
  client_id_ = client_id;
}

/// Bad credentials do not get better: the same refusal twice ends the attempts.
bool ConnectionLife::is_fatal(const Error& error) {
  const bool same = error.kind == ErrorKind::refused && last_error_.kind == ErrorKind::refused &&
                    error.code == last_error_.code;
  same_refusals_ = same ? same_refusals_ + 1 : 0;
  const bool credentials = error.code == bad_credentials || error.code == not_authorized ||
                           error.code == bad_authentication;
  return error.kind == ErrorKind::refused && credentials && same_refusals_ >= 1;
}

void ConnectionLife::forget_conflict() noexcept {
  takeovers_ = 0;
  short_lives_ = 0;
}

/// Whether another program is certain to use our client id. `error` says so then, and also where
/// the broker names a takeover for the first time.
bool ConnectionLife::is_conflict(Error& error, TimePoint now) {
  const auto describe = [&](std::string_view what) {
    error.kind = ErrorKind::id_conflict;
    error.message = fmt::format(
        "{}: another program uses the client id '{}'. Give each an id of its own, or none, and one "
        "is made",
        what, log::printable(client_id_));
  };
  if (error.kind == ErrorKind::refused && error.code == session_taken_over) {
    describe("the broker gave this connection's session to another one");
    return ++takeovers_ >= 2;
  }
  // Any other reason is no takeover. mosquitto names none for one.
  if (error.kind == ErrorKind::refused || now - connected_at_ >= short_life) {
    forget_conflict();
    return false;
  }
  ++short_lives_;
  if (backoff_.id_conflict_after <= 0 || short_lives_ < backoff_.id_conflict_after) return false;
  describe(fmt::format("the broker ended {} connections in a row at once and without a reason",
                       short_lives_));
  return true;
}

ConnectionLife::Next ConnectionLife::give_up() {
  state_ = State::gave_up;
  forget_conflict();
  return Next::give_up;
}

ConnectionLife::Next ConnectionLife::on_connect_failed(Error error, TimePoint now) {
  if (state_ != State::connecting) return Next::nothing;
  forget_conflict();
  const bool fatal = is_fatal(error);
  last_error_ = std::move(error);
  if (fatal || (!ever_connected_ && !backoff_.retry_first)) return give_up();
  wait(now);
  return Next::nothing;
}

ConnectionLife::Next ConnectionLife::on_lost(Error error, TimePoint now) {
  if (state_ != State::connected) return Next::nothing;
  if (now - connected_at_ >= backoff_.stable_after) {
    delay_ = {};
    forget_conflict();
  }
  const bool conflict = is_conflict(error, now);
  last_error_ = std::move(error);
  if (conflict) return give_up();
  wait(now);
  if (short_lives_ > 0 && short_lives_ >= backoff_.id_conflict_after - attempts_at_once &&
      backoff_.id_conflict_after > 0) {
    retry_at_ = now;
  }
  return Next::nothing;
}

ConnectionLife::Next ConnectionLife::reconnect_now() {
  if (state_ == State::idle || state_ == State::over || state_ == State::connected) {
    return Next::nothing;
  }
  retry_at_.reset();
  delay_ = {};
  last_error_ = {};
  same_refusals_ = 0;
  forget_conflict();
  return start();
}

void ConnectionLife::wait(TimePoint now) {
  using Seconds = std::chrono::duration<double>;
  state_ = State::waiting;
  const double maximum = Seconds(backoff_.maximum).count();
  const double base = delay_ == Duration{} ? Seconds(backoff_.initial).count()
                                           : Seconds(delay_).count() * backoff_.factor;
  const double capped = std::min(base, maximum);
  delay_ = std::chrono::duration_cast<Duration>(Seconds(capped));
  std::uniform_real_distribution<double> spread(1 - backoff_.jitter, 1 + backoff_.jitter);
  retry_at_ = now + std::chrono::duration_cast<Duration>(Seconds(capped * spread(random_)));
}

ConnectionLife::Next ConnectionLife::on_time(TimePoint now) {
  if (state_ != State::waiting || !retry_at_ || now < *retry_at_) return Next::nothing;
  retry_at_.reset();
  state_ = State::connecting;
  return Next::connect;
}

void ConnectionLife::stop() {
  state_ = State::over;
  retry_at_.reset();
}

}  // namespace mcp_mqtt::engine
