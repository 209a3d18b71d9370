#include <algorithm>
#include <cmath>
#include <utility>

#include <mcp_mqtt/schema/argument_error.hpp>
#include <mcp_mqtt/schema/check.hpp>

#include "schema/numbers.hpp"
#include "schema/problem_list.hpp"
#include "schema/text.hpp"

namespace mcp_mqtt::schema {
namespace {

/// Where in a value the check is: a member, an item, or the value itself. It lives on the stack and
/// is only written out for a problem.
struct Path {
  const Path* outer = nullptr;
  const std::string* member = nullptr;
  std::size_t item = 0;

  std::string text() const {
    if (outer == nullptr) return {};
    std::string text = outer->text();
    if (member == nullptr) return text + '[' + std::to_string(item) + ']';
    if (!text.empty()) text += '.';
    return text + shown(*member);
  }
};

/// The problems found so far, each with where it is.
class Problems {
 public:
  Problems(std::string_view noun, std::string_view whole) : noun_(noun), whole_(whole) {}

  /// "argument 'x': …".
  void add(const Path& at, std::string_view problem) {
    list_.add([&] { return subject(at) + ": " + std::string(problem); });
  }
  void add_missing(const Path& at) {
    list_.add([&] { return subject(at) + " is missing"; });
  }
  void add_unknown(const Path& at, const Shape& shape) {
    list_.add([&] {
      std::string text = "unknown " + subject(at) + " (known: ";
      for (const Property& property : shape.properties) {
        if (&property != &shape.properties.front()) text += ", ";
        text += property.name;
      }
      return text + (shape.properties.empty() ? "none)" : ")");
    });
  }

  std::string text() const { return list_.text(); }

 private:
  std::string subject(const Path& at) const {
    const std::string path = at.text();
    return path.empty() ? whole_ : noun_ + " '" + path + '\'';
  }

  std::string noun_;
  std::string whole_;
  ProblemList list_;
};

std::string_view name_of_type(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "an array";
    case Json::value_t::string:
      return "a string";
    case Json::value_t::boolean:
      return "a boolean";
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
      return "a number";
    case Json::value_t::number_float:
      return std::isfinite(value.get<double>()) ? "a number" : "a number that is not finite";
    case Json::value_t::binary:
      return "binary data";
    case Json::value_t::discarded:
      break;
  }
  return "no JSON value";
}

void add_wrong_type(const Json& value, const Shape& shape, const Path& at, Problems& problems) {
  const bool fraction =
      shape.kind == Kind::integer && value.is_number_float() && std::isfinite(value.get<double>());
  problems.add(at, "expected " + std::string(kind_name(shape.kind)) + ", got " +
                       (fraction ? value.dump() : std::string(name_of_type(value))));
}

bool has_type(const Json& value, Kind kind) {
  switch (kind) {
    case Kind::any:
      return true;
    case Kind::boolean:
      return value.is_boolean();
    case Kind::integer:
      return value.is_number() && is_whole(value);
    case Kind::number:
      return value.is_number() && std::isfinite(value.get<double>());
    case Kind::text:
      return value.is_string();
    case Kind::array:
      return value.is_array();
    case Kind::map:
    case Kind::object:
      return value.is_object();
  }
  return false;
}

void check_bounds(const Json& value, const Shape& shape, const Path& at, Problems& problems) {
  const Json& minimum = shape.minimum.is_null() ? shape.lowest : shape.minimum;
  const Json& maximum = shape.maximum.is_null() ? shape.highest : shape.maximum;
  if (!minimum.is_null() && less(value, minimum)) {
    problems.add(at, value.dump() + " is below the minimum " + minimum.dump());
  } else if (!maximum.is_null() && less(maximum, value)) {
    problems.add(at, value.dump() + " is above the maximum " + maximum.dump());
  }
}

void check_count(std::size_t count, const Shape& shape, std::string_view unit, const Path& at,
                 Problems& problems) {
  if (const auto problem = count_problem(count, shape.min_count, shape.max_count, unit))
    problems.add(at, *problem);
}

void check_text(const std::string& value, const Shape& shape, const Path& at, Problems& problems) {
  check_count(count_characters(value), shape, "character", at, problems);
  if (shape.choices.empty()) return;
  if (std::find(shape.choices.begin(), shape.choices.end(), value) != shape.choices.end()) return;
  std::string text = '"' + shown(value) + "\" is not one of ";
  for (const std::string& choice : shape.choices) {
    if (&choice != &shape.choices.front()) text += ", ";
    text += '"' + choice + '"';
  }
  problems.add(at, text);
}

// The depth of this recursion is that of the type, whatever the value holds.
void check_value(const Json& value, const Shape& shape, const Path& at, Problems& problems);

void check_items(const Json& value, const Shape& shape, const Path& at, Problems& problems) {
  check_count(value.size(), shape, "item", at, problems);
  std::size_t index = 0;
  for (const Json& item : value)
    check_value(item, shape.element.front(), {.outer = &at, .item = index++}, problems);
}

void check_members(const Json& value, const Shape& shape, const Path& at, Problems& problems) {
  check_count(value.size(), shape, "item", at, problems);
  for (const auto& [name, member] : value.get_ref<const Json::object_t&>())
    check_value(member, shape.element.front(), {.outer = &at, .member = &name}, problems);
}

void check_properties(const Json& value, const Shape& shape, const Path& at, Problems& problems) {
  const auto& members = value.get_ref<const Json::object_t&>();
  for (const Property& property : shape.properties) {
    const Path path{.outer = &at, .member = &property.name};
    const auto member = members.find(property.name);
    if (member == members.end()) {
      if (property.required) problems.add_missing(path);
      continue;
    }
    // Null says "not given" where that is allowed.
    if (member->second.is_null() && !property.required) continue;
    check_value(member->second, property.shape, path, problems);
  }
  for (const auto& [name, member] : members) {
    const bool known =
        std::any_of(shape.properties.begin(), shape.properties.end(),
                    [&key = name](const Property& property) { return property.name == key; });
    if (!known) problems.add_unknown({.outer = &at, .member = &name}, shape);
  }
}

void check_value(const Json& value, const Shape& shape, const Path& at, Problems& problems) {
  if (value.is_null() && shape.nullable) return;
  if (!has_type(value, shape.kind)) {
    add_wrong_type(value, shape, at, problems);
    return;
  }
  switch (shape.kind) {
    case Kind::any:
    case Kind::boolean:
      break;
    case Kind::integer:
    case Kind::number:
      check_bounds(value, shape, at, problems);
      break;
    case Kind::text:
      check_text(value.get_ref<const std::string&>(), shape, at, problems);
      break;
    case Kind::array:
      check_items(value, shape, at, problems);
      break;
    case Kind::map:
      check_members(value, shape, at, problems);
      break;
    case Kind::object:
      check_properties(value, shape, at, problems);
      break;
  }
}

}  // namespace

std::string problems_of(const Json& value, const Shape& shape, std::string_view noun,
                        std::string_view whole) {
  Problems problems(noun, whole);
  check_value(value, shape, {}, problems);
  return problems.text();
}

const Json& checked_arguments(const Json& arguments, const Shape& shape) {
  static const Json none = Json::object();
  const Json& object = arguments.is_null() ? none : arguments;
  const std::string problems = problems_of(object, shape, "argument", "arguments");
  if (!problems.empty()) throw ArgumentError(problems);
  return object;
}

}  // namespace mcp_mqtt::schema
