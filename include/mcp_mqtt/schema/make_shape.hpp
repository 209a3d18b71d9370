#pragma once

#include <cstdint>
#include <limits>
#include <typeinfo>

#include <mcp_mqtt/schema/shape.hpp>
#include <mcp_mqtt/schema/value_types.hpp>

namespace mcp_mqtt::schema {

/// The shape of T. Throws std::invalid_argument for a description that makes no sense.
template <class T>
Shape make_shape(const Scope& scope) {
  if constexpr (std::is_same_v<T, Json>) {
    return any_shape();
  } else if constexpr (std::is_same_v<T, bool>) {
    return boolean_shape();
  } else if constexpr (Integer<T>) {
    using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    return integer_shape(static_cast<Wide>(std::numeric_limits<T>::lowest()),
                         static_cast<Wide>(std::numeric_limits<T>::max()));
  } else if constexpr (std::is_same_v<T, float>) {
    return float_shape(scope.use);
  } else if constexpr (Floating<T>) {
    return double_shape(scope.use);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return text_shape();
  } else if constexpr (DescribedEnum<T>) {
    return text_shape(description_of<T>().choices());
  } else if constexpr (DescribedStruct<T>) {
    return description_of<T>().template shape<T>(scope.enter(typeid(T)));
  } else if constexpr (is_optional<T>) {
    static_assert(!is_optional<typename T::value_type>, "JSON has no optional of an optional.");
    Shape shape = make_shape<typename T::value_type>(scope);
    shape.nullable = true;
    return shape;
  } else if constexpr (is_vector<T>) {
    return array_shape(make_shape<typename T::value_type>(scope));
  } else if constexpr (is_array<T>) {
    constexpr std::size_t size = std::tuple_size_v<T>;
    return array_shape(make_shape<typename T::value_type>(scope), size, size);
  } else if constexpr (StringMap<T>) {
    return map_shape(make_shape<typename T::mapped_type>(scope));
  } else {
    static_assert(
        always_false<T>,
        "This type has no JSON form: use an arithmetic type, std::string, Json, an "
        "optional, vector, array or string map of them, or give it a describe() function.");
  }
}

/// As make_shape, for a result that is not an object: {"result": …}.
template <class T>
Shape make_wrapped_shape(const Scope& scope) {
  return wrapped_shape(make_shape<T>(scope));
}

}  // namespace mcp_mqtt::schema
