#include "engine/connection_life.hpp"

#include <algorithm>
#include <utility>

namespace mcp_mqtt::engine {

ConnectionLife::ConnectionLife(Backoff backoff, std::mt19937_64::result_type seed)
    : backoff_(backoff), random_(seed) {}

ConnectionLife::Next ConnectionLife::start() {
  state_ = State::connecting;
  return Next::connect;
}

void ConnectionLife::on_connected(TimePoint now) {
  if (state_ != State::connecting) return;
  state_ = State::connected;
  ever_connected_ = true;
  same_refusals_ = 0;
  connected_at_ = now;
}

/// Bad credentials do not get better: the same refusal twice ends the attempts.
bool ConnectionLife::is_fatal(const Error& error) {
  const bool same = error.kind == ErrorKind::refused && last_error_.kind == ErrorKind::refused &&
                    error.code == last_error_.code;
  same_refusals_ = same ? same_refusals_ + 1 : 0;
  constexpr int bad_credentials = 0x86;
  constexpr int not_authorized = 0x87;
  constexpr int bad_authentication = 0x8C;
  const bool credentials = error.code == bad_credentials || error.code == not_authorized ||
                           error.code == bad_authentication;
  return error.kind == ErrorKind::refused && credentials && same_refusals_ >= 1;
}

ConnectionLife::Next ConnectionLife::on_connect_failed(Error error, TimePoint now) {
  if (state_ != State::connecting) return Next::nothing;
  const bool fatal = is_fatal(error);
  last_error_ = std::move(error);
  if (fatal || (!ever_connected_ && !backoff_.retry_first)) {
    state_ = State::over;
    return Next::give_up;
  }
  wait(now);
  return Next::nothing;
}

ConnectionLife::Next ConnectionLife::on_lost(Error error, TimePoint now) {
  if (state_ != State::connected) return Next::nothing;
  if (now - connected_at_ >= backoff_.stable_after) delay_ = {};
  last_error_ = std::move(error);
  wait(now);
  return Next::nothing;
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
