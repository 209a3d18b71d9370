#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt::mqtt {

/// Where a broker is and how to reach it.
struct BrokerUrl {
  enum class Scheme { mqtt, mqtts, ws, wss };

  Scheme scheme = Scheme::mqtt;
  /// A host name or an address; an IPv6 address without its brackets, its zone behind a `%`.
  std::string host;
  std::uint16_t port = 1883;
  /// The path of a WebSocket URL, with its leading slash; empty for `mqtt` and `mqtts`.
  std::string path;
  /// Percent-decoded. Empty where the URL has none.
  std::string username;
  /// Percent-decoded. Never part of a log line, an error or to_string().
  std::string password;

  bool uses_tls() const noexcept { return scheme == Scheme::mqtts || scheme == Scheme::wss; }
  bool uses_websocket() const noexcept { return scheme == Scheme::ws || scheme == Scheme::wss; }

  /// `scheme://host[:port][/path]`, without user and password; the port only where it is not the
  /// scheme's own. parse_broker_url() reads it back.
  std::string to_string() const;
};

/// Reads `mqtt://`, `mqtts://`, `ws://` or `wss://` followed by `[user[:password]@]host[:port]`
/// and, for WebSockets, a path (default `/mqtt`). The ports default to 1883, 8883, 80 and 443.
/// User and password are percent-encoded where they hold one of `: / ? # [ ] @ %` or a space; an
/// IPv6 address stands in brackets, with its zone as `%25zone`. Anything else, a query or fragment
/// too, is `invalid_argument` with the reason; the message never repeats the password.
Result<BrokerUrl> parse_broker_url(std::string_view url);

}  // namespace mcp_mqtt::mqtt
