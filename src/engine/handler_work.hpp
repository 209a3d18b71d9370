#pragma once

#include <functional>
#include <memory>

#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/result.hpp>
#include <mcp_mqtt/schema/completer.hpp>
#include <mcp_mqtt/schema/prompt_definition.hpp>
#include <mcp_mqtt/schema/resource_definition.hpp>

#include "engine/tool_registry.hpp"

// From a definition to the work of one run: call the program's handler, and make the answer of what
// it returns or throws, in the form of the session's revision. A worker does this, so that large
// answers are not written on the loop.
namespace mcp_mqtt::engine {

/// Never throws. The answer's JSON, or the error to answer with (kind rpc).
using Work = std::function<Result<Json>(RequestContext&)>;

Work tool_work(std::shared_ptr<const RegisteredTool> tool, Json arguments, Revision revision);
Work resource_work(std::shared_ptr<const ResourceHandler> handler, ResourceRequest request,
                   Revision revision);
Work prompt_work(std::shared_ptr<const PromptDefinition> prompt, Json arguments, Revision revision);
Work completion_work(std::shared_ptr<const Completer> completer, CompleteRequest request,
                     Revision revision);

/// The answer to `tools/call`: a failure of the tool is a result with `isError`, but for arguments
/// that cannot be used (-32602 before 2025-11-25) and URLs that must be opened first (-32042).
Result<Json> tool_answer(Result<CallToolResult> outcome, Revision revision);

}  // namespace mcp_mqtt::engine
