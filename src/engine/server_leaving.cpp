#include <utility>

#include "engine/server_engine.hpp"
#include "ground/logging.hpp"
#include "wire/user_properties.hpp"

// How a server ends: its connection breaks, it leaves, or it is drained first.
namespace mcp_mqtt::engine {

void ServerEngine::on_connection_lost(const Error& reason) {
  presence_again_.reset();
  for (auto& [id, session] : sessions_) session->end_without_connection(reason);
  forget_sessions();
  shared_.ticket_owner.clear();
  shared_.outbox.clear();
  notices_.clear();
  if (state_ == State::draining) {
    left();  // nobody is left to wait for, and the will clears the presence
  } else if (state_ == State::leaving) {
    if (clear_ticket_ != 0) left();
  } else {
    state_ = State::offline;
  }
}

void ServerEngine::leave() {
  if (state_ == State::leaving) return;
  const bool present = state_ == State::announcing || state_ == State::online;
  const bool connected = state_ != State::offline;
  state_ = State::leaving;
  presence_again_.reset();
  drain_deadline_.reset();
  shared_.draining_since.reset();
  if (connected) {
    const Error reason{ErrorKind::stopped, 0, "the server stops", nullptr};
    for (auto& [id, session] : sessions_) session->end(reason, true);
  }
  forget_sessions();
  if (present) {
    clear_ticket_ = shared_.new_ticket();
    shared_.out.emplace_back(Publish{0, will(), clear_ticket_});
  } else if (clear_ticket_ == 0) {
    left();
  }
}

void ServerEngine::drain(Duration timeout, TimePoint now) {
  if (state_ == State::draining || state_ == State::leaving) return;
  if (state_ != State::announcing && state_ != State::online) {
    leave();
    return;
  }
  state_ = State::draining;
  presence_again_.reset();
  drain_deadline_ = after(now, timeout);
  clear_ticket_ = shared_.new_ticket();
  mqtt::Message message = will();
  message.user_properties.emplace_back(wire::draining_property, "true");
  shared_.out.emplace_back(Publish{0, std::move(message), clear_ticket_});
}

void ServerEngine::on_presence_cleared(const Result<void>& outcome, TimePoint now) {
  clear_ticket_ = 0;
  if (!outcome) log::warning("the presence was not cleared: {}", outcome.error().message);
  if (state_ != State::draining) {
    left();
    return;
  }
  if (ended_with_connection(outcome)) return;  // the loss comes next
  shared_.draining_since = now;
  if (sessions_.empty()) {
    left();
    return;
  }
  for (const auto& [number, session] : by_number_) {
    deadlines_.set(number, session->next_deadline());
  }
}

void ServerEngine::left() {
  state_ = State::leaving;
  clear_ticket_ = 0;
  drain_deadline_.reset();
  shared_.draining_since.reset();
  shared_.out.emplace_back(ServerLeft{});
}

}  // namespace mcp_mqtt::engine
