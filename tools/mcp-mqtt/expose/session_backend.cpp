#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "mcp-mqtt/expose/backends.hpp"
#include "mcp-mqtt/expose/words.hpp"

// One child for each session.
namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// What a child says before its client has said that it is ready.
constexpr std::size_t most_early = 100;

/// Between a child and its client. The child's events hold it until the child has ended.
class ChildSession : public std::enable_shared_from_this<ChildSession> {
 public:
  void start(Children& children, const ChildSetup& setup, const ClientInfo& client,
             const PeerRequest& initialize) {
    const auto self = shared_from_this();
    peer_ = ChildPeer::make(
        setup, words::label_of(client),
        {[self](wire::Request request) { self->from_child(std::move(request)); },
         [self](wire::Notification notification) { self->from_child(std::move(notification)); },
         [self](const ChildEnd& end) { self->on_end(end); }});
    peer_->ask(PeerRequest("initialize", initialize.params(), initialize.stop_token(),
                           [self, initialize](Result<Json> answer) {
                             if (answer) self->on_initialized(*answer);
                             initialize.answer(std::move(answer));
                           }));
    peer_->run(children);
  }

  // --- The client

  void connected(const ConnectedClient& client) {
    peer_->tell("notifications/initialized");
    client_ = client;
    while (true) {
      std::vector<Early> early;
      {
        const std::lock_guard lock(mutex_);
        early.swap(early_);
        ready_ = early.empty();
        if (ready_) break;
      }
      for (Early& one : early) {
        std::visit([&](auto& message) { pass_on(std::move(message)); }, one);
      }
    }
    end_with_child();
  }

  void on_request(PeerRequest request) { peer_->ask(std::move(request)); }
  void on_notification(const std::string& method, const Json& params) {
    peer_->tell(method, params);
  }
  void gone() { peer_->end(); }

 private:
  using Early = std::variant<wire::Request, wire::Notification>;

  // --- The child

  void on_initialized(const Json& result) {
    peer_->ready();
    logs_ = result.contains("capabilities") && result["capabilities"].is_object() &&
            result["capabilities"].contains("logging");
  }

  template <class Message>
  void from_child(Message message) {
    {
      const std::lock_guard lock(mutex_);
      if (!ready_) {
        if (early_.size() < most_early) early_.emplace_back(std::move(message));
        return;
      }
    }
    pass_on(std::move(message));
  }

  void pass_on(wire::Request request) {
    const RequestId id = request.id;
    {
      const std::lock_guard lock(mutex_);
      if (!asked_.emplace(id, PendingCall()).second) {
        peer_->answer(id, rpc_error(error_code::invalid_request, "this id is in use already"));
        return;
      }
    }
    CallOptions options;
    // The child has timeouts of its own, and cancels.
    options.timeout = 1h;
    options.reset_timeout_on_progress = true;
    options.total_timeout = 24h;
    const auto self = shared_from_this();
    if (Json token = take_progress_token(request.params); !token.is_null()) {
      options.on_progress = [self, token = std::move(token)](const Progress& progress) {
        self->peer_->tell("notifications/progress", progress_params(token, progress));
      };
    }
    PendingCall pending = client_.async_request(
        request.method, std::move(request.params), options,
        [self, id](Result<Json> answer) { self->on_answer(id, std::move(answer)); });
    const std::lock_guard lock(mutex_);
    if (const auto found = asked_.find(id); found != asked_.end()) {
      found->second = std::move(pending);
    }
  }

  void on_answer(const RequestId& id, Result<Json> answer) {
    {
      const std::lock_guard lock(mutex_);
      if (asked_.erase(id) == 0) return;  // cancelled
    }
    peer_->answer(id, std::move(answer));
  }

  void pass_on(wire::Notification notification) {
    if (notification.method != "notifications/cancelled") {
      client_.notify(notification.method, std::move(notification.params));
      return;
    }
    const auto id = cancelled_id(notification.params);
    if (!id) return;
    PendingCall cancelled;
    {
      const std::lock_guard lock(mutex_);
      const auto found = asked_.extract(*id);
      if (found.empty()) return;
      cancelled = std::move(found.mapped());
    }
    cancelled.cancel(text_member(notification.params, "reason"));
  }

  void on_end(const ChildEnd& end) {
    peer_->log(end.text);
    {
      const std::lock_guard lock(mutex_);
      ended_ = end;
    }
    end_with_child();
  }

  /// Ends the session where both it and the end of its child are known.
  void end_with_child() {
    {
      const std::lock_guard lock(mutex_);
      if (!ready_ || !ended_ || ended_->asked) return;
    }
    if (logs_) client_.notify("notifications/message", words::end_message(*ended_));
    client_.disconnect();
  }

  std::shared_ptr<ChildPeer> peer_;
  std::mutex mutex_;
  ConnectedClient client_;  ///< Set before `ready_`.
  bool ready_ = false;      ///< What the child says goes on to the client.
  bool logs_ = false;
  std::optional<ChildEnd> ended_;
  std::vector<Early> early_;
  std::map<RequestId, PendingCall> asked_;
};

class SessionOfChild final : public BackendSession {
 public:
  explicit SessionOfChild(std::shared_ptr<ChildSession> session) : session_(std::move(session)) {}
  ~SessionOfChild() override { session_->gone(); }

  void connected(const ConnectedClient& client) override { session_->connected(client); }
  void on_request(PeerRequest request) override { session_->on_request(std::move(request)); }
  void on_notification(const std::string& method, const Json& params) override {
    session_->on_notification(method, params);
  }

 private:
  std::shared_ptr<ChildSession> session_;
};

/// Of a client that was refused: it comes to no session.
class NoSession final : public BackendSession {
 public:
  void connected(const ConnectedClient& client) override { client.disconnect(); }
  void on_request(PeerRequest request) override {
    request.answer(rpc_error(error_code::internal_error, "there is no session"));
  }
  void on_notification(const std::string& /*method*/, const Json& /*params*/) override {}
};

class SessionBackend final : public ServerBackend {
 public:
  SessionBackend(ChildSetup setup, Children& children, std::size_t most)
      : setup_(std::move(setup)), children_(children), most_(most) {}

  std::unique_ptr<BackendSession> begin(const ClientInfo& client, PeerRequest request) override {
    if (children_.running() >= most_) {
      const std::string why =
          "this server has all the sessions it takes (" + std::to_string(most_) + ")";
      if (rate_.admit(std::chrono::steady_clock::now())) {
        setup_.log(words::label_of(client) + ": refused: " + why + ", see --max-sessions");
      }
      request.answer(rpc_error(error_code::server_busy, "busy: " + why));
      return std::make_unique<NoSession>();
    }
    auto session = std::make_shared<ChildSession>();
    session->start(children_, setup_, client, request);
    return std::make_unique<SessionOfChild>(std::move(session));
  }

 private:
  ChildSetup setup_;
  Children& children_;
  std::size_t most_;
  LineRate rate_;
};

}  // namespace

std::shared_ptr<ServerBackend> make_session_backend(ChildSetup setup, Children& children,
                                                    std::size_t most) {
  return std::make_shared<SessionBackend>(std::move(setup), children, most);
}

}  // namespace mcp_mqtt::command_line
