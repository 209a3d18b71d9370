#pragma once

#include <string>
#include <variant>

#include <mcp_mqtt/protocol/elicitation.hpp>
#include <mcp_mqtt/protocol/initialize.hpp>
#include <mcp_mqtt/protocol/sampling.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt::engine {

/// `roots/list`.
struct ListRootsRequest {};

/// Whatever it is, for a host that reads it itself.
struct UnreadRequest {
  std::string method;
  Json params;
};

/// What a server may ask of a client's host.
using HostRequest =
    std::variant<ListRootsRequest, CreateMessageRequest, ElicitRequest, UnreadRequest>;

/// Reads a request of a server. -32601 for what the client did not declare or the revision lacks,
/// -32602 with what is wrong with its params.
Result<HostRequest> read_host_request(const std::string& method, const Json& params,
                                      const ClientCapabilities& declared, Revision revision);

/// Whether the client declared that this may be asked as a task, in a revision that has tasks.
/// Otherwise `params.task` is ignored, as the specification wants it.
bool may_be_task(const HostRequest& ask, const ClientCapabilities& declared, Revision revision);

}  // namespace mcp_mqtt::engine
