#include "wire/presence.hpp"

#include <utility>

#include <mcp_mqtt/wire/json_rpc.hpp>

#include "ground/logging.hpp"

namespace mcp_mqtt::wire {
namespace {

constexpr const char* online_method = "notifications/server/online";
constexpr const char* disconnected_method = "notifications/disconnected";

Error violation(std::string_view server_id, const std::string& fault) {
  return Error{ErrorKind::protocol_violation, 0,
               "the presence of server " + log::printable(server_id) + " " + fault};
}

}  // namespace

Result<std::string> encode_server_online(const ServerInstance& instance,
                                         const MessageLimits& limits) {
  if (!instance.meta.is_object() && !instance.meta.is_null()) {
    return Error{ErrorKind::invalid_argument, 0, "the meta of a server must be a JSON object"};
  }
  // A value too deep to write must not even be copied into the message.
  if (!within_depth(instance.meta, limits.max_depth)) {
    return Error{ErrorKind::too_large, 0, "the meta of a server nests too deep"};
  }
  Json params = {{"server_name", instance.server_name}, {"description", instance.description}};
  params["meta"] = instance.meta.is_null() ? Json::object() : instance.meta;
  return encode(Notification{online_method, std::move(params)}, limits);
}

Result<std::optional<ServerInstance>> decode_server_presence(std::string_view server_id,
                                                             std::string_view server_name,
                                                             std::string_view payload,
                                                             const MessageLimits& limits) {
  if (payload.empty()) return std::optional<ServerInstance>();

  Decoded decoded = decode(payload, limits);
  if (decoded.batch) return violation(server_id, "is a batch");
  if (const auto* rejected = std::get_if<Rejected>(&decoded.messages.front())) {
    return violation(server_id, "cannot be read: " + rejected->error.message);
  }
  auto& message = std::get<RpcMessage>(decoded.messages.front());
  auto* notification = std::get_if<Notification>(&message);
  if (notification == nullptr) return violation(server_id, "is no notification");
  if (notification->method != online_method) {
    return violation(server_id,
                     "is " + log::printable(notification->method) + ", not " + online_method);
  }

  ServerInstance instance;
  instance.server_id = server_id;
  instance.server_name = server_name;
  Json& params = notification->params;
  if (auto found = params.find("description"); found != params.end() && found->is_string()) {
    instance.description = std::move(found->get_ref<std::string&>());
  }
  if (auto found = params.find("meta"); found != params.end() && found->is_object()) {
    instance.meta = std::move(*found);
  }
  return std::optional<ServerInstance>(std::move(instance));
}

std::string encode_disconnected() {
  return std::string(R"({"jsonrpc":"2.0","method":")") + disconnected_method + "\"}";
}

}  // namespace mcp_mqtt::wire
