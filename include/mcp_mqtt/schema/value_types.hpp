#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <mcp_mqtt/json.hpp>

// Which C++ types a typed tool can take and give, and what each counts as.
namespace mcp_mqtt::schema {

/// char counts as a number, as it does for std::to_string.
template <class T>
concept Integer =
    std::is_integral_v<T> && !std::is_same_v<T, bool> && sizeof(T) <= sizeof(std::int64_t);

template <class T>
concept Floating = std::is_floating_point_v<T>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_vector = false;
template <class T, class Allocator>
inline constexpr bool is_vector<std::vector<T, Allocator>> = true;

template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t Size>
inline constexpr bool is_array<std::array<T, Size>> = true;

/// std::map, std::unordered_map and their like, with std::string keys.
template <class T>
concept StringMap = !std::is_same_v<T, Json> && requires {
  typename T::mapped_type;
  requires std::is_same_v<typename T::key_type, std::string>;
};

/// A type that has `describe(std::type_identity<T>)` beside it.
template <class T>
concept Described = requires {
  describe(std::type_identity<T>{});
};

template <class T>
concept DescribedEnum = std::is_enum_v<T> && Described<T>;

template <class T>
concept DescribedStruct = std::is_class_v<T> && Described<T>;

/// The description of T, made on first use and kept. Any thread.
template <Described T>
const auto& description_of() {
  static const auto description = describe(std::type_identity<T>{});
  return description;
}

template <class>
inline constexpr bool always_false = false;

}  // namespace mcp_mqtt::schema
