#include <utility>

#include <mcp_mqtt/client.hpp>

#include "face/client_impl.hpp"

namespace mcp_mqtt {
namespace {

face::NoticeCallback<engine::ListChanged>::Callback session_only(
    std::function<void(ClientSession)> callback) {
  if (!callback) return {};
  return [callback = std::move(callback)](ClientSession session, const engine::ListChanged&) {
    callback(std::move(session));
  };
}

}  // namespace

McpClient::McpClient(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
McpClient::~McpClient() = default;

void McpClient::on_server_discovered(std::function<void(const ServerInstance&)> callback) {
  impl_->discovered_callback_ = std::move(callback);
}
void McpClient::on_server_changed(std::function<void(const ServerInstance&)> callback) {
  impl_->changed_callback_ = std::move(callback);
}
void McpClient::on_server_gone(std::function<void(const ServerInstance&)> callback) {
  impl_->gone_callback_ = std::move(callback);
}
void McpClient::on_connected(std::function<void(ClientSession)> callback) {
  impl_->connected_callback_ = std::move(callback);
}
void McpClient::on_disconnected(std::function<void(ClientSession, const Error&)> callback) {
  impl_->disconnected_callback_ = std::move(callback);
}
void McpClient::on_connection(ConnectionObserver callback) {
  impl_->connection_observer_ = std::move(callback);
}

void McpClient::on_state(std::function<void(const ClientEvent&)> callback) {
  impl_->state_callback_ = std::move(callback);
}

void McpClient::on_log(std::function<void(ClientSession, const LoggingMessage&)> callback) {
  impl_->notices_.log.set(std::move(callback));
}
void McpClient::on_tools_changed(std::function<void(ClientSession)> callback) {
  impl_->notices_.tools.set(session_only(std::move(callback)));
}
void McpClient::on_resources_changed(std::function<void(ClientSession)> callback) {
  impl_->notices_.resources.set(session_only(std::move(callback)));
}
void McpClient::on_prompts_changed(std::function<void(ClientSession)> callback) {
  impl_->notices_.prompts.set(session_only(std::move(callback)));
}
void McpClient::on_task_status(std::function<void(ClientSession, const Task&)> callback) {
  impl_->notices_.tasks.set(std::move(callback));
}
void McpClient::on_elicitation_complete(
    std::function<void(ClientSession, const std::string&)> callback) {
  if (!callback) return impl_->notices_.elicitations.set({});
  impl_->notices_.elicitations.set(
      [callback = std::move(callback)](ClientSession session,
                                       const engine::ElicitationComplete& complete) {
        callback(std::move(session), complete.elicitation_id);
      });
}

void McpClient::set_roots(std::vector<Root> roots) { impl_->set_roots(std::move(roots)); }
void McpClient::on_list_roots(std::function<std::vector<Root>(ClientRequestContext&)> handler) {
  impl_->handlers_.on_list_roots(std::move(handler));
}
void McpClient::notify_roots_changed() { impl_->notify_roots_changed(); }
void McpClient::on_sampling(
    std::function<CreateMessageResult(const CreateMessageRequest&, ClientRequestContext&)> handler,
    const SamplingOptions& options) {
  impl_->handlers_.on_sampling(std::move(handler), options);
}
void McpClient::on_elicitation(
    std::function<ElicitResult(const ElicitRequest&, ClientRequestContext&)> handler,
    const ElicitationOptions& options) {
  impl_->handlers_.on_elicitation(std::move(handler), options);
}

void McpClient::on_request(std::function<void(ClientSession, PeerRequest)> handler,
                           Json capabilities) {
  face::require(capabilities.is_object(), "the capabilities of a client must be a JSON object");
  impl_->handlers_.on_request(std::move(handler), std::move(capabilities));
}
void McpClient::on_notification(
    std::function<void(ClientSession, const std::string&, const Json&)> callback) {
  if (!callback) return impl_->notices_.unread.set({});
  impl_->notices_.unread.set(
      [callback = std::move(callback)](ClientSession session, const engine::UnreadNotice& notice) {
        callback(std::move(session), notice.method, notice.params);
      });
}

void McpClient::connect(std::string_view broker_url) { impl_->connect(broker_url); }
void McpClient::stop() { impl_->stop(); }
void McpClient::reconnect_now() { impl_->reconnect_now(); }

std::vector<ServerInstance> McpClient::discover(const std::string& server_name_filter,
                                                std::chrono::milliseconds settle) {
  return impl_->discover(server_name_filter, settle);
}
std::vector<ServerInstance> McpClient::servers(const std::string& server_name_filter) const {
  return impl_->servers(server_name_filter);
}
bool McpClient::discovery_cut_short() const {
  return impl_->ask<bool>(
      [](const engine::ClientEngine& engine) { return engine.discovery().cut_short(); });
}
ServerInstance McpClient::wait_for_server(const std::string& server_name_filter,
                                          std::chrono::milliseconds timeout) {
  return impl_->wait_for_server(server_name_filter, timeout);
}

ClientSession McpClient::open(const std::string& server_name_or_filter,
                              const OpenOptions& options) {
  const auto gate = impl_->require_gate();
  return face::wait<ClientSession>(*gate, [&](auto done) {
    impl_->open(server_name_or_filter, options, gate, std::move(done));
  });
}

PendingCall McpClient::async_open(const std::string& server_name_or_filter,
                                  const OpenOptions& options,
                                  std::function<void(Result<ClientSession>)> done) {
  const auto gate = impl_->current_gate();
  if (!gate) {
    done(Impl::not_connected());
    return {};
  }
  return impl_->open(server_name_or_filter, options, gate,
                     face::on_worker<ClientSession>(gate, std::move(done)));
}

std::vector<ClientSession> McpClient::sessions() const { return impl_->sessions(); }

std::string McpClient::client_id() const {
  if (!impl_->current_gate()) return impl_->options_.client_id;
  return impl_->ask<std::string>(
      [](const engine::ClientEngine& engine) { return engine.client_id(0); });
}

std::optional<std::vector<std::string>> McpClient::granted_filters() const {
  return impl_->ask<std::optional<std::vector<std::string>>>(
      [](const engine::ClientEngine& engine) { return engine.discovery().granted_filters(); });
}

std::optional<std::vector<RoleGrant>> McpClient::roles() const {
  return impl_->ask<std::optional<std::vector<RoleGrant>>>(
      [](const engine::ClientEngine& engine) { return engine.discovery().roles(); });
}

}  // namespace mcp_mqtt
