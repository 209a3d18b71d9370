#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include <mcp_mqtt/protocol/logging.hpp>

#include "mcp-mqtt/expose/backends.hpp"
#include "mcp-mqtt/expose/words.hpp"

// One child for all sessions.
namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// So many lives in a row that were shorter than `a_life` are enough.
constexpr int most_short_lives = 5;
constexpr std::chrono::seconds a_life{10};
/// Before the second one; it doubles each time.
constexpr std::chrono::milliseconds first_pause{200};
/// Clients whose `initialize` waits for the child.
constexpr std::size_t most_waiting = 1'000;

/// Whether an update of `uri` concerns who subscribed to `subscribed`: it may be a part of it.
bool concerns(const std::string& subscribed, const std::string& uri) {
  if (!uri.starts_with(subscribed)) return false;
  return uri.size() == subscribed.size() || subscribed.ends_with('/') ||
         uri[subscribed.size()] == '/' || uri[subscribed.size()] == '#' ||
         uri[subscribed.size()] == '?';
}

class SharedChild : public std::enable_shared_from_this<SharedChild> {
 public:
  using SessionId = std::uint64_t;

  SharedChild(ChildSetup setup, Children& children, SharedEvents events)
      : setup_(std::move(setup)), children_(children), events_(std::move(events)) {}

  void start(std::chrono::milliseconds pause) {
    const auto self = shared_from_this();
    auto peer = ChildPeer::make(
        setup_, "shared",
        {[self](const wire::Request& request) { self->refuse(request); },
         [self](wire::Notification notification) { self->on_told(std::move(notification)); },
         [self](const ChildEnd& end) { self->on_end(end); }});
    {
      const std::lock_guard lock(mutex_);
      peer_ = peer;
    }
    peer->ask(
        PeerRequest("initialize", words::initialize_params(), {},
                    [self](Result<Json> answer) { self->on_initialized(std::move(answer)); }));
    peer->run(children_, pause);
  }

  // --- The clients, in the words of BackendSession

  SessionId begin(PeerRequest initialize) {
    const std::lock_guard lock(mutex_);
    const SessionId id = ++last_session_;
    if (!result_.is_null()) {
      sessions_[id].life = life_;
      initialize.answer(result_);
    } else if (waiting_.size() < most_waiting) {
      waiting_.push_back({id, std::move(initialize)});
    } else {
      initialize.answer(rpc_error(error_code::server_busy, "busy: this server is starting"));
    }
    return id;
  }

  void connected(SessionId id, const ConnectedClient& client) {
    const std::lock_guard lock(mutex_);
    const auto session = sessions_.find(id);
    // What it was told of is another life.
    if (session == sessions_.end() || session->second.life != life_) return client.disconnect();
    session->second.client = client;
    session->second.connected = true;
  }

  void on_request(SessionId id, const PeerRequest& request) {
    const auto peer = peer_of(id);
    if (peer == nullptr) {
      request.answer(rpc_error(error_code::internal_error,
                               "the program behind this server ended, and this session with it"));
    } else if (request.method() == "logging/setLevel") {
      set_level(*peer, id, request);
    } else if (request.method() == "resources/subscribe") {
      subscribe(*peer, id, request);
    } else if (request.method() == "resources/unsubscribe") {
      unsubscribe(*peer, id, request);
    } else if (request.method().starts_with("tasks/")) {
      request.answer(rpc_error(error_code::method_not_found, "a shared server offers no tasks"));
    } else {
      peer->ask(with_own_token(id, request));
    }
  }

  void on_notification(SessionId id, const std::string& method, const Json& params) {
    const auto peer = peer_of(id);
    // The child was told of no roots.
    if (peer != nullptr && method != "notifications/roots/list_changed") peer->tell(method, params);
  }

