#include <utility>

#include <mcp_mqtt/server.hpp>

#include "face/server_impl.hpp"

namespace mcp_mqtt {

McpServer::McpServer(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
McpServer::~McpServer() = default;

Result<void> McpServer::change(engine::FeatureList list, const FeatureChange& change) {
  return impl_->change(list, change);
}
void McpServer::tell_resource_updated(const std::string& uri) { impl_->resource_updated(uri); }
void McpServer::tell_log(const LoggingMessage& message) { impl_->log(message); }

// --- Whom it tells

void McpServer::on_client_connected(std::function<void(const ConnectedClient&)> callback) {
  impl_->callbacks.client_connected = std::move(callback);
}
void McpServer::on_client_gone(std::function<void(const ClientInfo&, const Error&)> callback) {
  impl_->callbacks.client_gone = std::move(callback);
}
void McpServer::on_roots_changed(std::function<void(const ConnectedClient&)> callback) {
  impl_->callbacks.roots_changed = std::move(callback);
}
void McpServer::on_task_status(std::function<void(const ConnectedClient&, const Task&)> callback) {
  impl_->callbacks.task_status = std::move(callback);
}
void McpServer::on_subscription(
    std::function<void(const ClientInfo&, const std::string&, bool)> callback) {
  impl_->callbacks.subscription = std::move(callback);
}
void McpServer::on_connection(ConnectionObserver callback) {
  impl_->callbacks.connection = std::move(callback);
}

// --- Its life

void McpServer::start(std::string_view broker_url) { impl_->start(broker_url); }
void McpServer::stop() { impl_->stop(); }
void McpServer::drain(std::chrono::milliseconds timeout) { impl_->drain(timeout); }
void McpServer::reconnect_now() { impl_->reconnect_now(); }
void McpServer::run(std::string_view broker_url) { impl_->run(broker_url); }
bool McpServer::running() const { return impl_->running(); }
std::string McpServer::name() const { return impl_->instance().server_name; }
std::string McpServer::server_id() const { return impl_->instance().server_id; }
std::vector<ConnectedClient> McpServer::clients() const { return impl_->clients(); }
std::optional<ConnectedClient> McpServer::client(std::string_view client_id) const {
  return impl_->client(client_id);
}

}  // namespace mcp_mqtt
