#include <cstdint>
#include <string>
#include <utility>

#include <mcp_mqtt/schema/shape.hpp>

#include "schema/numbers.hpp"

namespace mcp_mqtt::schema {
namespace {

/// Beyond ±2^53 many readers of JSON round, so a bound there would only confuse them.
bool worth_stating(const Json& bound) {
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  return !bound.is_null() && !less(bound, Json(-exact)) && !less(Json(exact), bound);
}

void add_bounds(const Shape& shape, Json& schema) {
  const bool integer = shape.kind == Kind::integer;
  if (!shape.minimum.is_null()) {
    schema["minimum"] = shape.minimum;
  } else if (integer && worth_stating(shape.lowest)) {
    schema["minimum"] = shape.lowest;
  }
  if (!shape.maximum.is_null()) {
    schema["maximum"] = shape.maximum;
  } else if (integer && worth_stating(shape.highest)) {
    schema["maximum"] = shape.highest;
  }
}

void add_counts(const Shape& shape, const char* min, const char* max, Json& schema) {
  if (shape.min_count > 0) schema[min] = shape.min_count;
  if (shape.max_count != Shape::unlimited) schema[max] = shape.max_count;
}

Json property_schema(const Property& property) {
  Json schema;
  if (!property.required && property.shape.nullable) {
    // Leaving it out says the same as null; a plain type is what every reader understands.
    Shape present = property.shape;
    present.nullable = false;
    schema = json_schema(present);
  } else {
    schema = json_schema(property.shape);
  }
  if (!property.title.empty()) schema["title"] = property.title;
  if (!property.description.empty()) schema["description"] = property.description;
  if (property.default_value) schema["default"] = *property.default_value;
  return schema;
}

void add_properties(const Shape& shape, Json& schema) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Property& property : shape.properties) {
    properties[property.name] = property_schema(property);
    if (property.required) required.push_back(property.name);
  }
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
}

const char* type_word(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
      return "integer";
    case Kind::number:
      return "number";
    case Kind::text:
      return "string";
    case Kind::array:
      return "array";
    case Kind::map:
    case Kind::object:
      return "object";
    case Kind::any:
      break;
  }
  return nullptr;
}

}  // namespace

Json json_schema(const Shape& shape) {
  Json schema = Json::object();
  const char* type = type_word(shape.kind);
  if (type == nullptr) return schema;
  if (shape.nullable) {
    schema["type"] = Json::array({type, "null"});
  } else {
    schema["type"] = type;
  }
  switch (shape.kind) {
    case Kind::integer:
    case Kind::number:
      add_bounds(shape, schema);
      break;
    case Kind::text:
      add_counts(shape, "minLength", "maxLength", schema);
      if (!shape.choices.empty()) {
        schema["enum"] = shape.choices;
        if (shape.nullable) schema["enum"].push_back(nullptr);
      }
      break;
    case Kind::array:
      add_counts(shape, "minItems", "maxItems", schema);
      schema["items"] = json_schema(shape.element.front());
      break;
    case Kind::map:
      add_counts(shape, "minProperties", "maxProperties", schema);
      schema["additionalProperties"] = json_schema(shape.element.front());
      break;
    case Kind::object:
      add_properties(shape, schema);
      break;
    case Kind::any:
    case Kind::boolean:
      break;
  }
  return schema;
}

}  // namespace mcp_mqtt::schema
