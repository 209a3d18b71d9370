#include "mcp-mqtt/relay/relay.hpp"

#include <mutex>
#include <optional>
#include <utility>

#include <mcp_mqtt/client.hpp>

#include "mcp-mqtt/relay/host_calls.hpp"
#include "mcp-mqtt/relay/host_dialogue.hpp"
#include "mcp-mqtt/unknown_server.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

class Relay final : public HostDialogue {
 public:
  Relay(RelaySetup setup, std::shared_ptr<HostLink> host)
      : HostDialogue(std::move(host)), setup_(std::move(setup)), calls_(host_, setup_.call) {}

  ~Relay() override {
    stop_client();
    drop_client();
  }

 private:
  // --- From the host

  void on_request(wire::Request request) override {
    const auto session = this->session();
    if (!session && request.method == "ping") {
      host_.answer(request.id, Json::object());
    } else if (!session) {
      host_.answer(request.id, rpc_error(error_code::invalid_request,
                                         request.method + " outside of a session"));
    } else if (request.method == "resources/unsubscribe" &&
               calls_.unsubscribe(text_member(request.params, "uri"))) {
      host_.answer(request.id, Json::object());
    } else {
      calls_.ask(*session, std::move(request));
    }
  }

  void on_notification(wire::Notification notification) override {
    if (notification.method == "notifications/initialized") {
      host_.open();
    } else if (notification.method == "notifications/cancelled") {
      calls_.cancel(notification.params);
    } else if (notification.method == "notifications/roots/list_changed") {
      if (client_) client_->notify_roots_changed();
    } else if (const auto session = this->session()) {
      session->notify(notification.method, std::move(notification.params));
    }
  }

  // --- The session

  std::optional<ClientSession> session() {
    const std::lock_guard lock(mutex_);
    return session_;
  }

  std::unique_ptr<McpClient> make_client(const Json& params) override {
    ClientOptions options = options_of_host(params);
    options.connection = setup_.connection;
    options.client_id = setup_.client_id;
    options.fixed_client_id = !setup_.client_id.empty();
    auto client = std::make_unique<McpClient>(std::move(options));
    client->on_request(
        [this](const ClientSession& session, const PeerRequest& asked) {
          asked_.ask(asked, calls_.only_one(session));
        },
        capabilities_of_host(params));
    client->on_notification(
        [this](const ClientSession& session, const std::string& method, const Json& told) {
          host_.tell(wire::Notification{method, told}, calls_.only_one(session));
        });
    client->on_state([this](const ClientEvent& event) { on_state(event); });
    return client;
  }

  Json open(const Json& params) override {
    OpenOptions options;
    options.initialize_timeout = setup_.handshake;
    options.timeout = setup_.wait + 2 * setup_.handshake;
    options.revision = parse_revision(text_member(params, "protocolVersion"));
    options.reopen = setup_.reopen;
    connect_for_host(*client_, setup_.broker, setup_.broker_name);
    find_server();
    const ClientSession session = client_->open(setup_.server, options);
    const std::lock_guard lock(mutex_);
    session_ = session;
    return initialize_result(session);
  }

  void find_server() {
    try {
      client_->wait_for_server(setup_.server, setup_.wait);
    } catch (const McpError& error) {
      if (error.kind() != ErrorKind::server_gone) throw;
      throw McpError({ErrorKind::server_gone, 0,
                      unknown_server(*client_, setup_.server, setup_.broker_name), nullptr});
    }
  }

  static Json initialize_result(const ClientSession& session) {
    const Revision revision = session.revision();
    Json result{{"protocolVersion", to_string(revision)},
                {"capabilities", session.capabilities().raw},
                {"serverInfo", to_json(session.server_info(), revision)}};
    if (std::string text = session.instructions(); !text.empty()) {
      result["instructions"] = std::move(text);
    }
    return result;
  }

  void on_state(const ClientEvent& event) {
    using Kind = ClientEvent::Kind;
    if (event.reason.kind == ErrorKind::stopped) return;
    if (event.kind == Kind::connection_lost) {
      setup_.note("connection lost: " + event.reason.message);
    } else if (event.kind == Kind::session_suspended) {
      setup_.note(setup_.server + " is away: " + event.reason.message);
    } else if (event.kind == Kind::session_closed || event.kind == Kind::gave_up) {
      host_.end(event.reason);
    } else if (event.kind == Kind::session_reopened) {
      setup_.note(setup_.server + " is back");
      // It may be another instance, with other lists.
      const ServerCapabilities offered = event.session.capabilities();
      if (offered.tools_list_changed) host_.list_changed("tools");
      if (offered.resources_list_changed) host_.list_changed("resources");
      if (offered.prompts_list_changed) host_.list_changed("prompts");
    }
  }

  RelaySetup setup_;
  std::mutex mutex_;
  std::optional<ClientSession> session_;
  HostCalls calls_;
};

}  // namespace

std::unique_ptr<HostSession> make_relay(RelaySetup setup, std::shared_ptr<HostLink> host) {
  if (!setup.note) setup.note = [](const std::string&) {};
  return std::make_unique<Relay>(std::move(setup), std::move(host));
}

}  // namespace mcp_mqtt::command_line
