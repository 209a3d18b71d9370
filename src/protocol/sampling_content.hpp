#pragma once

#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/protocol/sampling.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt::protocol {

/// The member `content` of a sampling message or answer: an object for one content, an array for
/// any other number. `unsupported` where the revision has no form for it.
Result<Json> sampling_content_to_json(const std::vector<SamplingContent>& content,
                                      Revision revision);
/// Reads the member `content` of `message`. `protocol_violation` with what is wrong.
Result<std::vector<SamplingContent>> sampling_content_from_json(const Json& message);

}  // namespace mcp_mqtt::protocol
