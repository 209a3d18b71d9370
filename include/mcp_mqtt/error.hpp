#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt {

/// What happened to a call, in the words a program can act on.
enum class ErrorKind {
  rpc,                 ///< The peer answered with a JSON-RPC error: `code` and `data` are its own.
  invalid_argument,    ///< The caller's own arguments cannot be used; nothing was sent.
  timeout,             ///< No answer in time. The peer may still have done the work.
  cancelled,           ///< The caller cancelled.
  server_gone,         ///< The server left, died, or no server matched.
  client_gone,         ///< The client left or died.
  not_connected,       ///< There was no connection: nothing was sent.
  connection_lost,     ///< The connection broke after sending: the outcome is unknown.
  refused,             ///< The broker refused; `code` is the MQTT 5 reason code where it gave one.
  id_conflict,         ///< Another program uses the same MQTT client id (for a server: server-id).
  too_large,           ///< Beyond a size limit of ours or of the broker; nothing was sent.
  busy,                ///< A bounded queue is full; nothing was sent.
  unsupported,         ///< The transport, the revision or the peer cannot do it.
  protocol_violation,  ///< The peer's answer is not what the protocol allows.
  tls,                 ///< The TLS handshake or a certificate check failed.
  stopped,             ///< This object was stopped.
};

/// The kind as a lower-case word for messages and logs.
std::string_view to_string(ErrorKind kind) noexcept;

/// JSON-RPC 2.0 error codes, and those that MCP adds.
namespace error_code {
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
inline constexpr int server_busy = -32000;
inline constexpr int resource_not_found = -32002;
inline constexpr int url_elicitation_required = -32042;
}  // namespace error_code

/// An error as a value: what asynchronous calls give, and what McpError carries.
struct Error {
  ErrorKind kind = ErrorKind::rpc;
  /// The JSON-RPC error code (`rpc`) or the MQTT 5 reason code (`refused`, `connection_lost`);
  /// 0 where there is none.
  int code = 0;
  /// One sentence that names what is wrong. Never holds a secret.
  std::string message;
  /// The `data` member of a JSON-RPC error; null where there is none.
  Json data = nullptr;
};

/// An error that a peer's JSON-RPC error answer describes, or that one should be made of.
Error rpc_error(int code, std::string message, Json data = nullptr);

/// What blocking calls throw. `what()` is the message; `error()` has the rest.
class McpError : public std::runtime_error {
 public:
  explicit McpError(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  const Error& error() const noexcept { return error_; }
  ErrorKind kind() const noexcept { return error_.kind; }
  int code() const noexcept { return error_.code; }

 private:
  Error error_;
};

}  // namespace mcp_mqtt
