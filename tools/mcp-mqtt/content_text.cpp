#include "mcp-mqtt/content_text.hpp"

#include <variant>

namespace mcp_mqtt::command_line {
namespace {

std::string bytes(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

std::string kind(const char* what, const std::string& mime_type) {
  return mime_type.empty() ? what : std::string(what) + ' ' + mime_type;
}

struct Reader {
  std::string operator()(const TextContent& text) const { return text.text; }
  std::string operator()(const ImageContent& image) const {
    return '[' + kind("image", image.mime_type) + ", " + bytes(image.data.size()) + ']';
  }
  std::string operator()(const AudioContent& audio) const {
    return '[' + kind("audio", audio.mime_type) + ", " + bytes(audio.data.size()) + ']';
  }
  std::string operator()(const EmbeddedResource& embedded) const {
    const ResourceContents& resource = embedded.resource;
    if (resource.binary) return contents_text(resource);
    return "[resource " + resource.uri + "]\n" + resource.text;
  }
  std::string operator()(const ResourceLink& link) const {
    return "[link to " + link.uri + (link.name.empty() ? "" : ", " + link.name) + ']';
  }
  std::string operator()(const UnknownContent& unknown) const {
    return unknown.json.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
};

}  // namespace

std::string content_text(const Content& content) { return std::visit(Reader{}, content); }

std::string contents_text(const ResourceContents& contents) {
  if (!contents.binary) return contents.text;
  return '[' + kind("resource", contents.mime_type) + ", " + bytes(contents.text.size()) + ']';
}

}  // namespace mcp_mqtt::command_line
