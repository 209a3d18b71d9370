#include "mcp-mqtt/http/http_error.hpp"

#include <mcp_mqtt/wire/json_rpc.hpp>

namespace mcp_mqtt::command_line {

HttpReply error_reply(int status, int code, const std::string& message,
                      const std::optional<RequestId>& id) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "application/json";
  const auto text = wire::encode(wire::ErrorResponse{id, rpc_error(code, message)}, {});
  // A message that is no UTF-8 has come from outside.
  reply.body =
      text ? *text : R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"refused"}})";
  return reply;
}

}  // namespace mcp_mqtt::command_line
