#include <string>
#include <vector>

#include "checks.hpp"

namespace conformance {
namespace {

using mcp_mqtt::CallOptions;
using mcp_mqtt::ClientSession;

Json text(const std::string& words) { return {{"type", "text"}, {"text", words}}; }
Json image() { return {{"type", "image"}, {"data", image_base64()}, {"mimeType", "image/png"}}; }
Json audio() { return {{"type", "audio"}, {"data", audio_base64()}, {"mimeType", "audio/wav"}}; }

Json resource(const std::string& uri, const std::string& type, const std::string& words) {
  return {{"type", "resource"}, {"resource", {{"uri", uri}, {"mimeType", type}, {"text", words}}}};
}

/// `content` and `isError` as a host sees them.
Json call(const ClientSession& session, const std::string& tool,
          const Json& arguments = Json::object(), const CallOptions& options = {}) {
  const auto result = session.call_tool(tool, arguments, options);
  Json content = Json::array();
  for (const auto& each : result.content) {
    content.push_back(to_json(each, mcp_mqtt::latest_revision));
  }
  if (result.is_error) return {{"failed", content}};
  return content;
}

// By name, the order in which the library lists them.
const std::vector<std::string> tool_names{"json_schema_2020_12_tool",
                                          "test_audio_content",
                                          "test_elicitation",
                                          "test_elicitation_sep1034_defaults",
                                          "test_elicitation_sep1330_enums",
                                          "test_embedded_resource",
                                          "test_error_handling",
                                          "test_image_content",
                                          "test_list_changed",
                                          "test_multiple_content_types",
                                          "test_resource_updated",
                                          "test_sampling",
                                          "test_simple_text",
                                          "test_tool_with_logging",
                                          "test_tool_with_progress",
                                          "test_tool_with_task"};

void check_tools_listed(const ClientSession& session, Report& report) {
  const auto names = [&] {
    Json found = Json::array();
    for (const auto& tool : session.list_tools()) {
      found.push_back(tool.description.empty() ? tool.name + " without a description" : tool.name);
    }
    return found;
  };
  report.check("tools/list", tool_names, names);
  report.check("tools/list again: the same order", tool_names, names);
  report.check("tools/list leaves a JSON Schema as it is",
               {"https://json-schema.org/draft/2020-12/schema", false, "string"}, [&] {
                 const auto schema = session.list_tools().front().input_schema;
                 return Json{schema.at("$schema"), schema.at("additionalProperties"),
                             schema.at("/$defs/address/properties/city/type"_json_pointer)};
               });
}

void check_contents(const ClientSession& session, Report& report) {
  const auto expect = [&](const std::string& tool, const Json& content) {
    report.check(tool, content, [&] { return call(session, tool); });
  };
  expect("test_simple_text", list(text("This is a simple text response for testing.")));
  report.check("test_simple_text without arguments",
               list(text("This is a simple text response for testing.")), [&] {
                 return session.request("tools/call", {{"name", "test_simple_text"}}).at("content");
               });
  expect("test_image_content", list(image()));
  expect("test_audio_content", list(audio()));
  expect("test_embedded_resource",
         Json::array({resource("test://embedded-resource", "text/plain",
                               "This is an embedded resource content.")}));
  expect("test_multiple_content_types",
         {text("Multiple content types test:"), image(),
          resource("test://mixed-content-resource", "application/json",
                   R"({"test":"data","value":123})")});
  expect("test_error_handling",
         {{"failed", list(text("This tool intentionally returns an error for testing"))}});
  report.check_error("an unknown tool", -32602, [&] { return call(session, "test_no_such_tool"); });
}

void check_progress(const ClientSession& session, Report& report) {
  const std::string tool = "test_tool_with_progress";
  report.check(tool, list(list(0, 100), list(50, 100), list(100, 100)), [&] {
    Json seen = Json::array();
    call(session, tool, Json::object(), {.on_progress = [&](const mcp_mqtt::Progress& step) {
           seen.push_back(list(step.progress, step.total.value_or(-1)));
         }});
    return seen;
  });
}

void check_logging(const ClientSession& session, Heard& heard, Report& report) {
  const std::string tool = "test_tool_with_logging";
  const Json wanted =
      list(list("info", "Tool execution started"), list("info", "Tool processing data"),
           list("info", "Tool execution completed"));
  report.check("logging/setLevel", Json::object(), [&] {
    return session.request("logging/setLevel", {{"level", "info"}});
  });
  report.check(tool, wanted, [&] {
    call(session, tool);
    return heard.logs.take(3);
  });
  report.check(tool + " at level error", list(list("info", "after level error")), [&] {
    session.set_logging_level(mcp_mqtt::LoggingLevel::error);
    call(session, tool);
    session.set_logging_level(mcp_mqtt::LoggingLevel::info);
    heard.logs.put(list("info", "after level error"));  // first, since the tool's own did not come
    return heard.logs.take(1);
  });
}

void check_list_changed(const ClientSession& session, Heard& heard, Report& report) {
  const std::string tool = "test_list_changed";
  report.check(tool + ": a tool is added", list(list(text("Tool added")), list("tools")), [&] {
    const Json answer = call(session, tool, {{"present", true}});
    return list(answer, heard.list_changes.take(1));
  });
  report.check("test_dynamic_tool", list(text("This tool was added at run time.")),
               [&] { return call(session, "test_dynamic_tool"); });
  report.check(tool + ": it is removed", list(list(text("Tool removed")), list("tools")), [&] {
    const Json answer = call(session, tool, {{"present", false}});
    return list(answer, heard.list_changes.take(1));
  });
  report.check_error("test_dynamic_tool is gone", -32602,
                     [&] { return call(session, "test_dynamic_tool"); });
}

}  // namespace

void check_tools(const ClientSession& session, Heard& heard, Report& report) {
  report.check("ping", Json::object(), [&] { return session.request("ping"); });
  check_tools_listed(session, report);
  check_contents(session, report);
  check_progress(session, report);
  check_logging(session, heard, report);
  check_list_changed(session, heard, report);
}

void check_tasks(const ClientSession& session, Report& report) {
  report.check("test_tool_with_task", "This is a task result for testing.", [&] {
    const auto task = session.call_tool_as_task("test_tool_with_task");
    return session.task_result(task.task_id).text();
  });
  report.check("test_tool_with_task without a task", "This is a task result for testing.",
               [&] { return session.call_tool("test_tool_with_task").text(); });
}

}  // namespace conformance