  void gone(SessionId id) {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [&](const Waiting& one) { return one.session == id; });
    const auto session = sessions_.extract(id);
    std::erase_if(tokens_, [&](const auto& token) { return token.second.session == id; });
    if (session.empty() || session.mapped().life != life_) return;
    for (const std::string& uri : session.mapped().uris) {
      if (!watched(uri)) ask_for_us("resources/unsubscribe", {{"uri", uri}});
    }
    if (session.mapped().level) tell_level();
  }

 private:
  struct Session {
    int life = 0;  ///< Of the child, that it began in.
    bool connected = false;
    ConnectedClient client = {};
    std::optional<LoggingLevel> level = {};
    std::set<std::string> uris = {};
  };
  struct Waiting {
    SessionId session;
    PeerRequest initialize;
  };
  struct Token {
    SessionId session;
    Json of_client;
  };

  std::shared_ptr<ChildPeer> peer() {
    const std::lock_guard lock(mutex_);
    return peer_;
  }
  /// The child that the session began with; nullptr: it has ended.
  std::shared_ptr<ChildPeer> peer_of(SessionId id) {
    const std::lock_guard lock(mutex_);
    const auto session = sessions_.find(id);
    return session != sessions_.end() && session->second.life == life_ ? peer_ : nullptr;
  }

  // --- What needs to be kept apart

  /// Clients choose their progress tokens without knowing of each other.
  PeerRequest with_own_token(SessionId id, const PeerRequest& request) {
    Json params = request.params();
    Json of_client = words::take_progress_token(params);
    if (of_client.is_null()) return request;
    std::int64_t own = 0;
    {
      const std::lock_guard lock(mutex_);
      own = ++last_token_;
      tokens_.emplace(own, Token{id, std::move(of_client)});
    }
    params["_meta"]["progressToken"] = own;
    return {request.method(), std::move(params), request.stop_token(),
            [self = shared_from_this(), request, own](Result<Json> answer) {
              {
                const std::lock_guard lock(self->mutex_);
                self->tokens_.erase(own);
              }
              request.answer(std::move(answer));
            }};
  }

  /// Under the lock, as all that the child tells.
  void on_progress(Json params) {
    const auto own = params.find("progressToken");
    if (own == params.end() || !own->is_number_integer()) return;
    const auto token = tokens_.find(own->get<std::int64_t>());
    if (token == tokens_.end()) return;
    const auto session = sessions_.find(token->second.session);
    if (session == sessions_.end() || !session->second.connected) return;
    params["progressToken"] = token->second.of_client;
    session->second.client.notify("notifications/progress", std::move(params));
  }

  /// The child logs for the most curious; each client gets what it asked for.
  void set_level(ChildPeer& peer, SessionId id, const PeerRequest& request) {
    const auto level = parse_logging_level(words::text_member(request.params(), "level"));
    if (!level) return peer.ask(request);
    LoggingLevel least{};
    {
      const std::lock_guard lock(mutex_);
      sessions_[id].level = level;
      least = *most_verbose();
      if (level_ == least) return request.answer(Json::object());
      level_ = least;
    }
    peer.ask(PeerRequest("logging/setLevel", {{"level", to_string(least)}}, {},
                         [self = shared_from_this(), id, request](Result<Json> answer) {
                           if (!answer) self->forget_level(id);
                           request.answer(std::move(answer));
                         }));
  }

  void forget_level(SessionId id) {
    const std::lock_guard lock(mutex_);
    level_.reset();
    if (const auto session = sessions_.find(id); session != sessions_.end()) {
      session->second.level.reset();
    }
  }

  std::optional<LoggingLevel> most_verbose() const {
    std::optional<LoggingLevel> least;
    for (const auto& [id, session] : sessions_) {
      if (session.level && (!least || *session.level < *least)) least = session.level;
    }
    return least;
  }

  void tell_level() {
    const auto level = most_verbose();
    if (level == level_) return;
    // Nobody has a wish any more: as it is for those who never said one.
    level_ = level;
    ask_for_us("logging/setLevel", {{"level", to_string(level.value_or(LoggingLevel::info))}});
  }

  /// A subscription more does no harm to the child, so its answer is the client's.
  void subscribe(ChildPeer& peer, SessionId id, const PeerRequest& request) {
    const std::string uri = words::text_member(request.params(), "uri");
    {
      const std::lock_guard lock(mutex_);
      const auto session = sessions_.find(id);
      // At once: an update may come before the answer.
      if (session != sessions_.end()) session->second.uris.insert(uri);
    }
    peer.ask(PeerRequest(request.method(), request.params(), request.stop_token(),
                         [self = shared_from_this(), id, uri, request](Result<Json> answer) {
                           if (!answer) self->forget_subscription(id, uri);
                           request.answer(std::move(answer));
                         }));
  }

  void forget_subscription(SessionId id, const std::string& uri) {
    const std::lock_guard lock(mutex_);
    const auto session = sessions_.find(id);
    if (session != sessions_.end()) session->second.uris.erase(uri);
  }

  void unsubscribe(ChildPeer& peer, SessionId id, const PeerRequest& request) {
    const std::string uri = words::text_member(request.params(), "uri");
    forget_subscription(id, uri);
    {
      const std::lock_guard lock(mutex_);
      if (watched(uri)) return request.answer(Json::object());
    }
    peer.ask(request);
  }

  bool watched(const std::string& uri) const {
    return std::any_of(sessions_.begin(), sessions_.end(),
                       [&](const auto& one) { return one.second.uris.contains(uri); });
  }

  /// Nobody waits for the answer.
  void ask_for_us(const std::string& method, Json params) {
    peer_->ask(PeerRequest(method, std::move(params), {}, {}));
  }

  // --- From the child

  void refuse(const wire::Request& request) {
    if (request.method == "ping") return peer()->answer(request.id, Json::object());
    peer()->answer(request.id, rpc_error(error_code::method_not_found,
                                         "this client can do nothing of that kind"));
  }

  void on_told(wire::Notification notification) {
    const std::lock_guard lock(mutex_);
    if (notification.method == "notifications/progress") {
      return on_progress(std::move(notification.params));
    }
    if (notification.method == "notifications/cancelled") return;  // it was refused
    for (const auto& [id, session] : sessions_) {
      if (!session.connected || !hears(session, notification)) continue;
      session.client.notify(notification.method, notification.params);
      // It goes out on the capability topic, where all clients read it.
      if (notification.method.ends_with("/list_changed")) break;
    }
  }

  bool hears(const Session& session, const wire::Notification& notification) const {
    if (notification.method == "notifications/message") {
      const auto level = parse_logging_level(words::text_member(notification.params, "level"));
      return !level || *level >= session.level.value_or(LoggingLevel::info);
    }
    if (notification.method != "notifications/resources/updated") return true;
    const std::string uri = words::text_member(notification.params, "uri");
    return std::any_of(session.uris.begin(), session.uris.end(),
                       [&](const std::string& one) { return concerns(one, uri); });
  }

  // --- Its life

  void on_initialized(Result<Json> answer) {
    if (const std::string refusal = words::refusal_of(answer); !refusal.empty()) {
      const std::lock_guard lock(mutex_);
      if (peer_->ended()) return;  // which is told next, with the reason
      refusal_ = refusal;
      peer_->end();
      return;
    }
    peer()->ready();
    peer()->tell("notifications/initialized");
    if (const auto capabilities = answer->find("capabilities");
        capabilities != answer->end() && capabilities->is_object()) {
      capabilities->erase("tasks");
    }
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = life_++ == 0;
      ready_at_ = Clock::now();
      result_ = *answer;
      for (const Waiting& one : std::exchange(waiting_, {})) {
        sessions_[one.session].life = life_;
        one.initialize.answer(result_);
      }
    }
    if (first && events_.on_ready) events_.on_ready(*answer);
  }

  void on_end(const ChildEnd& end) {
    std::optional<Failure> given_up;
    std::chrono::milliseconds pause{0};
    {
      const std::lock_guard lock(mutex_);
      const bool served = !std::exchange(result_, nullptr).is_null();
      end_sessions(end);
      if (end.asked && refusal_.empty()) return;  // all is over
      const Failure why =
          words::failure_of(setup_.command, end, std::exchange(refusal_, std::string()), served);
      const bool long_life = served && Clock::now() - ready_at_ >= a_life;
      short_lives_ = long_life ? 1 : short_lives_ + 1;
      if (life_ == 0) {
        given_up = why;
      } else if (short_lives_ >= most_short_lives) {
        given_up = Failure(why.code(), std::string(why.what()) + ": it is given up, since it was " +
                                           "started " + std::to_string(short_lives_) +
                                           " times in a row and did not last");
      } else {
        pause = first_pause * (1U << static_cast<unsigned>(short_lives_ - 1));
        setup_.log("shared: is started again in " + std::to_string(pause.count()) + " ms");
      }
      if (given_up) {
        for (const Waiting& one : std::exchange(waiting_, {})) {
          one.initialize.answer(rpc_error(error_code::internal_error, given_up->what()));
        }
      }
    }
    if (!given_up) {
      start(pause);
    } else if (events_.on_failed) {
      events_.on_failed(*given_up);
    }
  }

  void end_sessions(const ChildEnd& end) {
    tokens_.clear();
    level_.reset();
    for (auto& [id, session] : sessions_) {
      session.uris.clear();
      if (!std::exchange(session.connected, false) || end.asked) continue;
      session.client.notify("notifications/message", words::end_message(end));
      session.client.disconnect();
    }
    // Those that are shaking hands were told of this life, too.
    if (life_ > 0) ++life_;
  }

  ChildSetup setup_;
  Children& children_;
  SharedEvents events_;
  std::mutex mutex_;
  std::shared_ptr<ChildPeer> peer_;
  Json result_ = nullptr;  ///< Of its `initialize`; null: it is not ready.
  int life_ = 0;
  int short_lives_ = 0;
  Clock::time_point ready_at_;
  std::string refusal_;
  std::vector<Waiting> waiting_;
  SessionId last_session_ = 0;
  std::map<SessionId, Session> sessions_;
  std::int64_t last_token_ = 0;
  std::map<std::int64_t, Token> tokens_;
  std::optional<LoggingLevel> level_;  ///< What the child was told.
};

