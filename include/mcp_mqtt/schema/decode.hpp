#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/schema/shape.hpp>
#include <mcp_mqtt/schema/value_types.hpp>

namespace mcp_mqtt::schema {

/// Out of line, because what nlohmann does for a wrong type is long. Each throws for it.
/// The integers are whole (3 and 3.0 alike) and in range.
std::int64_t decode_signed(const Json& json);
std::uint64_t decode_unsigned(const Json& json);
double decode_double(const Json& json);
bool decode_bool(const Json& json);
const std::string& decode_text(const Json& json);
const Json::array_t& decode_items(const Json& json);
const Json::object_t& decode_members(const Json& json);

/// The member `name`, or nullptr where it is missing. Null counts as missing unless the type of the
/// member is Json itself.
const Json* find_member(const Json& object, const std::string& name, bool null_is_value);

/// The value of a JSON value that was checked against the shape of T. Without that check it may
/// throw, but does nothing undefined.
template <class T>
T decode(const Json& json) {
  if constexpr (std::is_same_v<T, Json>) {
    return json;
  } else if constexpr (std::is_same_v<T, bool>) {
    return decode_bool(json);
  } else if constexpr (Integer<T> && std::is_signed_v<T>) {
    return static_cast<T>(decode_signed(json));
  } else if constexpr (Integer<T>) {
    return static_cast<T>(decode_unsigned(json));
  } else if constexpr (Floating<T>) {
    return static_cast<T>(decode_double(json));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return decode_text(json);
  } else if constexpr (Described<T>) {
    return description_of<T>().template decode<T>(json);
  } else if constexpr (is_optional<T>) {
    return json.is_null() ? T() : T(decode<typename T::value_type>(json));
  } else if constexpr (is_vector<T>) {
    const Json::array_t& array = decode_items(json);
    T items;
    items.reserve(array.size());
    for (const Json& item : array) items.push_back(decode<typename T::value_type>(item));
    return items;
  } else if constexpr (is_array<T>) {
    const Json::array_t& array = decode_items(json);
    T items{};
    for (std::size_t i = 0; i < items.size(); ++i)
      items[i] = decode<typename T::value_type>(array.at(i));
    return items;
  } else if constexpr (StringMap<T>) {
    T members;
    for (const auto& [key, item] : decode_members(json))
      members.emplace(key, decode<typename T::mapped_type>(item));
    return members;
  } else {
    static_assert(always_false<T>, "This type cannot be an argument.");
  }
}

/// The member of a checked object that `property` describes: sent, or its default, or null.
const Json& member_or_default(const Json& object, const Property& property, bool null_is_value);

template <class T>
T decode_member(const Json& object, const Property& property) {
  return decode<T>(member_or_default(object, property, std::is_same_v<T, Json>));
}

}  // namespace mcp_mqtt::schema
