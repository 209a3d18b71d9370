#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcp_mqtt::command_line {

/// What stands before the names of a server's tools and prompts where a host sees several servers:
/// [A-Za-z0-9_-] alone, at most `longest` (12 at least), without `__` and no `_` at its end. It
/// follows from the server-name alone, so that a host's permissions stay with the server that they
/// were given to. Usual names keep their look, with `--` for `/`; a name that would be ambiguous
/// then, or too long, gets a part of its hash: `weather_station-_1a2b3c4d`.
std::string server_prefix(std::string_view server_name, std::size_t longest);

/// A name of at most `longest` characters of [A-Za-z0-9_-]: as it is, or cut, cleaned and with a
/// part of its hash.
std::string plain_name(std::string_view name, std::size_t longest);

}  // namespace mcp_mqtt::command_line
