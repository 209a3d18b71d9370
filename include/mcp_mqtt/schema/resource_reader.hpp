#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <mcp_mqtt/schema/resource_definition.hpp>
#include <mcp_mqtt/schema/tool_result.hpp>

// From what a resource's function returns to the answer of `resources/read`:
//
//   a string                              a text
//   a vector of std::byte or uint8_t      a blob
//   Json                                  its text, as application/json unless the resource says
//   ResourceContents, a vector of them, ReadResourceResult      as it is
//   optional<T>                           as T; nullopt: there is no such resource (-32002)
//   Result<T>                             as T, or the error
namespace mcp_mqtt::schema {

[[noreturn]] void throw_not_found(const std::string& uri);
ReadResourceResult read_text(const std::string& uri, std::string text,
                             const std::string& mime_type);
ReadResourceResult read_bytes(const std::string& uri, std::string bytes,
                              const std::string& mime_type);
ReadResourceResult read_json(const std::string& uri, const Json& json,
                             const std::string& mime_type);
/// With the URI and the type where they are left out.
ReadResourceResult read_contents(const std::string& uri, std::vector<ResourceContents> contents,
                                 const std::string& mime_type);

template <class T>
ReadResourceResult make_read_result(T&& value, const std::string& uri,
                                    const std::string& mime_type) {
  using Value = std::remove_cvref_t<T>;
  if constexpr (std::is_same_v<Value, ReadResourceResult>) {
    return std::forward<T>(value);
  } else if constexpr (std::is_same_v<Value, ResourceContents>) {
    return read_contents(uri, {std::forward<T>(value)}, mime_type);
  } else if constexpr (std::is_same_v<Value, std::vector<ResourceContents>>) {
    return read_contents(uri, std::forward<T>(value), mime_type);
  } else if constexpr (std::is_same_v<Value, std::vector<std::byte>> ||
                       std::is_same_v<Value, std::vector<std::uint8_t>>) {
    std::string bytes(value.size(), '\0');
    for (std::size_t i = 0; i < value.size(); ++i) bytes[i] = static_cast<char>(value[i]);
    return read_bytes(uri, std::move(bytes), mime_type);
  } else if constexpr (is_optional<Value>) {
    if (!value) throw_not_found(uri);
    return make_read_result(*std::forward<T>(value), uri, mime_type);
  } else if constexpr (is_result<Value>) {
    return make_read_result(std::forward<T>(value).value(), uri, mime_type);
  } else if constexpr (std::is_same_v<Value, Json>) {
    return read_json(uri, value, mime_type);
  } else {
    static_assert(std::is_convertible_v<T, std::string_view>,
                  "A resource's function returns a text, bytes (a vector of std::byte or "
                  "std::uint8_t), Json, ResourceContents, a vector of them, ReadResourceResult, or "
                  "an optional or Result of one of these.");
    return read_text(uri, std::string(std::string_view(value)), mime_type);
  }
}

/// The handler that calls `function`, which takes `const ResourceRequest&` and `RequestContext&`,
/// one of them, or nothing.
template <class F>
ResourceHandler make_resource_handler(F function, std::string mime_type) {
  return [function = std::move(function), mime_type = std::move(mime_type)](
             const ResourceRequest& request, RequestContext& context) {
    if constexpr (std::is_invocable_v<const F&, const ResourceRequest&, RequestContext&>) {
      return make_read_result(function(request, context), request.uri, mime_type);
    } else if constexpr (std::is_invocable_v<const F&, const ResourceRequest&>) {
      return make_read_result(function(request), request.uri, mime_type);
    } else if constexpr (std::is_invocable_v<const F&, RequestContext&>) {
      return make_read_result(function(context), request.uri, mime_type);
    } else {
      static_assert(std::is_invocable_v<const F&>,
                    "A resource's function can be called while it is const, with const "
                    "ResourceRequest& and RequestContext&, one of them, or nothing.");
      return make_read_result(function(), request.uri, mime_type);
    }
  };
}

}  // namespace mcp_mqtt::schema
