#pragma once

#include <functional>
#include <map>
#include <memory>

#include <mcp_mqtt/server_backend.hpp>

#include "face/connected_client_impl.hpp"
#include "face/notice_queue.hpp"
#include "runtime/server_runtime.hpp"

namespace mcp_mqtt::face {

/// The sessions of a ServerBackend. Its functions come as callbacks do: on a worker, one at a time
/// and in order.
class ServerRelay {
 public:
  explicit ServerRelay(std::shared_ptr<ServerBackend> backend) : backend_(std::move(backend)) {}

  /// A client's `initialize`, or a request of a session.
  void on_request(runtime::HandlerRun run, const std::shared_ptr<ServerGate>& gate);
  void on_handshake_dropped(engine::CallNumber initialize) { proposed_.erase(initialize); }
  void on_connected(engine::SessionNumber session, engine::CallNumber initialize,
                    const ConnectedClient& client);
  /// Keeps it for on_told(). False: enough will come already. On the loop.
  bool keep(const engine::ClientTold& told) { return told_.push(told); }
  void on_told();
  void on_gone(engine::SessionNumber session) { sessions_.erase(session); }

 private:
  std::shared_ptr<ServerBackend> backend_;
  NoticeQueue<engine::ClientTold> told_{"notifications of clients"};
  /// By the run that answers the `initialize`.
  std::map<engine::CallNumber, std::unique_ptr<BackendSession>> proposed_;
  std::map<engine::SessionNumber, std::unique_ptr<BackendSession>> sessions_;
};

}  // namespace mcp_mqtt::face
