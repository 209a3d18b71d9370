#pragma once

#include <string>

#include <mcp_mqtt/protocol/content.hpp>

namespace mcp_mqtt::command_line {

/// A piece of content for a person or a script to read: a text as it is, of anything else what it
/// is, in brackets. As the server wrote it: make it safe before it is shown.
std::string content_text(const Content& content);

/// The contents of a resource: the text, or what it is, in brackets.
std::string contents_text(const ResourceContents& contents);

}  // namespace mcp_mqtt::command_line
