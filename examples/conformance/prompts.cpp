#include <string>
#include <vector>

#include "fixture.hpp"
#include "media.hpp"

namespace conformance {
namespace {

using mcp_mqtt::arg;
using mcp_mqtt::PromptMessage;
using mcp_mqtt::Role;
using mcp_mqtt::user_message;

std::vector<PromptMessage> with_resource(const std::string& uri) {
  const mcp_mqtt::EmbeddedResource resource{
      .resource =
          mcp_mqtt::text_contents(uri, "Embedded resource content for testing.", "text/plain")};
  return {{.role = Role::user, .content = resource},
          user_message("Please process the embedded resource above.")};
}

std::vector<PromptMessage> with_image() {
  const mcp_mqtt::ImageContent image{.data = image_bytes(), .mime_type = image_type};
  return {{.role = Role::user, .content = image}, user_message("Please analyze the image above.")};
}

}  // namespace

void add_prompts(mcp_mqtt::McpServer& server) {
  server.add_prompt("test_simple_prompt", "A text",
                    [] { return "This is a simple prompt for testing."; });
  server.add_prompt("test_prompt_with_arguments", "A text with two arguments",
                    {arg("arg1", "First test argument"), arg("arg2", "Second test argument")},
                    [](const std::string& first, const std::string& second) {
                      return "Prompt with arguments: arg1='" + first + "', arg2='" + second + "'";
                    });
  server.complete_prompt("test_prompt_with_arguments", "arg1", [](const std::string&) {
    return std::vector<std::string>{"test", "testing", "tested"};
  });
  server.add_prompt("test_prompt_with_embedded_resource", "A resource and what to do with it",
                    {arg("resourceUri", "URI of the resource to embed")}, with_resource);
  server.add_prompt("test_prompt_with_image", "An image and what to do with it", with_image);
}

}  // namespace conformance
