#include <cmath>
#include <utility>

#include <mcp_mqtt/schema/tool_result.hpp>

#include "ground/utf8.hpp"

namespace mcp_mqtt::schema {
namespace {

void make_writable(std::string& text) {
  if (utf8::first_invalid_byte(text)) text = valid_utf8(text);
}

// Bytes (images, audio, binary resources) leave as Base64 and stay what they are.
struct MakeWritable {
  void operator()(TextContent& content) const { make_writable(content.text); }
  void operator()(ImageContent& content) const { make_writable(content.mime_type); }
  void operator()(AudioContent& content) const { make_writable(content.mime_type); }
  void operator()(EmbeddedResource& content) const {
    make_writable(content.resource.uri);
    make_writable(content.resource.mime_type);
    if (!content.resource.binary) make_writable(content.resource.text);
  }
  void operator()(ResourceLink& content) const {
    make_writable(content.uri);
    make_writable(content.name);
    make_writable(content.title);
    make_writable(content.description);
    make_writable(content.mime_type);
  }
  void operator()(UnknownContent& content) const {
    content.json = encode_json(std::move(content.json));
  }
};

CallToolResult result_of_text(std::string text) {
  CallToolResult result;
  result.content.emplace_back(TextContent{.text = std::move(text)});
  return result;
}

}  // namespace

CallToolResult done_result() { return result_of_text("ok"); }

CallToolResult plain_result(std::string text) {
  make_writable(text);
  return result_of_text(std::move(text));
}

CallToolResult scalar_result(const Json& value) {
  return result_of_text(value.is_string() ? value.get<std::string>() : value.dump());
}

CallToolResult number_result(double value, const Json& encoded) {
  if (std::isnan(value)) return result_of_text("NaN");
  if (std::isinf(value)) return result_of_text(value < 0 ? "-Infinity" : "Infinity");
  return scalar_result(encoded);
}

CallToolResult json_result(Json value) {
  CallToolResult result = result_of_text(value.dump());
  if (value.is_object()) result.structured_content = std::move(value);
  return result;
}

CallToolResult wrapped_result(Json value) {
  CallToolResult result = scalar_result(value);
  result.structured_content = Json::object();
  result.structured_content["result"] = std::move(value);
  return result;
}

CallToolResult failure_result(const Error& error) {
  CallToolResult result =
      plain_result(error.message.empty() ? std::string(to_string(error.kind)) : error.message);
  result.is_error = true;
  return result;
}

CallToolResult checked_result(CallToolResult result) {
  for (Content& content : result.content) std::visit(MakeWritable(), content);
  result.structured_content = encode_json(std::move(result.structured_content));
  result.meta = encode_json(std::move(result.meta));
  return result;
}

}  // namespace mcp_mqtt::schema
