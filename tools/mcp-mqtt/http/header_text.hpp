#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mcp_mqtt::command_line {

/// Whether two words are the same but for the case of ASCII letters.
bool same_word(std::string_view left, std::string_view right) noexcept;
/// ASCII letters in lower case.
std::string lower_case(std::string_view text);

/// Whether an `Accept` header takes a media type such as "text/event-stream": by its name, by
/// `text/*` or by `*/*`. A type with `q=0` is not taken.
bool accepts(std::string_view accept, std::string_view type);

/// Whether a `Content-Type` header says "application/json", whatever its parameters.
bool is_json(std::string_view content_type);

/// A host and its port as they stand in `Host` and in `--listen`: "localhost:80", "[::1]:80", "::1"
/// in brackets only. The host comes in lower case, an IPv6 address in brackets.
struct HostPort {
  std::string host;
  std::optional<int> port;
};
/// Nothing where the text is none.
std::optional<HostPort> parse_host(std::string_view text);

/// Whether a host, as parse_host() gives it, can only be this machine: `localhost`, 127.0.0.0/8,
/// `[::1]`.
bool is_loopback(std::string_view host);

/// Whether two texts are equal, in a time that says nothing of where `secret` differs.
bool equal_in_constant_time(std::string_view given, std::string_view secret) noexcept;

}  // namespace mcp_mqtt::command_line
