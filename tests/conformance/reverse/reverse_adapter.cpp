#include "conformance/reverse/reverse_adapter.hpp"

#include <mutex>
#include <utility>

#include "conformance/reverse/http_peer.hpp"
#include "mcp-mqtt/relay/host_requests.hpp"
#include "mcp-mqtt/relay/rpc_error.hpp"

namespace mcp_mqtt::test {
namespace {

using command_line::as_rpc_error;

class ReverseSession : public BackendSession {
 public:
  explicit ReverseSession(const std::string& url)
      : asked_([this](wire::RpcMessage message, const auto&) { server_.send(std::move(message)); }),
        server_(url, [this](wire::RpcMessage message) { on_message(std::move(message)); }) {}

  void ask(PeerRequest request) { asked_.ask(std::move(request), std::nullopt); }

  void connected(const ConnectedClient& client) override {
    {
      const std::lock_guard lock(mutex_);
      client_ = client;
    }
    server_.send(wire::Notification{"notifications/initialized"});
    server_.listen();
  }
  void on_request(PeerRequest request) override { ask(std::move(request)); }
  void on_notification(const std::string& method, const Json& params) override {
    server_.send(wire::Notification{method, params});
  }

 private:
  void on_message(wire::RpcMessage message) {
    if (auto* response = std::get_if<wire::Response>(&message)) {
      asked_.answer(response->id, std::move(response->result));
    } else if (auto* error = std::get_if<wire::ErrorResponse>(&message)) {
      if (error->id) asked_.answer(*error->id, std::move(error->error));
    } else if (auto* request = std::get_if<wire::Request>(&message)) {
      ask_client(std::move(*request));
    } else {
      auto& notification = std::get<wire::Notification>(message);
      client().notify(notification.method, std::move(notification.params));
    }
  }

  void ask_client(wire::Request request) {
    client().async_request(
        request.method, std::move(request.params), {},
        [this, id = request.id](Result<Json> outcome) {
          if (outcome) {
            server_.send(wire::Response{id, *std::move(outcome)});
          } else {
            server_.send(wire::ErrorResponse{id, as_rpc_error(std::move(outcome).error())});
          }
        });
  }

  ConnectedClient client() {
    const std::lock_guard lock(mutex_);
    return client_;
  }

  std::mutex mutex_;
  ConnectedClient client_;
  command_line::HostRequests asked_;
  HttpPeer server_;
};

}  // namespace

std::unique_ptr<BackendSession> ReverseAdapter::begin(const ClientInfo&, PeerRequest request) {
  auto session = std::make_unique<ReverseSession>(url_);
  session->ask(std::move(request));
  return session;
}

}  // namespace mcp_mqtt::test
