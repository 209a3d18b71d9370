#include "mcp-mqtt/relay/relay.hpp"

#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <mcp_mqtt/client.hpp>

#include "mcp-mqtt/relay/host_requests.hpp"
#include "mcp-mqtt/relay/rpc_error.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// What servers say before the host has said that it is ready.
constexpr std::size_t most_held = 1'000;

Error no_session(const std::string& method) {
  return rpc_error(error_code::invalid_request, method + " outside of a session");
}

std::string text_member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Takes `_meta.progressToken` out of the params; null where there is none. The library sets its
/// own.
Json take_progress_token(Json& params) {
  const auto meta = params.find("_meta");
  if (meta == params.end() || !meta->is_object()) return nullptr;
  Json token = nullptr;
  if (const auto found = meta->find("progressToken"); found != meta->end()) {
    token = std::move(*found);
    meta->erase("progressToken");
  }
  if (meta->empty()) params.erase("_meta");
  return token.is_string() || token.is_number_integer() ? token : Json(nullptr);
}

Json progress_params(const Json& token, const Progress& progress) {
  Json params{{"progressToken", token}, {"progress", progress.progress}};
  if (progress.total) params["total"] = *progress.total;
  if (!progress.message.empty()) params["message"] = progress.message;
  return params;
}

class Relay final : public HostSession {
 public:
  Relay(RelaySetup setup, std::shared_ptr<HostLink> host)
      : setup_(std::move(setup)),
        host_(std::move(host)),
        asked_([this](wire::RpcMessage message, const std::optional<RequestId>& related) {
          tell_host(std::move(message), related);
        }) {}

  ~Relay() override {
    if (client_) client_->stop();
    if (opener_.joinable()) opener_.join();
    // Callbacks use what stands below.
    subscriptions_.clear();
    client_.reset();
  }

  void on_message(wire::RpcMessage message) override {
    if (auto* request = std::get_if<wire::Request>(&message)) {
      on_request(std::move(*request));
    } else if (auto* notification = std::get_if<wire::Notification>(&message)) {
      on_notification(std::move(*notification));
    } else if (auto* response = std::get_if<wire::Response>(&message)) {
      asked_.answer(response->id, std::move(response->result));
    } else if (auto& error = std::get<wire::ErrorResponse>(message); error.id) {
      asked_.answer(*error.id, std::move(error.error));
    }
  }

 private:
  // --- From the host

  void on_request(wire::Request request) {
    if (request.method == "initialize") {
      initialize(std::move(request));
      return;
    }
    const ClientSession session = this->session();
    {
      const std::lock_guard lock(mutex_);
      if (!session_ || calls_.contains(request.id)) {
        host_->send(
            wire::ErrorResponse{request.id, session_ ? rpc_error(error_code::invalid_request,
                                                                 "this id is in use already")
                                                     : no_session(request.method)},
            std::nullopt);
        return;
      }
      calls_.emplace(request.id, PendingCall());
    }
    PendingCall pending = call(session, request);
    const std::lock_guard lock(mutex_);
    if (const auto found = calls_.find(request.id); found != calls_.end()) {
      found->second = std::move(pending);
    }
  }

  PendingCall call(const ClientSession& session, wire::Request& request) {
    const RequestId& id = request.id;
    CallOptions options;
    options.timeout = setup_.call;
    options.reset_timeout_on_progress = true;
    options.total_timeout = 24h;
    if (request.method == "resources/subscribe") return subscribe(session, request, options);
    if (request.method == "resources/unsubscribe" &&
        unsubscribe(text_member(request.params, "uri"))) {
      answer(id, Json::object());
      return {};
    }
    if (request.method == "logging/setLevel") {
      if (const auto level = parse_logging_level(text_member(request.params, "level"))) {
        return session.async_set_logging_level(*level, options, [this, id](Result<void> outcome) {
          answer(id, outcome ? Result<Json>(Json::object()) : outcome.error());
        });
      }
    }
    if (const Json token = take_progress_token(request.params); !token.is_null()) {
      options.on_progress = [this, id, token](const Progress& progress) {
        tell_host(wire::Notification{"notifications/progress", progress_params(token, progress)},
                  id);
      };
    }
    return session.async_request(
        request.method, std::move(request.params), options,
        [this, id](Result<Json> outcome) { answer(id, std::move(outcome)); });
  }

  /// The library keeps the subscription, so that it survives the session.
  PendingCall subscribe(const ClientSession& session, const wire::Request& request,
                        const CallOptions& options) {
    const std::string uri = text_member(request.params, "uri");
    return session.async_subscribe(
        uri,
        [this](const ResourceUpdated& updated) {
          tell_host(wire::Notification{"notifications/resources/updated", {{"uri", updated.uri}}});
        },
        options,
        [this, id = request.id, uri](Result<ResourceSubscription> subscribed) {
          if (!subscribed) return answer(id, subscribed.error());
          ResourceSubscription replaced;
          {
            const std::lock_guard lock(mutex_);
            replaced = std::exchange(subscriptions_[uri], *std::move(subscribed));
          }
          answer(id, Json::object());
        });
  }

  /// False: the host has no such subscription.
  bool unsubscribe(const std::string& uri) {
    // It ends outside the lock: that waits for a callback, which takes the lock.
    decltype(subscriptions_)::node_type ended;
    const std::lock_guard lock(mutex_);
    ended = subscriptions_.extract(uri);
    return !ended.empty();
  }

  void on_notification(wire::Notification notification) {
    if (notification.method == "notifications/initialized") {
      release_held();
    } else if (notification.method == "notifications/cancelled") {
      cancel(notification.params);
    } else if (notification.method == "notifications/roots/list_changed") {
      if (client_) client_->notify_roots_changed();
    } else {
      session().notify(notification.method, std::move(notification.params));
    }
  }

