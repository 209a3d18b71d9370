#pragma once

#include <optional>
#include <string>

#include <mcp_mqtt/protocol/client_info.hpp>
#include <mcp_mqtt/protocol/initialize.hpp>
#include <mcp_mqtt/result.hpp>

// The `initialize` exchange as values: what each side writes and how the other reads it.
namespace mcp_mqtt::engine {

/// The params of `initialize`.
Json initialize_params(const Implementation& client, const ClientCapabilities& capabilities,
                       Revision revision);

/// What a server takes from them: the revision is the requested one where the server speaks it,
/// its latest otherwise (T23). -32602 for params that name no revision.
Result<ClientInfo> read_initialize(const Json& params);

Json initialize_result(const Implementation& server, const ServerCapabilities& capabilities,
                       const std::string& instructions, Revision revision);

/// What a client takes from the answer; `protocol_violation` for one that it cannot use,
/// `unsupported` for a revision that it does not speak.
Result<InitializeResult> read_initialize_result(const Json& result);

/// The newest revision in an error's `data.supported` that the client speaks and that is not
/// `refused` (T23).
std::optional<Revision> supported_revision(const Error& error, Revision refused);

}  // namespace mcp_mqtt::engine
