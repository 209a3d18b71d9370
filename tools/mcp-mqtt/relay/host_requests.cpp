#include "mcp-mqtt/relay/host_requests.hpp"

#include <utility>

// A watch is destroyed outside the lock: that waits for its callback, which takes the lock.
namespace mcp_mqtt::command_line {

HostRequests::~HostRequests() {
  std::map<std::int64_t, Waiting> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(waiting_);
  }
}

void HostRequests::fail(const Error& reason) {
  std::map<std::int64_t, Waiting> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(waiting_);
  }
  for (const auto& [id, waiting] : left) waiting.request.answer(reason);
}

void HostRequests::ask(PeerRequest request, const std::optional<RequestId>& related) {
  std::int64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = ++last_id_;
    waiting_.emplace(id, Waiting{request, nullptr});
  }
  send_(wire::Request{id, request.method(), request.params()}, related);
  auto watch = std::make_unique<Watch>(request.stop_token(),
                                       std::function<void()>([this, id] { cancel(id); }));
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(id);
  if (found != waiting_.end()) found->second.watch.swap(watch);
}

void HostRequests::cancel(std::int64_t id) {
  decltype(waiting_)::node_type cancelled;
  {
    const std::lock_guard lock(mutex_);
    cancelled = waiting_.extract(id);
  }
  if (cancelled.empty()) return;
  send_(wire::Notification{"notifications/cancelled", {{"requestId", id}}}, std::nullopt);
}

bool HostRequests::answer(const RequestId& id, Result<Json> answer) {
  const auto* number = std::get_if<std::int64_t>(&id);
  if (number == nullptr) return false;
  decltype(waiting_)::node_type answered;
  {
    const std::lock_guard lock(mutex_);
    answered = waiting_.extract(*number);
  }
  if (answered.empty()) return false;
  answered.mapped().request.answer(std::move(answer));
  return true;
}

}  // namespace mcp_mqtt::command_line
