#pragma once

#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/prompt.hpp>
#include <mcp_mqtt/schema/shape.hpp>

// The arguments of a prompt are strings on the wire, whatever the function behind it takes.
namespace mcp_mqtt::schema {

/// The properties of `shape`, as `prompts/list` shows them.
std::vector<PromptArgument> prompt_arguments(const Shape& shape);

/// The strings of a `prompts/get` as the values that the function takes, checked like the arguments
/// of a tool. Numbers, `true` and `false` (in either case) are read as such; lists, maps and
/// structs are read as JSON text; a Json takes JSON text, and any other text as the string that it
/// is. An empty string for what is optional and no text counts as not given. Values that are no
/// strings are taken as they are. Throws ArgumentError with everything that is wrong.
Json typed_prompt_arguments(const Json& arguments, const Shape& shape);

/// All values that an argument can have, as strings, where they can be counted: of an enum, a
/// one_of() and a bool. Else empty.
std::vector<std::string> choices_of(const Property& property);

}  // namespace mcp_mqtt::schema
