#include "engine/request_tracker.hpp"

namespace mcp_mqtt::engine {

std::int64_t RequestTracker::add(CallToken call, std::string method, RequestTiming timing,
                                 bool wants_progress, TimePoint now) {
  Pending pending;
  pending.id = ++last_id_;
  pending.call = call;
  pending.method = std::move(method);
  pending.timing = timing;
  pending.wants_progress = wants_progress;
  pending.deadline = after(now, timing.first_timeout.value_or(timing.timeout));
  if (timing.total_timeout) {
    pending.cap = after(now, *timing.total_timeout);
    pending.deadline = std::min(pending.deadline, *pending.cap);
  }
  by_call_[call] = pending.id;
  by_deadline_.emplace(pending.deadline, pending.id);
  pending_.emplace(pending.id, std::move(pending));
  if (of_all_ != nullptr) ++*of_all_;
  return last_id_;
}

std::optional<RequestTracker::Pending> RequestTracker::take_id(std::int64_t id) {
  auto node = pending_.extract(id);
  if (node.empty()) return std::nullopt;
  if (of_all_ != nullptr) --*of_all_;
  Pending& pending = node.mapped();
  by_call_.erase(pending.call);
  by_deadline_.erase({pending.deadline, id});
  return std::move(pending);
}

std::optional<RequestTracker::Pending> RequestTracker::take(const RequestId& id) {
  const auto* number = std::get_if<std::int64_t>(&id);
  return number == nullptr ? std::nullopt : take_id(*number);
}

std::optional<RequestTracker::Pending> RequestTracker::take_call(CallToken call) {
  const auto found = by_call_.find(call);
  return found == by_call_.end() ? std::nullopt : take_id(found->second);
}

std::vector<RequestTracker::Pending> RequestTracker::take_expired(TimePoint now) {
  std::vector<Pending> expired;
  while (!by_deadline_.empty() && by_deadline_.begin()->first <= now) {
    expired.push_back(*take_id(by_deadline_.begin()->second));
  }
  return expired;
}

std::vector<RequestTracker::Pending> RequestTracker::take_all() {
  std::vector<Pending> all;
  all.reserve(pending_.size());
  while (!pending_.empty()) all.push_back(*take_id(pending_.begin()->first));
  return all;
}

std::optional<CallToken> RequestTracker::on_progress(const Json& token, TimePoint now) {
  if (!token.is_number_integer()) return std::nullopt;
  const auto found = pending_.find(token.get<std::int64_t>());
  if (found == pending_.end()) return std::nullopt;
  Pending& pending = found->second;
  if (pending.timing.reset_on_progress) {
    by_deadline_.erase({pending.deadline, pending.id});
    pending.deadline = after(now, pending.timing.timeout);
    if (pending.cap) pending.deadline = std::min(pending.deadline, *pending.cap);
    by_deadline_.emplace(pending.deadline, pending.id);
  }
  if (!pending.wants_progress) return std::nullopt;
  return pending.call;
}

bool RequestTracker::is_idempotent(CallToken call) const {
  const auto found = by_call_.find(call);
  return found != by_call_.end() && pending_.at(found->second).timing.idempotent;
}

Deadline RequestTracker::next_deadline() const {
  return by_deadline_.empty() ? std::nullopt : Deadline(by_deadline_.begin()->first);
}

}  // namespace mcp_mqtt::engine
