#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

/// A string member; nullopt where it is missing or no string.
inline std::optional<std::string> find_string(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value->get<std::string>();
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

/// A member copied as it is; null where it is missing.
inline Json json_or_null(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  return value == nullptr ? Json(nullptr) : *value;
}

inline void put_if(Json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

template <class T>
void put_if(Json& object, const char* key, const std::optional<T>& value) {
  if (value) object[key] = *value;
}

inline Error violation(std::string message) {
  return Error{ErrorKind::protocol_violation, 0, std::move(message), nullptr};
}

}  // namespace mcp_mqtt::protocol
