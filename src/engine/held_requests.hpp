#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/call_actions.hpp"
#include "engine/request_tracker.hpp"

namespace mcp_mqtt::engine {

/// A request to a server as the host made it: what it takes to send it, or to send it again.
struct HeldRequest {
  SessionNumber session = 0;
  CallToken call = 0;
  std::string method;
  Json params;
  RequestTiming timing;
  bool wants_progress = false;
  TimePoint deadline;
  Deadline cap = {};
  /// It left before, and may have been carried out.
  bool sent = false;
  /// Of the params, for the bound of them all.
  std::size_t bytes = 0;
};

/// Requests that wait until their session is open again, in the order in which they were made. Each
/// leaves exactly once.
class HeldRequests {
 public:
  void hold(HeldRequest request);
  /// Takes out all of a session.
  std::vector<HeldRequest> take(SessionNumber session);
  std::optional<HeldRequest> take_call(CallToken call);
  /// Takes out all whose time is over.
  std::vector<HeldRequest> take_expired(TimePoint now);

  std::size_t count(SessionNumber session) const;
  std::size_t size() const noexcept { return by_call_.size(); }
  /// Of all together.
  std::size_t bytes() const noexcept { return bytes_; }
  Deadline next_deadline() const;

 private:
  using Queue = std::list<HeldRequest>;

  HeldRequest take(Queue::iterator position);

  std::size_t bytes_ = 0;
  std::map<SessionNumber, Queue> queues_;
  std::map<CallToken, Queue::iterator> by_call_;
};

}  // namespace mcp_mqtt::engine
