#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcp_mqtt::command_line {

// A server's words come from a stranger, and a terminal obeys control characters: they could
// rewrite what stands on the screen. What is shown goes through one of these two.

/// Without control characters (C0 but line feed and tab, DEL, C1) and without the characters that
/// turn the direction of writing. Bytes that are no UTF-8 become U+FFFD.
std::string safe_text(std::string_view text);

/// safe_text() on one line: each run of white space is one space, none at the ends.
std::string safe_line(std::string_view text);

/// About how many columns a safe line takes: its characters without combining marks, and two for
/// each of those that East Asian scripts and emoji draw double.
std::size_t columns(std::string_view text);

/// The line cut to so many columns, with "…" where something is missing.
std::string cut(std::string_view line, std::size_t width);

}  // namespace mcp_mqtt::command_line
