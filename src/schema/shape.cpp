#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include <mcp_mqtt/schema/shape.hpp>

namespace mcp_mqtt::schema {
namespace {

Shape shape_of(Kind kind) {
  Shape shape;
  shape.kind = kind;
  return shape;
}

Shape number_shape(Kind kind, Json lowest, Json highest) {
  Shape shape = shape_of(kind);
  shape.lowest = std::move(lowest);
  shape.highest = std::move(highest);
  return shape;
}

}  // namespace

Scope Scope::enter(const std::type_info& inner) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer)
    if (scope->type != nullptr && *scope->type == inner)
      throw std::invalid_argument(
          "a described struct contains itself, so its schema would have no end: take that member "
          "as Json");
  return {use, &inner, this};
}

Shape any_shape() { return {}; }

Shape boolean_shape() { return shape_of(Kind::boolean); }

Shape integer_shape(std::int64_t lowest, std::int64_t highest) {
  return number_shape(Kind::integer, lowest, highest);
}

Shape integer_shape(std::uint64_t lowest, std::uint64_t highest) {
  return number_shape(Kind::integer, lowest, highest);
}

Shape float_shape(Use use) {
  Shape shape =
      number_shape(Kind::number, static_cast<double>(std::numeric_limits<float>::lowest()),
                   static_cast<double>(std::numeric_limits<float>::max()));
  shape.nullable = use == Use::output;
  return shape;
}

Shape double_shape(Use use) {
  Shape shape = shape_of(Kind::number);
  shape.nullable = use == Use::output;
  return shape;
}

Shape text_shape(std::vector<std::string> choices) {
  Shape shape = shape_of(Kind::text);
  shape.choices = std::move(choices);
  return shape;
}

Shape array_shape(Shape element, std::size_t min_count, std::size_t max_count) {
  Shape shape = shape_of(Kind::array);
  shape.min_count = min_count;
  shape.max_count = max_count;
  shape.element.push_back(std::move(element));
  return shape;
}

Shape map_shape(Shape element) {
  Shape shape = shape_of(Kind::map);
  shape.element.push_back(std::move(element));
  return shape;
}

Shape object_shape(std::vector<Property> properties, std::string_view noun) {
  std::set<std::string_view> names;
  for (const Property& property : properties) {
    if (property.name.empty())
      throw std::invalid_argument("the name of " + std::string(noun == "argument" ? "an " : "a ") +
                                  std::string(noun) + " is empty");
    if (!names.insert(property.name).second)
      throw std::invalid_argument("two " + std::string(noun) + "s are named '" + property.name +
                                  "'");
  }
  Shape shape = shape_of(Kind::object);
  shape.properties = std::move(properties);
  return shape;
}

Shape wrapped_shape(Shape value) {
  std::vector<Property> properties;
  properties.push_back({.name = "result", .shape = std::move(value)});
  return object_shape(std::move(properties), "field");
}

std::string_view kind_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::any:
      return "any value";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "an integer";
    case Kind::number:
      return "a number";
    case Kind::text:
      return "a string";
    case Kind::array:
      return "an array";
    case Kind::map:
    case Kind::object:
      return "an object";
  }
  return "a value";
}

}  // namespace mcp_mqtt::schema
