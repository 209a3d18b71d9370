#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/schema/encode.hpp>
#include <mcp_mqtt/schema/shape.hpp>

namespace mcp_mqtt::schema {

/// A number that bounds another, exact for every arithmetic type.
class Bound {
 public:
  template <class T>
  requires std::is_arithmetic_v<T> &&(!std::is_same_v<T, bool>)
      Bound(T value) {  // implicit, so that range(0, 100) reads as it should
    if constexpr (std::is_floating_point_v<T>) {
      json_ = static_cast<double>(value);
    } else {
      json_ = value;
    }
  }
  const Json& json() const noexcept { return json_; }

 private:
  Json json_;
};

/// What its author said about one argument or field.
struct Declaration {
  std::string name;
  std::string title = {};
  std::string description = {};
  Json minimum = nullptr;
  Json maximum = nullptr;
  std::optional<std::pair<std::size_t, std::size_t>> length = {};
  std::optional<std::pair<std::size_t, std::size_t>> items = {};
  std::optional<std::vector<std::string>> one_of = {};
  std::optional<Json> default_value = {};
  bool keeps_initial = false;  ///< A field only: missing leaves the member as it was initialised.
};

/// The property that a declaration makes of a type; `optional`: the type is a std::optional. Throws
/// std::invalid_argument where the two do not fit together; `noun` ("argument", "field") and the
/// name say which one it is.
Property make_property(const Declaration& declaration, Shape shape, bool optional, Use use,
                       std::string_view noun);

/// The words with which arguments and fields are declared. A constraint that does not fit the C++
/// type is a std::invalid_argument when the tool is defined.
/// On a vector, array or map, range(), min(), max(), length() and one_of() speak of its elements.
template <class Self>
class Declarable {
 public:
  /// Numbers: both ends are allowed.
  Self& range(const Bound& minimum, const Bound& maximum) { return min(minimum).max(maximum); }
  Self& min(const Bound& minimum) {
    declaration_.minimum = minimum.json();
    return self();
  }
  Self& max(const Bound& maximum) {
    declaration_.maximum = maximum.json();
    return self();
  }
  /// Texts: how many characters (Unicode code points), both ends allowed.
  Self& length(std::size_t minimum, std::size_t maximum) {
    declaration_.length = {minimum, maximum};
    return self();
  }
  /// Vectors and maps: how many items, both ends allowed.
  Self& items(std::size_t minimum, std::size_t maximum) {
    declaration_.items = {minimum, maximum};
    return self();
  }
  /// Texts: the only ones allowed.
  Self& one_of(std::initializer_list<std::string_view> choices) {
    declaration_.one_of.emplace(choices.begin(), choices.end());
    return self();
  }
  /// Makes it optional: `value` is used where nothing (or null) is sent.
  template <class T>
  Self& default_value(T value) {
    declaration_.default_value = encode(value);
    return self();
  }
  /// A short name for people.
  Self& title(std::string text) {
    declaration_.title = std::move(text);
    return self();
  }

  const Declaration& declaration() const noexcept { return declaration_; }

 protected:
  Declarable(std::string name, std::string description) {
    declaration_.name = std::move(name);
    declaration_.description = std::move(description);
  }

  void keep_initial() noexcept { declaration_.keeps_initial = true; }

 private:
  Self& self() noexcept { return static_cast<Self&>(*this); }

  Declaration declaration_;
};

}  // namespace mcp_mqtt::schema
