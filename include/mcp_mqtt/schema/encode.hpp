#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/schema/value_types.hpp>

namespace mcp_mqtt::schema {

/// `text` with U+FFFD in place of every byte sequence that is not UTF-8.
std::string valid_utf8(std::string_view text);
/// `json` with valid UTF-8 in all its texts and keys, and null for what JSON cannot write.
Json encode_json(Json json);
Json encode_text(std::string_view text);
/// Null for NaN and infinity, which JSON cannot write.
Json encode_number(double value);
/// The shortest decimal that reads back as this float: 0.1, not 0.10000000149011612.
Json encode_number(float value);

/// `value` as JSON. Total: invalid UTF-8 is replaced, NaN and infinity become null, an enum value
/// without a name becomes its number as a text.
template <class T>
Json encode(const T& value) {
  if constexpr (std::is_same_v<T, std::nullptr_t>) {
    return nullptr;
  } else if constexpr (std::is_same_v<T, Json>) {
    return encode_json(value);
  } else if constexpr (std::is_same_v<T, bool>) {
    return Json(value);
  } else if constexpr (Integer<T> && std::is_signed_v<T>) {
    return Json(static_cast<std::int64_t>(value));
  } else if constexpr (Integer<T>) {
    return Json(static_cast<std::uint64_t>(value));
  } else if constexpr (std::is_same_v<T, float>) {
    return encode_number(value);
  } else if constexpr (Floating<T>) {
    return encode_number(static_cast<double>(value));
  } else if constexpr (Described<T>) {
    return description_of<T>().encode(value);
  } else if constexpr (is_optional<T>) {
    return value ? encode(*value) : Json(nullptr);
  } else if constexpr (is_vector<T> || is_array<T>) {
    Json array = Json::array();
    for (auto&& item : value) array.push_back(encode<typename T::value_type>(item));
    return array;
  } else if constexpr (StringMap<T>) {
    Json object = Json::object();
    for (const auto& [key, item] : value) object[valid_utf8(key)] = encode(item);
    return object;
  } else if constexpr (std::is_pointer_v<T> && std::is_convertible_v<T, std::string_view>) {
    return encode_text(value != nullptr ? std::string_view(value) : std::string_view());
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return encode_text(value);
  } else {
    static_assert(
        always_false<T>,
        "This type has no JSON form: use an arithmetic type, a string, Json, an optional, "
        "vector, array or string map of them, or give it a describe() function.");
  }
}

}  // namespace mcp_mqtt::schema
