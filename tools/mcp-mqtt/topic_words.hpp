#pragma once

#include <string>
#include <string_view>

namespace mcp_mqtt::command_line {

// What may stand in a topic. Each check throws Failure (`usage`) that begins with `what` and says
// what is wrong with the text.

/// A server-name: levels that are not empty, without `+` and `#`.
void check_server_name(const std::string& what, const std::string& name);
/// An MQTT filter over server-names: `+` and `#` are whole levels, `#` is the last one.
void check_name_filter(const std::string& what, const std::string& filter);
/// An MQTT client id that is a level of a topic: no `/`, `+`, `#`, and not `presence` or
/// `capability`, which stand where a server-id does.
void check_id(const std::string& what, const std::string& id);

bool has_wildcard(std::string_view filter);
/// Whether the filter covers the topic or name, as MQTT has it. (A `$` at its front is nothing
/// special here.)
bool filter_covers(std::string_view filter, std::string_view topic);

}  // namespace mcp_mqtt::command_line
