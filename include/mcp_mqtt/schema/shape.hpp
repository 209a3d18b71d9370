#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include <mcp_mqtt/json.hpp>

// The description of a C++ type as JSON sees it, free of templates. The schema, the checks and the
// error texts all come from it, so they cannot disagree.
namespace mcp_mqtt::schema {

enum class Kind { any, boolean, integer, number, text, array, map, object };

struct Property;

struct Shape {
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  Kind kind = Kind::any;
  bool nullable = false;  ///< Null is a value too (std::optional).

  Json lowest = nullptr;   ///< What the C++ type can hold; null: any number.
  Json highest = nullptr;  ///< As `lowest`.
  Json minimum = nullptr;  ///< What its user asked for; null: nothing.
  Json maximum = nullptr;  ///< As `minimum`.

  /// Characters (Unicode code points) of a text, items of an array, members of a map.
  std::size_t min_count = 0;
  std::size_t max_count = unlimited;

  std::vector<std::string> choices;  ///< The only texts allowed; empty: any text.
  std::vector<Shape> element;        ///< Of an array or a map: exactly one.
  std::vector<Property> properties;  ///< Of an object, as declared.
};

/// A named member of an object.
struct Property {
  std::string name;
  std::string title = {};
  std::string description = {};
  Shape shape;
  bool required = true;
  std::optional<Json> default_value = {};
};

/// What a schema is for. An input is checked. An output is what `encode` can make of the type: all
/// members that are always there are required, a floating-point number may be null (NaN, infinity),
/// and the constraints that nobody enforces on it are left out.
enum class Use { input, output };

/// Where in the nesting of described structs a shape is made.
struct Scope {
  Use use = Use::input;
  const std::type_info* type = nullptr;
  const Scope* outer = nullptr;

  /// The scope of the members of `inner`. Throws std::invalid_argument where `inner` contains
  /// itself: its schema would have no end.
  Scope enter(const std::type_info& inner) const;
};

/// Makes the shape of one type. Throws std::invalid_argument for a description that makes no sense.
using ShapeMaker = Shape (*)(const Scope& scope);

Shape any_shape();
Shape boolean_shape();
Shape integer_shape(std::int64_t lowest, std::int64_t highest);
Shape integer_shape(std::uint64_t lowest, std::uint64_t highest);
Shape float_shape(Use use);
Shape double_shape(Use use);
/// With `choices`: one of these.
Shape text_shape(std::vector<std::string> choices = {});
Shape array_shape(Shape element, std::size_t min_count = 0,
                  std::size_t max_count = Shape::unlimited);
Shape map_shape(Shape element);
/// Throws std::invalid_argument where two properties share a name; `noun` names them.
Shape object_shape(std::vector<Property> properties, std::string_view noun);
/// The object {"result": value}: structured content must be an object.
Shape wrapped_shape(Shape value);

/// The JSON Schema (2020-12 keywords, nothing but standard ones, nested types inline).
Json json_schema(const Shape& shape);

/// "a string", "an integer" …: what a value of this kind is called in error texts.
std::string_view kind_name(Kind kind) noexcept;

}  // namespace mcp_mqtt::schema
