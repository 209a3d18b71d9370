#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <mcp_mqtt/error.hpp>
#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/protocol/request_id.hpp>
#include <mcp_mqtt/result.hpp>

/// JSON-RPC 2.0 as MCP uses it, between bytes and values. Any thread; nothing here throws on any
/// input.
namespace mcp_mqtt::wire {

struct Request {
  RequestId id;
  std::string method;
  Json params = Json::object();  // always an object; a missing or null `params` reads as {}
};

struct Notification {
  std::string method;
  Json params = Json::object();
};

struct Response {
  RequestId id;
  Json result;
};

struct ErrorResponse {
  std::optional<RequestId> id;  // absent where the request could not be read
  Error error;                  // kind rpc
};

using RpcMessage = std::variant<Request, Notification, Response, ErrorResponse>;

/// A message that cannot be used: the error to answer with (-32700 or -32600), and the id to
/// answer to where one could be read. `was_response`: it looked like an answer (a `result` or an
/// `error` and no `method`), so it gets none.
struct Rejected {
  Error error;
  std::optional<RequestId> id;
  bool was_response = false;
};

struct Decoded {
  /// The messages came as an array. Not set for an array that is refused as a whole, because
  /// JSON-RPC answers that with a single error.
  bool batch = false;
  std::vector<std::variant<RpcMessage, Rejected>> messages;  // one, unless a batch; never empty
};

/// Reads one payload. Checks size before parsing, depth while scanning, UTF-8, then the shape: the
/// `jsonrpc` member, an id that is a string of at most `max_id_bytes` or an integer of 64 bits,
/// `params` an object (or absent or null), exactly one of `method`, `result`, `error`. What cannot
/// be parsed, or is beyond the limits of size and depth, is -32700; what is no message, an empty
/// batch or one beyond `max_batch`, is -32600. Unknown members are ignored.
Decoded decode(std::string_view payload, const MessageLimits& limits);

/// Writes one message. `too_large` beyond a limit (size or depth), `invalid_argument` for a string
/// that is not UTF-8 (the message says where) and for `params` that are no object. A request always
/// has `params`, a notification only when they are not empty; null `params` count as empty, a null
/// `data` of an error is left out, an error without id has `"id":null`. What encode() writes,
/// decode() reads under the same limits. Numbers that are not finite become null.
Result<std::string> encode(const RpcMessage& message, const MessageLimits& limits);
/// Writes a batch of answers (2025-03-26). An empty one is `invalid_argument`, one beyond
/// `max_batch` `too_large`.
Result<std::string> encode_batch(const std::vector<RpcMessage>& messages,
                                 const MessageLimits& limits);

/// Whether `json` nests no deeper than `max_depth`, where `[]` is one level and `1` none; looks
/// iteratively, so it is safe on any value.
bool within_depth(const Json& json, std::size_t max_depth);

}  // namespace mcp_mqtt::wire
