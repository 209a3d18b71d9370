#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <mcp_mqtt/schema/argument_error.hpp>
#include <mcp_mqtt/schema/check.hpp>
#include <mcp_mqtt/schema/prompt_arguments.hpp>

#include "schema/problem_list.hpp"
#include "schema/text.hpp"

namespace mcp_mqtt::schema {
namespace {

/// JSON text of at most 64 levels; nullopt where it is none.
std::optional<Json> parsed(const std::string& text) {
  constexpr int max_depth = 64;
  const auto bounded = [](int depth, Json::parse_event_t, Json&) {
    if (depth > max_depth) throw std::length_error("nested too deeply");
    return true;
  };
  try {
    Json json = Json::parse(text, bounded, false);
    if (json.is_discarded()) return std::nullopt;
    return json;
  } catch (const std::length_error&) {
    return std::nullopt;
  }
}

std::optional<Json> parsed_bool(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (text == "true") return Json(true);
  if (text == "false") return Json(false);
  return std::nullopt;
}

std::optional<Json> parsed_if(const std::string& text, bool (*fits)(const Json&)) {
  auto json = parsed(text);
  if (!json || !fits(*json)) return std::nullopt;
  return json;
}

/// The value that a string stands for; nullopt where it stands for none of the kind.
std::optional<Json> value_of(const std::string& text, const Shape& shape) {
  switch (shape.kind) {
    case Kind::text:
      break;
    case Kind::any:
      return parsed(text).value_or(Json(text));
    case Kind::boolean:
      return parsed_bool(text);
    case Kind::integer:
    case Kind::number:
      return parsed_if(text, [](const Json& json) { return json.is_number(); });
    case Kind::array:
      return parsed_if(text, [](const Json& json) { return json.is_array(); });
    case Kind::map:
    case Kind::object:
      return parsed_if(text, [](const Json& json) { return json.is_object(); });
  }
  return Json(text);
}

bool counts_as_missing(const std::string& text, const Property& property) {
  if (!text.empty() || property.required) return false;
  const Shape& shape = property.shape;
  if (shape.kind != Kind::text) return shape.kind != Kind::any;
  const auto& choices = shape.choices;
  return !choices.empty() && std::find(choices.begin(), choices.end(), "") == choices.end();
}

bool is_written_as_json(Kind kind) {
  return kind == Kind::array || kind == Kind::map || kind == Kind::object;
}

}  // namespace

std::vector<PromptArgument> prompt_arguments(const Shape& shape) {
  std::vector<PromptArgument> arguments;
  arguments.reserve(shape.properties.size());
  for (const Property& property : shape.properties)
    arguments.push_back({property.name, property.title, property.description, property.required});
  return arguments;
}

Json typed_prompt_arguments(const Json& arguments, const Shape& shape) {
  if (!arguments.is_object()) return checked_arguments(arguments, shape);
  Json typed = arguments;
  // What is no value of its type at all is left out of the other checks.
  ProblemList unreadable;
  Shape rest = shape;
  for (Property& property : rest.properties) {
    const auto given = typed.find(property.name);
    if (given == typed.end() || !given->is_string()) continue;
    const auto text = given->get<std::string>();
    if (counts_as_missing(text, property)) {
      typed.erase(given);
    } else if (auto value = value_of(text, property.shape)) {
      *given = *std::move(value);
    } else {
      unreadable.add([&] {
        return "argument '" + shown(property.name) + "': \"" + shown(text) + "\" is not " +
               std::string(kind_name(property.shape.kind)) +
               (is_written_as_json(property.shape.kind) ? " in JSON" : "");
      });
      property.shape = any_shape();
    }
  }
  const std::string wrong = problems_of(typed, rest, "argument", "arguments");
  if (!unreadable.empty())
    throw ArgumentError(unreadable.text() + (wrong.empty() ? "" : "; ") + wrong);
  if (!wrong.empty()) throw ArgumentError(wrong);
  return typed;
}

std::vector<std::string> choices_of(const Property& property) {
  if (property.shape.kind == Kind::boolean) return {"true", "false"};
  return property.shape.choices;
}

}  // namespace mcp_mqtt::schema
