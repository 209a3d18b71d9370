#include <algorithm>
#include <array>
#include <string_view>
#include <sys/socket.h>

#include "mcp-mqtt/doctor/checks.hpp"
#include "mcp-mqtt/doctor/tcp.hpp"
#include "mcp-mqtt/safe_text.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// The broker's refusals of an MQTT that it does not know, in MQTT 5 and before.
constexpr int unsupported_version = 0x84;
constexpr int unacceptable_version = 0x01;

/// Bad user name or password, and not authorized, in MQTT 5 and before.
constexpr std::array<int, 4> bad_credentials{0x86, 0x87, 4, 5};

/// CONNECT of MQTT 5 with a clean start, 30 s, no properties and the id "mcp".
constexpr std::string_view connect_packet("\x10\x10\0\x04MQTT\x05\x02\0\x1e\0\0\x03mcp", 18);

/// What the other side says to a CONNECT, at most some bytes; nothing where it closes or says none.
std::string first_words(const Socket& socket) {
  if (::send(socket.get(), connect_packet.data(), connect_packet.size(), MSG_NOSIGNAL) < 0) {
    return {};
  }
  std::array<char, 80> buffer{};
  const ssize_t size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

bool is_text(const std::string& words) {
  return words.size() >= 4 && words.find_first_not_of("\r\n\t") != std::string::npos &&
         std::all_of(words.begin(), words.end(), [](char c) {
           return (c >= ' ' && c <= '~') || c == '\r' || c == '\n' || c == '\t';
         });
}

/// The transport's own words, and whose credentials they are about.
std::string refusal(const mqtt::BrokerUrl& broker, const Error& error) {
  constexpr std::string_view before = "refused the connection: ";
  const std::size_t at = error.message.rfind(before);
  const std::string reason =
      at == std::string::npos ? error.message : error.message.substr(at + before.size());
  const bool credentials = std::find(std::begin(bad_credentials), std::end(bad_credentials),
                                     error.code) != std::end(bad_credentials);
  std::string out = broker.to_string() + " refused the connection: " + reason;
  if (credentials) {
    out += broker.username.empty() ? "; it was asked without a user name: --username"
                                   : "; it was asked as the user '" + broker.username + "'";
  }
  return out;
}

std::string what_it_does(const std::string& words) {
  constexpr std::string_view tls_alert("\x15\x03", 2);
  if (words.starts_with(tls_alert)) return "it speaks TLS: use mqtts://";
  if (is_text(words)) {
    return "it says '" + safe_line(words.substr(0, words.find_first_of("\r\n"))) + "'";
  }
  return words.empty() ? "it says nothing to CONNECT (if it speaks TLS: mqtts://)"
                       : "it answers something else than MQTT";
}

}  // namespace

std::string connect_failure(const Route& route, const Error& error) {
  const std::string broker = route.broker.to_string();
  const auto told = [&](const std::string& what) {
    return error.message.find(broker) == std::string::npos ? broker + ": " + what : what;
  };
  if (error.kind == ErrorKind::refused &&
      (error.code == unsupported_version || error.code == unacceptable_version)) {
    return broker +
           " speaks no MQTT 5, which MCP over MQTT needs: use a newer broker, or another "
           "listener";
  }
  if (error.kind == ErrorKind::refused) return refusal(route.broker, error);
  if (error.kind == ErrorKind::tls || error.kind == ErrorKind::invalid_argument ||
      error.kind == ErrorKind::id_conflict) {
    return told(error.message);
  }
  const auto limit = std::min<std::chrono::milliseconds>(route.connect_timeout, 3s);
  const auto socket = connect_tcp(route.broker.host, route.broker.port, limit);
  if (!socket) return broker + ": nothing to connect to: " + socket.error().message;
  if (route.broker.uses_tls() || route.broker.uses_websocket()) return told(error.message);
  const std::string words = first_words(*socket);
  constexpr char connack = '\x20';
  if (words.starts_with(connack)) return told(error.message);
  return "what listens at " + broker + " is no MQTT 5 broker: " + what_it_does(words);
}

}  // namespace mcp_mqtt::command_line
