#include <algorithm>
#include <cmath>

#include <mcp_mqtt/protocol/elicitation.hpp>

#include "protocol/json_reader.hpp"

namespace mcp_mqtt {
namespace {

using protocol::put_if;

template <class Field>
Json property(const char* type, const Field& field) {
  Json json{{"type", type}};
  put_if(json, "title", field.title);
  put_if(json, "description", field.description);
  put_if(json, "default", field.default_value);
  return json;
}

bool has_titles(const std::vector<ElicitOption>& options) {
  return std::any_of(options.begin(), options.end(),
                     [](const ElicitOption& option) { return !option.title.empty(); });
}

Json values_of(const std::vector<ElicitOption>& options) {
  Json values = Json::array();
  for (const ElicitOption& option : options) values.push_back(option.value);
  return values;
}

Json titled_values_of(const std::vector<ElicitOption>& options) {
  Json values = Json::array();
  for (const ElicitOption& option : options) {
    values.push_back(Json{{"const", option.value},
                          {"title", option.title.empty() ? option.value : option.title}});
  }
  return values;
}

/// Some peers do not take `30.0` for an integer.
void put_whole(Json& json, const char* key, const std::optional<double>& value) {
  constexpr double exact = 9'007'199'254'740'992.0;  // 2^53
  if (!value || !std::isfinite(*value)) return;
  if (std::abs(*value) <= exact && *value == std::trunc(*value)) {
    json[key] = static_cast<std::int64_t>(*value);
  } else {
    json[key] = *value;
  }
}

Json number_property(const char* type, const ElicitNumber& field) {
  Json json{{"type", type}};
  put_if(json, "title", field.title);
  put_if(json, "description", field.description);
  put_whole(json, "default", field.default_value);
  put_whole(json, "minimum", field.minimum);
  put_whole(json, "maximum", field.maximum);
  return json;
}

}  // namespace

ElicitForm& ElicitForm::text(std::string name, ElicitText field) {
  Json json = property("string", field);
  put_if(json, "minLength", field.min_length);
  put_if(json, "maxLength", field.max_length);
  put_if(json, "format", field.format);
  return add(std::move(name), std::move(json), field.required);
}

ElicitForm& ElicitForm::number(std::string name, ElicitNumber field) {
  return add(std::move(name), number_property("number", field), field.required);
}

ElicitForm& ElicitForm::integer(std::string name, ElicitNumber field) {
  return add(std::move(name), number_property("integer", field), field.required);
}

ElicitForm& ElicitForm::boolean(std::string name, ElicitBoolean field) {
  return add(std::move(name), property("boolean", field), field.required);
}

ElicitForm& ElicitForm::choice(std::string name, std::vector<ElicitOption> options,
                               ElicitChoice field) {
  Json json = property("string", field);
  if (has_titles(options)) {
    json["oneOf"] = titled_values_of(options);
  } else {
    json["enum"] = values_of(options);
  }
  return add(std::move(name), std::move(json), field.required);
}

ElicitForm& ElicitForm::choices(std::string name, std::vector<ElicitOption> options,
                                ElicitChoices field) {
  Json json = property("array", field);
  put_if(json, "minItems", field.min_items);
  put_if(json, "maxItems", field.max_items);
  if (has_titles(options)) {
    json["items"] = Json{{"anyOf", titled_values_of(options)}};
  } else {
    json["items"] = Json{{"type", "string"}, {"enum", values_of(options)}};
  }
  return add(std::move(name), std::move(json), field.required);
}

ElicitForm& ElicitForm::add(std::string name, Json property, bool required) {
  Json needed = Json::array();
  if (const Json* old = protocol::find(schema_, "required")) {
    for (const Json& other : *old) {
      if (other != name) needed.push_back(other);
    }
  }
  if (required) needed.push_back(name);
  schema_.erase("required");
  if (!needed.empty()) schema_["required"] = std::move(needed);
  schema_["properties"][std::move(name)] = std::move(property);
  return *this;
}

}  // namespace mcp_mqtt
