#include <cmath>
#include <set>
#include <stdexcept>

#include <mcp_mqtt/schema/arg.hpp>
#include <mcp_mqtt/schema/check.hpp>
#include <mcp_mqtt/schema/declaration.hpp>

#include "schema/numbers.hpp"
#include "schema/text.hpp"

namespace mcp_mqtt::schema {
namespace {

[[noreturn]] void refuse_declaration(const std::string& why) { throw std::invalid_argument(why); }

/// Names and choices are compared with what comes from JSON, so they cannot be repaired.
void require_utf8(const std::string& text) {
  if (valid_utf8(text) != text) refuse_declaration("'" + shown(text) + "' is not valid UTF-8");
}

/// What range(), length() and one_of() speak of: the type itself, or the elements in it.
Shape& innermost(Shape& shape) {
  Shape* inner = &shape;
  while (inner->kind == Kind::array || inner->kind == Kind::map) inner = &inner->element.front();
  return *inner;
}

[[noreturn]] void refuse_kind(std::string_view word, std::string_view needs, const Shape& shape) {
  refuse_declaration(std::string(word) + " is for " + std::string(needs) + ", but the type is " +
                     std::string(kind_name(shape.kind)));
}

void require_bound(const Json& bound, const Shape& shape) {
  if (bound.is_null()) return;
  if (bound.is_number_float() && !std::isfinite(bound.get<double>()))
    refuse_declaration("a bound is not a finite number");
  if (shape.kind == Kind::integer && !is_whole(bound))
    refuse_declaration("the bound " + bound.dump() + " is not an integer, but the type is");
  if ((!shape.lowest.is_null() && less(bound, shape.lowest)) ||
      (!shape.highest.is_null() && less(shape.highest, bound)))
    refuse_declaration("the bound " + bound.dump() + " is beyond what the type can hold (" +
                       shape.lowest.dump() + " to " + shape.highest.dump() + ")");
}

void apply_range(const Declaration& declaration, Shape& type) {
  if (declaration.minimum.is_null() && declaration.maximum.is_null()) return;
  Shape& shape = innermost(type);
  if (shape.kind != Kind::integer && shape.kind != Kind::number)
    refuse_kind("a range", "numbers", shape);
  require_bound(declaration.minimum, shape);
  require_bound(declaration.maximum, shape);
  if (!declaration.minimum.is_null() && !declaration.maximum.is_null() &&
      less(declaration.maximum, declaration.minimum))
    refuse_declaration("the minimum " + declaration.minimum.dump() + " is above the maximum " +
                       declaration.maximum.dump());
  shape.minimum = declaration.minimum;
  shape.maximum = declaration.maximum;
}

void apply_count(const std::pair<std::size_t, std::size_t>& count, Shape& shape) {
  if (count.first > count.second)
    refuse_declaration("the minimum " + std::to_string(count.first) + " is above the maximum " +
                       std::to_string(count.second));
  shape.min_count = count.first;
  shape.max_count = count.second;
}

void apply_length(const Declaration& declaration, Shape& type) {
  if (!declaration.length) return;
  Shape& shape = innermost(type);
  if (shape.kind != Kind::text) refuse_kind("length()", "texts", shape);
  if (!shape.choices.empty()) refuse_declaration("length() is for texts, but the type is an enum");
  apply_count(*declaration.length, shape);
}

void apply_items(const Declaration& declaration, Shape& shape) {
  if (!declaration.items) return;
  if (shape.kind != Kind::array && shape.kind != Kind::map)
    refuse_kind("items()", "vectors and maps", shape);
  if (shape.max_count != Shape::unlimited)
    refuse_declaration(
        "items() is for vectors and maps, but the number of items is fixed by the type");
  apply_count(*declaration.items, shape);
}

void apply_choices(const Declaration& declaration, Shape& type) {
  if (!declaration.one_of) return;
  Shape& shape = innermost(type);
  if (shape.kind != Kind::text) refuse_kind("one_of()", "texts", shape);
  if (!shape.choices.empty()) refuse_declaration("one_of() is for texts, but the type is an enum");
  if (declaration.one_of->empty()) refuse_declaration("one_of() has no choice");
  std::set<std::string_view> seen;
  for (const std::string& choice : *declaration.one_of) {
    require_utf8(choice);
    if (!seen.insert(choice).second) refuse_declaration("one_of() has '" + choice + "' twice");
  }
  shape.choices = *declaration.one_of;
}

void apply_default(const Declaration& declaration, Property& property) {
  if (!declaration.default_value) return;
  const Json& value = *declaration.default_value;
  // A null optional is what a missing one gives anyway.
  if (value.is_null() && property.shape.nullable) return;
  const std::string problems = problems_of(value, property.shape, "default", "default");
  if (!problems.empty()) refuse_declaration(problems);
  property.default_value = value;
}

}  // namespace

Property make_property(const Declaration& declaration, Shape shape, bool optional, Use use,
                       std::string_view noun) {
  Property property{.name = declaration.name,
                    .title = valid_utf8(declaration.title),
                    .description = valid_utf8(declaration.description),
                    .shape = std::move(shape)};
  try {
    require_utf8(declaration.name);
    if (use == Use::input) {
      apply_range(declaration, property.shape);
      apply_length(declaration, property.shape);
      apply_items(declaration, property.shape);
      apply_choices(declaration, property.shape);
      apply_default(declaration, property);
    }
  } catch (const std::invalid_argument& error) {
    refuse_declaration(std::string(noun) + " '" + shown(property.name) + "': " + error.what());
  }
  property.required = !optional;
  if (use == Use::input && (property.default_value || declaration.keeps_initial))
    property.required = false;
  return property;
}

}  // namespace mcp_mqtt::schema

namespace mcp_mqtt {

Arg arg(std::string name, std::string description) {
  return {std::move(name), std::move(description)};
}

}  // namespace mcp_mqtt
