#include "engine/handler_runs.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace mcp_mqtt::engine {
namespace {

constexpr const char* related_task_key = "io.modelcontextprotocol/related-task";

/// An id beyond 64 bits with sign is nobody's; as a number it would wrap to somebody's.
std::optional<RequestId> request_id_of(const Json& id) {
  if (id.is_string()) return id.get<std::string>();
  const bool beyond = id.is_number_unsigned() &&
                      id.get<std::uint64_t>() >
                          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!id.is_number_integer() || beyond) return std::nullopt;
  return id.get<std::int64_t>();
}

}  // namespace

void HandlerRuns::add(CallNumber call, HandlerRun run) {
  if (run.request) by_request_.emplace(*run.request, call);
  runs_.emplace(call, std::move(run));
}

std::optional<HandlerRun> HandlerRuns::take(CallNumber call) {
  auto node = runs_.extract(call);
  if (node.empty()) return std::nullopt;
  if (node.mapped().request) by_request_.erase(*node.mapped().request);
  return std::move(node.mapped());
}

const HandlerRun* HandlerRuns::find(CallNumber call) const {
  const auto found = runs_.find(call);
  return found == runs_.end() ? nullptr : &found->second;
}

std::optional<CallNumber> HandlerRuns::cancel_request(const Json& params) {
  if (!params.is_object()) return std::nullopt;
  const auto id = params.find("requestId");
  if (id == params.end()) return std::nullopt;
  const auto request = request_id_of(*id);
  if (!request) return std::nullopt;
  const auto found = by_request_.find(*request);
  if (found == by_request_.end() || !cancel(found->second)) return std::nullopt;
  return found->second;
}

bool HandlerRuns::cancel(CallNumber call) {
  const auto found = runs_.find(call);
  return found != runs_.end() && !std::exchange(found->second.cancelled, true);
}

std::vector<CallNumber> HandlerRuns::take_all() {
  std::vector<CallNumber> live;
  for (const auto& [call, run] : runs_) {
    if (!run.cancelled) live.push_back(call);
  }
  runs_.clear();
  by_request_.clear();
  return live;
}

std::optional<Json> HandlerRuns::progress(CallNumber call, const Progress& progress,
                                          Revision revision) {
  const auto found = runs_.find(call);
  if (found == runs_.end()) return std::nullopt;
  HandlerRun& run = found->second;
  if (run.progress_token.is_null() || run.cancelled) return std::nullopt;
  if (!std::isfinite(progress.progress)) return std::nullopt;  // JSON has no such number
  if (run.last_progress && progress.progress <= *run.last_progress) return std::nullopt;
  run.last_progress = progress.progress;
  Json params{{"progressToken", run.progress_token}, {"progress", progress.progress}};
  if (progress.total && std::isfinite(*progress.total)) params["total"] = *progress.total;
  if (!progress.message.empty() && revision >= Revision::v2025_03_26) {
    params["message"] = progress.message;
  }
  const std::string& task = run.task_id.empty() ? run.related_task : run.task_id;
  if (!task.empty()) params = with_related_task(std::move(params), task);
  return params;
}

std::string related_task_of(const Json& params) {
  const auto meta = params.find("_meta");
  if (meta == params.end() || !meta->is_object()) return {};
  const auto related = meta->find(related_task_key);
  if (related == meta->end() || !related->is_object()) return {};
  const auto id = related->find("taskId");
  return id != related->end() && id->is_string() ? id->get<std::string>() : std::string();
}

Json with_related_task(Json result, const std::string& task_id) {
  if (!result.is_object()) return result;
  Json& meta = result["_meta"];
  if (!meta.is_object()) meta = Json::object();
  meta[related_task_key] = {{"taskId", task_id}};
  return result;
}

Json progress_token_of(const Json& params) {
  const auto meta = params.find("_meta");
  if (meta == params.end() || !meta->is_object()) return nullptr;
  const auto token = meta->find("progressToken");
  const bool usable = token != meta->end() && (token->is_string() || token->is_number_integer());
  return usable ? *token : Json(nullptr);
}

}  // namespace mcp_mqtt::engine
