#include "checks.hpp"
#include "media.hpp"

namespace conformance {

std::string image_base64() {
  return to_json(mcp_mqtt::Content(mcp_mqtt::ImageContent{image_bytes(), image_type}),
                 mcp_mqtt::latest_revision)
      .at("data");
}

std::string audio_base64() {
  return to_json(mcp_mqtt::Content(mcp_mqtt::AudioContent{audio_bytes(), audio_type}),
                 mcp_mqtt::latest_revision)
      .at("data");
}

}  // namespace conformance
