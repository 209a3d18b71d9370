#include <stdexcept>

#include <mcp_mqtt/schema/typed_prompt.hpp>

namespace mcp_mqtt::schema {
namespace {

[[noreturn]] void refuse_prompt(std::string_view prompt, std::string_view why) {
  throw std::invalid_argument("prompt '" + std::string(prompt) + "': " + std::string(why));
}

}  // namespace

SharedShape prompt_shape(std::string_view prompt, std::span<const Arg> args,
                         std::span<const ShapeMaker> parameters) {
  try {
    return arguments_shape(args, parameters);
  } catch (const std::invalid_argument& error) {
    refuse_prompt(prompt, error.what());
  }
}

SharedShape prompt_shape(std::string_view prompt, ShapeMaker described) {
  try {
    return std::make_shared<const Shape>(described({}));
  } catch (const std::invalid_argument& error) {
    refuse_prompt(prompt, error.what());
  }
}

PromptDefinition define_prompt(std::string name, const std::string& description,
                               const Shape& arguments, PromptHandler handler) {
  if (name.empty()) throw std::invalid_argument("the name of a prompt is empty");
  PromptDefinition definition;
  definition.prompt.name = std::move(name);
  definition.prompt.description = valid_utf8(description);
  definition.prompt.arguments = prompt_arguments(arguments);
  for (const Property& property : arguments.properties) {
    auto choices = choices_of(property);
    if (!choices.empty()) definition.choices.emplace(property.name, std::move(choices));
  }
  definition.handler = std::move(handler);
  return definition;
}

void refuse_empty_prompt_function(std::string_view prompt) {
  refuse_prompt(prompt, "the function is empty");
}

GetPromptResult checked_prompt_result(GetPromptResult result) {
  result.description = valid_utf8(result.description);
  result.meta = encode_json(std::move(result.meta));
  CallToolResult contents;
  for (PromptMessage& message : result.messages)
    contents.content.push_back(std::move(message.content));
  contents = checked_result(std::move(contents));
  for (std::size_t i = 0; i < result.messages.size(); ++i)
    result.messages[i].content = std::move(contents.content[i]);
  return result;
}

}  // namespace mcp_mqtt::schema
