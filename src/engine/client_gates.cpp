#include "engine/client_gates.hpp"

#include <utility>

#include "engine/error_of.hpp"

namespace mcp_mqtt::engine {
namespace {

Result<void> require(bool declared, const std::string& method, const char* capability) {
  if (declared) return {};
  return unsupported(method + ": the client did not declare '" + capability + "'");
}

Result<void> since(Revision first, Revision revision, const std::string& what) {
  if (revision >= first) return {};
  return unsupported(what + " does not exist in revision " + std::string(to_string(revision)) +
                     ", which this session speaks");
}

Result<void> check_sampling(const Json& params, const ClientCapabilities& declared,
                            Revision revision) {
  auto fits = require(declared.sampling, "sampling/createMessage", "sampling");
  if (!fits) return fits;
  if (params.contains("tools") || params.contains("toolChoice")) {
    fits = since(Revision::v2025_11_25, revision, "sampling with tools");
    if (!fits) return fits;
    fits = require(declared.sampling_tools, "sampling/createMessage", "sampling.tools");
    if (!fits) return fits;
  }
  // Before there was a capability for it, every client could be asked.
  const auto context = params.find("includeContext");
  if (context != params.end() && *context != Json("none") && revision >= Revision::v2025_11_25) {
    return require(declared.sampling_context, "sampling/createMessage", "sampling.context");
  }
  return {};
}

Result<void> check_elicitation(const Json& params, const ClientCapabilities& declared,
                               Revision revision) {
  if (auto fits = since(Revision::v2025_06_18, revision, "elicitation/create"); !fits) return fits;
  const auto mode = params.find("mode");
  const bool url = mode != params.end() && *mode == Json("url");
  if (!url) return require(declared.elicitation, "elicitation/create", "elicitation.form");
  if (auto fits = since(Revision::v2025_11_25, revision, "elicitation by URL"); !fits) return fits;
  return require(declared.elicitation_url, "elicitation/create", "elicitation.url");
}

Result<void> check_task(const std::string& method, const ClientCapabilities& declared,
                        Revision revision) {
  if (auto fits = since(Revision::v2025_11_25, revision, "a task"); !fits) return fits;
  if (method == "sampling/createMessage") {
    return require(declared.tasks_sampling, method, "tasks.requests.sampling.createMessage");
  }
  if (method == "elicitation/create") {
    return require(declared.tasks_elicitation, method, "tasks.requests.elicitation.create");
  }
  return unsupported(method + " cannot be a task");
}

}  // namespace

Result<void> check_request_to_client(const std::string& method, const Json& params,
                                     const ClientCapabilities& declared, Revision revision) {
  Result<void> fits;
  if (method == "roots/list") {
    fits = require(declared.roots, method, "roots");
  } else if (method == "sampling/createMessage") {
    fits = check_sampling(params, declared, revision);
  } else if (method == "elicitation/create") {
    fits = check_elicitation(params, declared, revision);
  } else if (method.starts_with("tasks/")) {
    fits = since(Revision::v2025_11_25, revision, method);
    const bool any = declared.tasks_sampling || declared.tasks_elicitation;
    if (fits && method == "tasks/list") fits = require(declared.tasks_list, method, "tasks.list");
    if (fits && method == "tasks/cancel") {
      fits = require(declared.tasks_cancel, method, "tasks.cancel");
    }
    if (fits) fits = require(any, method, "tasks.requests");
  } else if (method != "ping") {
    return {};  // whatever its params mean
  }
  if (fits && params.contains("task")) fits = check_task(method, declared, revision);
  return fits;
}

}  // namespace mcp_mqtt::engine
