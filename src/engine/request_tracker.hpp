#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/request_id.hpp>

#include "engine/call_actions.hpp"
#include "engine/clock.hpp"

namespace mcp_mqtt::engine {

struct RequestTiming {
  Duration timeout{};
  /// With it each progress notification starts the timeout again, up to `total_timeout`.
  bool reset_on_progress = false;
  std::optional<Duration> total_timeout;
  /// The request may be carried out twice: it is sent again where its outcome was lost.
  bool idempotent = false;
  /// Until the first answer or progress, instead of `timeout`: what is left to a request that is
  /// sent again.
  std::optional<Duration> first_timeout = {};
};

/// The requests that a peer still owes an answer. Each leaves exactly once.
class RequestTracker {
 public:
  struct Pending {
    std::int64_t id = 0;
    CallToken call = 0;
    std::string method;
    RequestTiming timing;
    bool wants_progress = false;
    TimePoint deadline;
    Deadline cap;
  };

  /// Ids begin after `last_id`. `of_all`, where given, counts the requests of several trackers; it
  /// must outlive this one.
  explicit RequestTracker(std::int64_t last_id = 0, std::size_t* of_all = nullptr)
      : last_id_(last_id), of_all_(of_all) {}
  RequestTracker(const RequestTracker&) = delete;
  RequestTracker& operator=(const RequestTracker&) = delete;
  ~RequestTracker() {
    if (of_all_ != nullptr) *of_all_ -= pending_.size();
  }

  /// The id of the new request: positive, never used before in this session.
  std::int64_t add(CallToken call, std::string method, RequestTiming timing, bool wants_progress,
                   TimePoint now);

  /// Takes out the request that an answer belongs to; nullopt for an answer to nothing.
  std::optional<Pending> take(const RequestId& id);
  std::optional<Pending> take_call(CallToken call);
  /// Takes out all whose time is over.
  std::vector<Pending> take_expired(TimePoint now);
  std::vector<Pending> take_all();

  /// The call that a progress token belongs to, if it wanted progress; starts its timeout again
  /// where it asked for that.
  std::optional<CallToken> on_progress(const Json& token, TimePoint now);

  Deadline next_deadline() const;
  /// Whether the call is under way and may be repeated.
  bool is_idempotent(CallToken call) const;
  std::int64_t last_id() const noexcept { return last_id_; }
  std::size_t size() const noexcept { return pending_.size(); }

 private:
  std::optional<Pending> take_id(std::int64_t id);

  std::int64_t last_id_;
  std::size_t* of_all_;
  std::map<std::int64_t, Pending> pending_;
  std::map<CallToken, std::int64_t> by_call_;
  std::set<std::pair<TimePoint, std::int64_t>> by_deadline_;
};

}  // namespace mcp_mqtt::engine
