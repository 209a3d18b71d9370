#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace mcp_mqtt {

/// A JSON-RPC id. Ids are equal when type and value are: the number 1 is not the string "1".
/// The library's own ids are positive integers; string ids of peers are accepted.
using RequestId = std::variant<std::int64_t, std::string>;

/// The id for a log line: a string in quotes, a number bare.
std::string to_string(const RequestId& id);

}  // namespace mcp_mqtt
