#include "engine/host_request.hpp"

#include <utility>

#include "engine/error_of.hpp"
#include "ground/logging.hpp"

namespace mcp_mqtt::engine {
namespace {

Error unknown(const std::string& method) {
  return rpc_error(error_code::method_not_found,
                   "unknown method '" + log::printable(method, 100) + "'");
}

Error undeclared(const std::string& method, const char* capability) {
  return rpc_error(error_code::method_not_found,
                   method + ": the client did not declare '" + capability + "'");
}

Result<HostRequest> read_sampling(const Json& params, const ClientCapabilities& declared) {
  auto request = create_message_request_from_json(params);
  if (!request) return std::move(request).error();
  if (!declared.sampling_tools && (!request->tools.empty() || request->tool_choice)) {
    return invalid_params(
        "tools in a sampling request: the client did not declare 'sampling.tools'");
  }
  return HostRequest(*std::move(request));
}

Result<HostRequest> read_elicitation(const Json& params, const ClientCapabilities& declared,
                                     Revision revision) {
  auto request = elicit_request_from_json(params);
  if (!request) return std::move(request).error();
  const bool url = request->is_url();
  if (url && (!declared.elicitation_url || revision < Revision::v2025_11_25)) {
    return invalid_params("elicitation by URL: the client did not declare 'elicitation.url'");
  }
  if (!url && !declared.elicitation) {
    return invalid_params("elicitation by form: the client did not declare 'elicitation.form'");
  }
  return HostRequest(*std::move(request));
}

}  // namespace

Result<HostRequest> read_host_request(const std::string& method, const Json& params,
                                      const ClientCapabilities& declared, Revision revision) {
  if (method == "roots/list") {
    if (!declared.roots) return undeclared(method, "roots");
    return HostRequest(ListRootsRequest());
  }
  if (method == "sampling/createMessage") {
    if (!declared.sampling) return undeclared(method, "sampling");
    return read_sampling(params, declared);
  }
  if (method == "elicitation/create" && revision >= Revision::v2025_06_18) {
    if (!declared.elicitation && !declared.elicitation_url) {
      return undeclared(method, "elicitation");
    }
    return read_elicitation(params, declared, revision);
  }
  return unknown(method);
}

bool may_be_task(const HostRequest& ask, const ClientCapabilities& declared, Revision revision) {
  if (revision < Revision::v2025_11_25) return false;
  if (std::holds_alternative<CreateMessageRequest>(ask)) return declared.tasks_sampling;
  return std::holds_alternative<ElicitRequest>(ask) && declared.tasks_elicitation;
}

}  // namespace mcp_mqtt::engine
