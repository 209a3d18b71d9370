#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include "fixture.hpp"

namespace conformance {
namespace {

using namespace std::chrono_literals;
using mcp_mqtt::arg;
using mcp_mqtt::LoggingLevel;
using mcp_mqtt::RequestContext;

/// The suite wants notifications that come one by one.
constexpr auto step = 50ms;

/// Waits, unless the call is cancelled meanwhile.
bool wait_unless_cancelled(const RequestContext& context) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  return !wake.wait_for(lock, context.stop_token(), step, [&] { return context.cancelled(); });
}

std::string with_progress(RequestContext& context) {
  for (const double done : {0., 50., 100.}) {
    if (done > 0 && !wait_unless_cancelled(context)) return "cancelled";
    context.report_progress(done, 100);
  }
  return "Tool with progress executed";
}

std::string with_logging(RequestContext& context) {
  context.log(LoggingLevel::info, "Tool execution started");
  if (!wait_unless_cancelled(context)) return "cancelled";
  context.log(LoggingLevel::info, "Tool processing data");
  if (!wait_unless_cancelled(context)) return "cancelled";
  context.log(LoggingLevel::info, "Tool execution completed");
  return "Tool with logging executed";
}

mcp_mqtt::ToolDefinition task_tool() {
  auto definition = mcp_mqtt::typed_tool("test_tool_with_task", "May be called as a task",
                                         [] { return "This is a task result for testing."; });
  definition.tool.task_support = mcp_mqtt::TaskSupport::optional;
  return definition;
}

}  // namespace

void add_behavior_tools(mcp_mqtt::McpServer& server) {
  server.add_tool("test_tool_with_progress", "Reports progress 0, 50 and 100 of 100",
                  with_progress);
  server.add_tool("test_tool_with_logging", "Logs three messages", with_logging);
  server.add_tool(task_tool());
  server.add_tool("test_list_changed", "Adds or removes the tool test_dynamic_tool",
                  {arg("present", "Whether the tool is to be there")}, [&server](bool present) {
                    server.remove_tool("test_dynamic_tool");
                    if (present) {
                      server.add_tool("test_dynamic_tool", "Was added at run time",
                                      [] { return "This tool was added at run time."; });
                    }
                    return present ? "Tool added" : "Tool removed";
                  });
  server.add_tool("test_resource_updated", "Tells those who subscribed to test://watched-resource",
                  [&server] {
                    server.notify_resource_updated("test://watched-resource");
                    return "Resource updated";
                  });
}

}  // namespace conformance
