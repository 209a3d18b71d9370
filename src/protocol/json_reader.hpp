#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/result.hpp>

// Reading members of a JSON object that a peer sent: liberal with what is missing, strict with what
// has the wrong type, and never an exception.
namespace mcp_mqtt::protocol {

inline const Json* find(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

inline Json* find(Json& object, std::string_view key) {
  return const_cast<Json*>(find(std::as_const(object), key));
}

/// A member that is there and not null.
inline const Json* find_value(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

/// A member that is an object; nullptr where it is missing or of another type.
inline const Json* find_object(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  return value == nullptr || !value->is_object() ? nullptr : value;
}

/// A string member; nullopt where it is missing or no string.
inline std::optional<std::string> find_string(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
}

/// The same, moved out of an object that nobody else needs.
inline std::optional<std::string> take_string(Json& object, std::string_view key) {
  Json* value = find(object, key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::move(value->get_ref<std::string&>());
}

inline std::string string_or_empty(const Json& object, std::string_view key) {
  return find_string(object, key).value_or(std::string());
}

inline std::optional<bool> find_bool(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  if (value == nullptr || !value->is_boolean()) return std::nullopt;
  return value->get<bool>();
}

inline std::optional<double> find_number(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

/// A whole number, also one written as `5.0`; nullopt where it is missing, of another type or does
/// not fit.
std::optional<std::int64_t> find_integer(const Json& object, std::string_view key);

/// A duration that a peer gave as a number of milliseconds, at most `longest_duration`, so that a
/// sum with a time cannot overflow; nullopt where it is missing, negative or of another type.
std::optional<std::chrono::milliseconds> find_duration(const Json& object, std::string_view key);
inline constexpr std::chrono::hours longest_duration{24 * 365 * 30};

/// The strings of an array; empty where it is missing or no array. What is no string is skipped.
std::vector<std::string> strings(const Json& object, std::string_view key);

/// A member copied as it is; null where it is missing.
inline Json json_or_null(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  return value == nullptr ? Json(nullptr) : *value;
}

/// A member that must be an object to be of use; null where it is missing or of another type.
inline Json object_or_null(const Json& object, std::string_view key) {
  const Json* value = find_object(object, key);
  return value == nullptr ? Json(nullptr) : *value;
}

inline void put_if(Json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

template <class T>
void put_if(Json& object, const char* key, const std::optional<T>& value) {
  if (value) object[key] = *value;
}

/// Peers check that `_meta` and its like are objects: anything else stays here.
inline void put_object(Json& object, const char* key, const Json& value) {
  if (value.is_object()) object[key] = value;
}

/// A peer's word for an error message, in quotes, and shortened: it may be megabytes long.
std::string quoted(std::string_view word);

inline Error violation(std::string message) {
  return Error{ErrorKind::protocol_violation, 0, std::move(message), nullptr};
}

/// The same words as the answer to a request whose params cannot be used.
inline Error invalid_params(std::string message) {
  return rpc_error(error_code::invalid_params, std::move(message));
}

inline Error unsupported(std::string message) {
  return Error{ErrorKind::unsupported, 0, std::move(message), nullptr};
}

}  // namespace mcp_mqtt::protocol