  void cancel(const Json& params) {
    const auto given = params.find("requestId");
    if (given == params.end()) return;
    RequestId id;
    if (given->is_string()) {
      id = given->get<std::string>();
    } else if (given->is_number_integer()) {
      id = given->get<std::int64_t>();
    } else {
      return;
    }
    PendingCall pending;
    {
      const std::lock_guard lock(mutex_);
      const auto found = calls_.extract(id);
      if (found.empty()) return;
      pending = std::move(found.mapped());
    }
    pending.cancel(text_member(params, "reason"));
  }

  // --- To the host

  void answer(const RequestId& id, Result<Json> outcome) {
    const std::lock_guard lock(mutex_);
    if (calls_.erase(id) == 0) return;  // cancelled
    if (outcome) {
      host_->send(wire::Response{id, *std::move(outcome)}, std::nullopt);
    } else {
      host_->send(wire::ErrorResponse{id, as_rpc_error(std::move(outcome).error())}, std::nullopt);
    }
  }

  void tell_host(wire::RpcMessage message, std::optional<RequestId> related = {}) {
    const std::lock_guard lock(mutex_);
    // MQTT does not tell which request a message belongs to; a single one is most likely meant.
    if (!related && calls_.size() == 1) related = calls_.begin()->first;
    if (host_ready_) {
      host_->send(std::move(message), related);
    } else if (held_.size() < most_held) {
      held_.push_back(std::move(message));
    }
  }

  void release_held() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(host_ready_, true)) return;
    for (wire::RpcMessage& message : std::exchange(held_, {})) {
      host_->send(std::move(message), std::nullopt);
    }
  }

  void end(const Error& reason) {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(ended_, true)) return;
    }
    host_->ended(reason);
  }

  // --- The session

  ClientSession session() {
    const std::lock_guard lock(mutex_);
    return session_.value_or(ClientSession());
  }

  void initialize(wire::Request request) {
    if (client_) {
      host_->send(wire::ErrorResponse{request.id, rpc_error(error_code::invalid_request,
                                                            "the session is initialized already")},
                  std::nullopt);
      return;
    }
    try {
      make_client(request.params);
    } catch (const McpError& error) {
      refuse(request.id, error.error());
      return;
    }
    opener_ = std::thread([this, request = std::move(request)] { open(request); });
  }

  void refuse(const RequestId& id, const Error& error) {
    host_->send(wire::ErrorResponse{id, as_rpc_error(error)}, std::nullopt);
    end(error);
  }

  void make_client(const Json& params) {
    const auto info = params.find("clientInfo");
    const Implementation host =
        info == params.end() ? Implementation() : implementation_from_json(*info);
    ClientOptions options{.name = host.name.empty() ? "mcp-mqtt" : host.name,
                          .version = host.version,
                          .title = host.title,
                          .description = host.description,
                          .website_url = host.website_url,
                          .icons = host.icons};
    options.connection = setup_.connection;
    options.worker_threads = 2;
    options.stop_timeout = 2s;
    client_ = std::make_unique<McpClient>(std::move(options));
    const auto capabilities = params.find("capabilities");
    client_->on_request(
        [this](const ClientSession&, const PeerRequest& asked) { asked_.ask(asked, {}); },
        capabilities == params.end() || !capabilities->is_object() ? Json::object()
                                                                   : *capabilities);
    client_->on_notification(
        [this](const ClientSession&, const std::string& method, const Json& told) {
          tell_host(wire::Notification{method, told});
        });
    client_->on_state([this](const ClientEvent& event) { on_state(event); });
  }

  void open(const wire::Request& request) {
    OpenOptions options;
    options.initialize_timeout = setup_.handshake;
    options.timeout = setup_.wait + 2 * setup_.handshake;
    options.revision = parse_revision(text_member(request.params, "protocolVersion"));
    options.reopen = setup_.reopen;
    try {
      client_->connect(setup_.broker);
      client_->wait_for_server(setup_.server, setup_.wait);
      const ClientSession session = client_->open(setup_.server, options);
      const std::lock_guard lock(mutex_);
      session_ = session;
      host_->send(wire::Response{request.id, initialize_result(session)}, std::nullopt);
    } catch (const McpError& error) {
      refuse(request.id, error.error());
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
    if (event.kind == Kind::session_closed || event.kind == Kind::gave_up) {
      end(event.reason);
    } else if (event.kind == Kind::session_reopened) {
      // It may be another instance, with other lists.
      const ServerCapabilities offered = event.session.capabilities();
      if (offered.tools_list_changed) list_changed("tools");
      if (offered.resources_list_changed) list_changed("resources");
      if (offered.prompts_list_changed) list_changed("prompts");
    }
  }

  void list_changed(const std::string& list) {
    tell_host(wire::Notification{"notifications/" + list + "/list_changed"});
  }

  RelaySetup setup_;
  std::shared_ptr<HostLink> host_;
  std::mutex mutex_;
  std::map<RequestId, PendingCall> calls_;
  std::vector<wire::RpcMessage> held_;
  bool host_ready_ = false;
  bool ended_ = false;
  std::optional<ClientSession> session_;
  HostRequests asked_;
  std::unique_ptr<McpClient> client_;
  std::map<std::string, ResourceSubscription> subscriptions_;
  std::thread opener_;
};

}  // namespace

std::unique_ptr<HostSession> make_relay(RelaySetup setup, std::shared_ptr<HostLink> host) {
  return std::make_unique<Relay>(std::move(setup), std::move(host));
}

}  // namespace mcp_mqtt::command_line
