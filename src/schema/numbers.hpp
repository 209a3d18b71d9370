#pragma once

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::schema {

/// Whether one finite JSON number is less than another, exactly: 2^53 + 1 and 2^53 differ although
/// they are the same double.
bool less(const Json& left, const Json& right);

/// Whether a JSON number is whole, as JSON Schema counts it: 3 and 3.0 are.
bool is_whole(const Json& number);

}  // namespace mcp_mqtt::schema
