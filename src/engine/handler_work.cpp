#include "engine/handler_work.hpp"

#include <exception>
#include <utility>

#include <mcp_mqtt/schema/argument_error.hpp>

#include "ground/logging.hpp"

namespace mcp_mqtt::engine {
namespace {

Error unusable(std::string message) {
  return {ErrorKind::invalid_argument, error_code::invalid_params, std::move(message), nullptr};
}

/// A handler's way to say what JSON-RPC has a code of its own for. Any other code comes from a
/// request of the handler's own, and means nothing to the one who asked the handler.
bool keeps_code(const Error& error, Revision revision) {
  if (error.kind != ErrorKind::rpc) return false;
  if (error.code == error_code::url_elicitation_required) return revision >= Revision::v2025_11_25;
  return error.code == error_code::resource_not_found || error.code == error_code::invalid_params;
}

Error internal(std::string message) {
  return rpc_error(error_code::internal_error, std::move(message));
}

/// Runs `call`; what it throws becomes the error of everything that is no tool.
template <class F>
Result<Json> guarded(Revision revision, F&& call) {
  try {
    return std::forward<F>(call)();
  } catch (const ArgumentError& error) {
    return rpc_error(error_code::invalid_params, error.what());
  } catch (const McpError& error) {
    return keeps_code(error.error(), revision) ? error.error() : internal(error.what());
  } catch (const std::exception& error) {
    return internal(error.what());
  } catch (...) {
    return internal("the handler failed for an unknown reason");
  }
}

/// Structured content must be what the tool's own schema promises: its readers count on that.
CallToolResult checked_output(const RegisteredTool& tool, CallToolResult result) {
  if (!tool.output || result.is_error) return result;
  const std::string& name = tool.definition.tool.name;
  std::string problems =
      result.structured_content.is_null()
          ? "there is none"
          : tool.output->problems_of(result.structured_content, "member", "structured content");
  if (problems.empty()) return result;
  log::error("tool '{}': its structured content does not match its output schema: {}", name,
             problems);
  return error_result("the structured content of '" + name +
                      "' does not match its output schema: " + problems);
}

Result<CallToolResult> run_tool(const RegisteredTool& tool, const Json& arguments,
                                RequestContext& context) {
  try {
    if (tool.input) {
      if (auto problems = tool.input->problems_of(arguments); !problems.empty()) {
        return unusable(std::move(problems));
      }
    }
    return checked_output(tool, tool.definition.handler(arguments, context));
  } catch (const ArgumentError& error) {
    return unusable(error.what());
  } catch (const McpError& error) {
    if (error.kind() == ErrorKind::rpc && error.code() == error_code::url_elicitation_required) {
      return error.error();
    }
    return error_result(error.what());
  } catch (const std::exception& error) {
    return error_result(error.what());
  } catch (...) {
    return error_result("the tool failed for an unknown reason");
  }
}

}  // namespace

Result<Json> tool_answer(Result<CallToolResult> outcome, Revision revision) {
  if (outcome) return to_json(*std::move(outcome), revision);
  const Error& error = outcome.error();
  if (error.kind == ErrorKind::rpc) {
    const bool too_new =
        error.code == error_code::url_elicitation_required && revision < Revision::v2025_11_25;
    return too_new ? Result<Json>(to_json(error_result(error.message), revision))
                   : Result<Json>(error);
  }
  if (error.kind == ErrorKind::invalid_argument && revision < Revision::v2025_11_25) {
    return rpc_error(error_code::invalid_params, error.message);
  }
  return to_json(error_result(error.message), revision);
}

Work tool_work(std::shared_ptr<const RegisteredTool> tool, Json arguments, Revision revision) {
  return [tool = std::move(tool), arguments = std::move(arguments),
          revision](RequestContext& context) {
    return guarded(revision,
                   [&] { return tool_answer(run_tool(*tool, arguments, context), revision); });
  };
}

Work resource_work(std::shared_ptr<const ResourceHandler> handler, ResourceRequest request,
                   Revision revision) {
  return [handler = std::move(handler), request = std::move(request),
          revision](RequestContext& context) {
    return guarded(revision, [&]() -> Result<Json> {
      return to_json((*handler)(request, context), revision);
    });
  };
}

Work prompt_work(std::shared_ptr<const PromptDefinition> prompt, Json arguments,
                 Revision revision) {
  return [prompt = std::move(prompt), arguments = std::move(arguments),
          revision](RequestContext& context) {
    return guarded(revision, [&]() -> Result<Json> {
      return to_json(prompt->handler(arguments, context), revision);
    });
  };
}

Work completion_work(std::shared_ptr<const Completer> completer, CompleteRequest request,
                     Revision revision) {
  return [completer = std::move(completer), request = std::move(request),
          revision](RequestContext& context) {
    return guarded(revision,
                   [&]() -> Result<Json> { return to_json((*completer)(request, context)); });
  };
}

}  // namespace mcp_mqtt::engine
