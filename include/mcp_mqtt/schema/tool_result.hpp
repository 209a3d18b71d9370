#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <mcp_mqtt/protocol/content.hpp>
#include <mcp_mqtt/protocol/tool.hpp>
#include <mcp_mqtt/result.hpp>
#include <mcp_mqtt/schema/encode.hpp>
#include <mcp_mqtt/schema/make_shape.hpp>

// What a typed tool answers, made of what its function returns:
//
//   void                                   the text "ok"
//   a string, number, bool, enum           its text
//   a described struct, a string map       structured content, and its JSON as a text
//   optional, vector, array                the same, as {"result": …}; the text is the bare value
//   Json                                   its JSON as a text; structured content if it is an
//   object Content, its alternatives, a vector    content, as it is CallToolResult as it is
//   Result<T>                              as T, or the message of the error with isError
namespace mcp_mqtt::schema {

/// The text "ok": a model reads an empty answer as a failure.
CallToolResult done_result();
CallToolResult plain_result(std::string text);
/// The text of a number, bool or name.
CallToolResult scalar_result(const Json& value);
/// NaN and infinity by name.
CallToolResult number_result(double value, const Json& encoded);
CallToolResult json_result(Json value);
CallToolResult wrapped_result(Json value);
CallToolResult failure_result(const Error& error);
/// `result` with valid UTF-8 in everything that goes out as a text.
CallToolResult checked_result(CallToolResult result);

template <class T, class Variant>
inline constexpr bool is_alternative = false;
template <class T, class... Each>
inline constexpr bool is_alternative<T, std::variant<Each...>> = (std::is_same_v<T, Each> || ...);

template <class T>
inline constexpr bool is_content = std::is_same_v<T, Content> || is_alternative<T, Content>;

template <class T>
inline constexpr bool is_content_list = false;
template <class T>
inline constexpr bool is_content_list<std::vector<T>> = is_content<T>;

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

template <class T>
CallToolResult make_tool_result(T&& value) {
  using Value = std::remove_cvref_t<T>;
  if constexpr (std::is_same_v<Value, CallToolResult>) {
    return checked_result(std::forward<T>(value));
  } else if constexpr (is_result<Value>) {
    if (!value) return failure_result(value.error());
    if constexpr (std::is_void_v<typename Value::value_type>) {
      return done_result();
    } else {
      return make_tool_result(*std::forward<T>(value));
    }
  } else if constexpr (is_content<Value>) {
    CallToolResult result;
    result.content.emplace_back(std::forward<T>(value));
    return checked_result(std::move(result));
  } else if constexpr (std::is_same_v<Value, std::vector<Content>>) {
    CallToolResult result;
    result.content = std::forward<T>(value);
    return checked_result(std::move(result));
  } else if constexpr (is_content_list<Value>) {
    CallToolResult result;
    result.content.assign(value.begin(), value.end());
    return checked_result(std::move(result));
  } else if constexpr (std::is_same_v<Value, std::string>) {
    return plain_result(std::forward<T>(value));
  } else if constexpr (std::is_same_v<Value, Json> || DescribedStruct<Value> || StringMap<Value>) {
    return json_result(encode(value));
  } else if constexpr (is_optional<Value> || is_vector<Value> || is_array<Value>) {
    return wrapped_result(encode(value));
  } else if constexpr (Floating<Value>) {
    return number_result(static_cast<double>(value), encode(value));
  } else {
    // encode() says which types have no JSON form.
    return scalar_result(encode(static_cast<const std::decay_t<T>&>(value)));
  }
}

/// Makes the shape of the structured content of a function that returns T; nullptr: it has none.
template <class T>
constexpr ShapeMaker output_shape_maker() {
  using Value = std::remove_cvref_t<T>;
  if constexpr (is_result<Value>) {
    return output_shape_maker<typename Value::value_type>();
  } else if constexpr (DescribedStruct<Value> || StringMap<Value>) {
    return &make_shape<Value>;
  } else if constexpr (!is_content_list<Value> &&
                       (is_optional<Value> || is_vector<Value> || is_array<Value>)) {
    return &make_wrapped_shape<Value>;
  } else {
    return nullptr;
  }
}

}  // namespace mcp_mqtt::schema
