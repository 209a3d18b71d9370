#include "mcp-mqtt/relay/host_dialogue.hpp"

#include <utility>

namespace mcp_mqtt::command_line {

HostDialogue::HostDialogue(std::shared_ptr<HostLink> host)
    : host_(std::move(host)),
      asked_([this](wire::RpcMessage message, const std::optional<RequestId>& related) {
        host_.tell(std::move(message), related);
      }) {}

void HostDialogue::on_message(wire::RpcMessage message) {
  if (auto* request = std::get_if<wire::Request>(&message)) {
    if (request->method == "initialize") return initialize(std::move(*request));
    on_request(std::move(*request));
  } else if (auto* notification = std::get_if<wire::Notification>(&message)) {
    on_notification(std::move(*notification));
  } else if (auto* response = std::get_if<wire::Response>(&message)) {
    asked_.answer(response->id, std::move(response->result));
  } else if (auto& error = std::get<wire::ErrorResponse>(message); error.id) {
    asked_.answer(*error.id, std::move(error.error));
  }
}

void HostDialogue::initialize(wire::Request request) {
  if (client_) {
    host_.answer(request.id,
                 rpc_error(error_code::invalid_request, "the session is initialized already"));
    return;
  }
  try {
    client_ = make_client(request.params);
  } catch (const McpError& error) {
    refuse(request.id, error.error());
    return;
  }
  opening_.begin([this, request = std::move(request)] {
    try {
      host_.answer(request.id, open(request.params));
    } catch (const McpError& error) {
      refuse(request.id, error.error());
    }
  });
}

void HostDialogue::refuse(const RequestId& id, const Error& error) {
  host_.answer(id, error);
  host_.end(error);
}

void HostDialogue::stop_client() {
  if (client_) opening_.end(*client_);
}

void HostDialogue::drop_client() {
  client_.reset();
  asked_.fail({ErrorKind::client_gone, 0, "the host is gone", nullptr});
}

}  // namespace mcp_mqtt::command_line
