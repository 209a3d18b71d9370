#include "face/server_relay.hpp"

#include <string>
#include <utility>

namespace mcp_mqtt::face {

void ServerRelay::on_request(runtime::HandlerRun run, const std::shared_ptr<ServerGate>& gate) {
  engine::RunHandler& action = run.action;
  const engine::CallNumber call = action.call;
  const bool initialize = action.method == "initialize";
  PeerRequest request(std::move(action.method), std::move(action.params), std::move(run.stop),
                      [gate, call](Result<Json> outcome) {
                        gate->pass([&](runtime::ServerRuntime& runtime) {
                          runtime.finish_later(call, std::move(outcome));
                        });
                      });
  if (initialize) {
    // Wanted or not: the news that it is not comes next, and takes it out again.
    proposed_[call] = backend_->begin(action.client, std::move(request));
  } else if (const auto session = sessions_.find(action.session); session != sessions_.end()) {
    session->second->on_request(std::move(request));
  }
}

void ServerRelay::on_connected(engine::SessionNumber session, engine::CallNumber initialize,
                               const ConnectedClient& client) {
  auto proposed = proposed_.extract(initialize);
  if (proposed.empty()) return;
  const auto& backend = sessions_[session] = std::move(proposed.mapped());
  backend->connected(client);
}

void ServerRelay::on_told() {
  const auto told = told_.take();
  if (!told) return;
  const auto session = sessions_.find(told->session);
  if (session != sessions_.end()) session->second->on_notification(told->method, told->params);
}

}  // namespace mcp_mqtt::face
