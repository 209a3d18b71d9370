#pragma once

#include <gmock/gmock.h>
#include <string>

#include <mcp_mqtt/schema/typed_tool.hpp>

namespace mcp_mqtt {

/// Stands in for the context of a call, which this floor only passes through.
class RequestContext {
 public:
  int seen = 0;
};

inline CallToolResult call(const ToolDefinition& tool, const Json& arguments = nullptr) {
  RequestContext context;
  return tool.handler(arguments, context);
}

/// The text of a result that is one text.
inline std::string text_of(const CallToolResult& result) {
  if (result.content.size() != 1) return "(" + std::to_string(result.content.size()) + " contents)";
  const auto* text = std::get_if<TextContent>(&result.content.front());
  return text != nullptr ? text->text : "(not a text)";
}

inline std::string answer(const ToolDefinition& tool, const Json& arguments = nullptr) {
  return text_of(call(tool, arguments));
}

/// What is wrong with the arguments; "(accepted)" where nothing is.
inline std::string problem(const ToolDefinition& tool, const Json& arguments) {
  try {
    call(tool, arguments);
  } catch (const ArgumentError& error) {
    return error.what();
  }
  return "(accepted)";
}

/// A tool that takes one T named `x`.
template <class T>
ToolDefinition taking(const Arg& x = arg("x")) {
  return typed_tool("take", "", {x}, [](const T&) {});
}

/// The schema of that argument.
template <class T>
Json schema_of(const Arg& x = arg("x")) {
  return taking<T>(x).tool.input_schema["properties"]["x"];
}

template <class T>
std::string problem_with(const Json& value, const Arg& x = arg("x")) {
  return problem(taking<T>(x), {{"x", value}});
}

/// What defining the tool throws; "(defined)" where it does not.
template <class Define>
std::string refusal(Define define) {
  try {
    define();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "(defined)";
}

}  // namespace mcp_mqtt
