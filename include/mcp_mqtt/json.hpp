#pragma once

#include <nlohmann/json.hpp>

namespace mcp_mqtt {

/// The JSON value of the whole API. Objects keep their keys sorted.
using Json = nlohmann::json;

}  // namespace mcp_mqtt
