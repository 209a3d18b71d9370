#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::command_line {

/// The content of the file that `key=@file` names.
using FileReader = std::function<std::string(const std::string& path)>;

/// A tool's arguments from `key=value` words, typed by the tool's input schema:
///  - a string is taken as it stands; an integer, number, boolean, array, object or null as JSON;
///    where the schema says nothing, JSON if it is some, otherwise a string;
///  - `a.b=1` is the member `b` of the object `a`, unless the tool has an argument `a.b`;
///  - `key=@file` takes the value from a file, `key=@@text` is the text `@text`.
/// Throws Failure (`usage`) that names the argument and what would be right: for a word without
/// `=`, an unknown or missing name, a name given twice, a value of another type, beyond the bounds
/// or the choices.
Json make_arguments(const Json& schema, const std::vector<std::string>& words,
                    const FileReader& read);

/// `key=value` words where each value is a string, as of a prompt: name and value in order. Throws
/// Failure (`usage`) like make_arguments().
std::vector<std::pair<std::string, std::string>> split_words(const std::vector<std::string>& words,
                                                             const FileReader& read);

}  // namespace mcp_mqtt::command_line
