#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/progress.hpp>
#include <mcp_mqtt/protocol/request_id.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/wire/json_rpc.hpp>

#include "engine/handler_actions.hpp"

namespace mcp_mqtt::engine {

/// Answers of one batch, published together when the last is there (2025-03-26).
struct AnswerBatch {
  std::size_t missing = 0;
  std::vector<wire::RpcMessage> answers;
};

/// One handler that runs for a peer's request.
struct HandlerRun {
  /// Unset: the peer has its answer already (a task was created of the request).
  std::optional<RequestId> request;
  Json progress_token = nullptr;  // null: the peer did not ask
  std::shared_ptr<AnswerBatch> batch;
  std::string task_id;  // empty: no task
  /// The peer's task that the request belongs to; its answer names that. Empty: none.
  std::string related_task;
  bool cancelled = false;
  std::optional<double> last_progress;
};

/// The handlers that run for one peer: which of its requests they answer, who wants progress, and
/// whose answer is no longer wanted.
class HandlerRuns {
 public:
  /// Whether a request with this id still waits for its answer.
  bool in_flight(const RequestId& id) const { return by_request_.contains(id); }
  std::size_t size() const noexcept { return runs_.size(); }
  /// Whether the outcome of one is still wanted.
  bool any_wanted() const;

  void add(CallNumber call, HandlerRun run);
  std::optional<HandlerRun> take(CallNumber call);
  /// nullptr where it is over.
  const HandlerRun* find(CallNumber call) const;

  /// `notifications/cancelled` with these params: the run that it ends, once.
  std::optional<CallNumber> cancel_request(const Json& params);
  /// The answer of this run is no longer wanted. False: over, or cancelled before.
  bool cancel(CallNumber call);
  /// Takes out all; those that were not cancelled before.
  std::vector<CallNumber> take_all();

  /// The params of `notifications/progress`; nullopt where nothing is to be sent: the peer did not
  /// ask, or the value does not increase.
  std::optional<Json> progress(CallNumber call, const Progress& progress, Revision revision);

 private:
  std::map<CallNumber, HandlerRun> runs_;
  std::map<RequestId, CallNumber> by_request_;
};

/// The task in a request's `_meta` that it belongs to; empty: none.
std::string related_task_of(const Json& params);
/// `result` with the `_meta` that names the task it belongs to.
Json with_related_task(Json result, const std::string& task_id);

/// The token in a request's `_meta.progressToken`; null where there is none that can be used.
Json progress_token_of(const Json& params);

}  // namespace mcp_mqtt::engine
