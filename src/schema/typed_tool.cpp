#include <stdexcept>

#include <mcp_mqtt/schema/typed_tool.hpp>

namespace mcp_mqtt::schema {
namespace {

[[noreturn]] void refuse_tool(std::string_view tool, std::string_view why) {
  throw std::invalid_argument("tool '" + std::string(tool) + "': " + std::string(why));
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

Property argument_of(const Arg& arg, ShapeMaker make) {
  Shape shape = make({});
  const bool optional = shape.nullable;
  return make_property(arg.declaration(), std::move(shape), optional, Use::input, "argument");
}

}  // namespace

SharedShape arguments_shape(std::span<const Arg> args, std::span<const ShapeMaker> parameters) {
  if (args.size() != parameters.size())
    throw std::invalid_argument((args.size() == 1 ? "there is " : "there are ") +
                                counted(args.size(), "arg") + ", but the function takes " +
                                counted(parameters.size(), "argument"));
  std::vector<Property> properties;
  properties.reserve(args.size());
  for (std::size_t i = 0; i < args.size(); ++i)
    properties.push_back(argument_of(args[i], parameters[i]));
  return std::make_shared<const Shape>(object_shape(std::move(properties), "argument"));
}

SharedShape arguments_shape(std::string_view tool, std::span<const Arg> args,
                            std::span<const ShapeMaker> parameters) {
  try {
    return arguments_shape(args, parameters);
  } catch (const std::invalid_argument& error) {
    refuse_tool(tool, error.what());
  }
}

SharedShape arguments_shape(std::string_view tool, ShapeMaker described) {
  try {
    return std::make_shared<const Shape>(described({}));
  } catch (const std::invalid_argument& error) {
    refuse_tool(tool, error.what());
  }
}

ToolDefinition define_tool(std::string name, const std::string& description, const Shape& input,
                           ShapeMaker output, ToolHandler handler) {
  if (name.empty()) throw std::invalid_argument("the name of a tool is empty");
  Tool tool{.name = std::move(name), .description = valid_utf8(description)};
  tool.input_schema = json_schema(input);
  try {
    if (output != nullptr) tool.output_schema = json_schema(output({.use = Use::output}));
  } catch (const std::invalid_argument& error) {
    refuse_tool(tool.name, error.what());
  }
  return {std::move(tool), std::move(handler)};
}

void refuse_empty_function(std::string_view tool) { refuse_tool(tool, "the function is empty"); }

}  // namespace mcp_mqtt::schema
