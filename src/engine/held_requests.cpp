#include "engine/held_requests.hpp"

#include <iterator>
#include <utility>

namespace mcp_mqtt::engine {

void HeldRequests::hold(HeldRequest request) {
  Queue& queue = queues_[request.session];
  const CallToken call = request.call;
  bytes_ += request.bytes;
  queue.push_back(std::move(request));
  by_call_[call] = std::prev(queue.end());
}

HeldRequest HeldRequests::take(Queue::iterator position) {
  HeldRequest request = std::move(*position);
  bytes_ -= request.bytes;
  const auto queue = queues_.find(request.session);
  queue->second.erase(position);
  if (queue->second.empty()) queues_.erase(queue);
  by_call_.erase(request.call);
  return request;
}

std::vector<HeldRequest> HeldRequests::take(SessionNumber session) {
  std::vector<HeldRequest> taken;
  for (auto queue = queues_.find(session); queue != queues_.end(); queue = queues_.find(session)) {
    taken.push_back(take(queue->second.begin()));
  }
  return taken;
}

std::optional<HeldRequest> HeldRequests::take_call(CallToken call) {
  const auto found = by_call_.find(call);
  if (found == by_call_.end()) return std::nullopt;
  return take(found->second);
}

std::vector<HeldRequest> HeldRequests::take_expired(TimePoint now) {
  std::vector<CallToken> expired;
  for (const auto& [call, position] : by_call_) {
    if (now >= position->deadline) expired.push_back(call);
  }
  std::vector<HeldRequest> taken;
  taken.reserve(expired.size());
  for (const CallToken call : expired) taken.push_back(*take_call(call));
  return taken;
}

std::size_t HeldRequests::count(SessionNumber session) const {
  const auto queue = queues_.find(session);
  return queue == queues_.end() ? 0 : queue->second.size();
}

Deadline HeldRequests::next_deadline() const {
  Deadline next;
  for (const auto& [call, position] : by_call_) next = earlier(next, position->deadline);
  return next;
}

}  // namespace mcp_mqtt::engine