class SessionOfShared final : public BackendSession {
 public:
  SessionOfShared(std::shared_ptr<SharedChild> child, PeerRequest initialize)
      : child_(std::move(child)), id_(child_->begin(std::move(initialize))) {}
  ~SessionOfShared() override { child_->gone(id_); }

  void connected(const ConnectedClient& client) override { child_->connected(id_, client); }
  void on_request(PeerRequest request) override { child_->on_request(id_, request); }
  void on_notification(const std::string& method, const Json& params) override {
    child_->on_notification(id_, method, params);
  }

 private:
  std::shared_ptr<SharedChild> child_;
  SharedChild::SessionId id_;
};

class SharedBackend final : public ServerBackend {
 public:
  explicit SharedBackend(std::shared_ptr<SharedChild> child) : child_(std::move(child)) {}

  std::unique_ptr<BackendSession> begin(const ClientInfo& /*client*/,
                                        PeerRequest request) override {
    return std::make_unique<SessionOfShared>(child_, std::move(request));
  }

 private:
  std::shared_ptr<SharedChild> child_;
};

}  // namespace

std::shared_ptr<ServerBackend> start_shared_backend(ChildSetup setup, Children& children,
                                                    SharedEvents events) {
  auto child = std::make_shared<SharedChild>(std::move(setup), children, std::move(events));
  child->start(0ms);
  return std::make_shared<SharedBackend>(std::move(child));
}

}  // namespace mcp_mqtt::command_line
