#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <mcp_mqtt/protocol/logging.hpp>

#include "mcp-mqtt/expose/backends.hpp"

namespace mcp_mqtt::command_line {

/// One child that serves all sessions, and the next one when it ends: shared_child.cpp has its
/// life, shared_requests.cpp keeps apart what clients ask of it. Any thread.
class SharedChild : public std::enable_shared_from_this<SharedChild> {
 public:
  using SessionId = std::uint64_t;

  SharedChild(ChildSetup setup, Children& children, SharedEvents events)
      : setup_(std::move(setup)), children_(children), events_(std::move(events)) {}

  /// After the pause.
  void start(std::chrono::milliseconds pause);

  // What BackendSession does, of one session.
  SessionId begin(PeerRequest initialize);
  void connected(SessionId id, const ConnectedClient& client);
  void on_request(SessionId id, const PeerRequest& request);
  void on_notification(SessionId id, const std::string& method, const Json& params);
  void gone(SessionId id);

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

  std::shared_ptr<ChildPeer> peer();
  /// The child that the session began with; nullptr: it has ended.
  std::shared_ptr<ChildPeer> peer_of(SessionId id);

  /// Clients choose their progress tokens without knowing of each other.
  PeerRequest with_own_token(SessionId id, const PeerRequest& request);
  /// Under the lock, as all that the child tells.
  void on_progress(Json params);
  /// The child logs for the most curious; each client gets what it asked for.
  void set_level(ChildPeer& peer, SessionId id, const PeerRequest& request);
  void forget_level(SessionId id);
  std::optional<LoggingLevel> most_verbose() const;
  void tell_level();
  /// A subscription more does no harm to the child, so its answer is the client's.
  void subscribe(ChildPeer& peer, SessionId id, const PeerRequest& request);
  void forget_subscription(SessionId id, const std::string& uri);
  void unsubscribe(ChildPeer& peer, SessionId id, const PeerRequest& request);
  bool watched(const std::string& uri) const;
  /// Nobody waits for the answer.
  void ask_for_us(const std::string& method, Json params);

  void refuse(const wire::Request& request);
  void on_told(wire::Notification notification);
  static bool hears(const Session& session, const wire::Notification& notification);

  void on_initialized(Result<Json> answer);
  void on_end(const ChildEnd& end);
  void end_sessions(const ChildEnd& end);

  ChildSetup setup_;
  Children& children_;
  SharedEvents events_;
  std::mutex mutex_;
  std::shared_ptr<ChildPeer> peer_;
  Json result_ = nullptr;  ///< Of its `initialize`; null: it is not ready.
  int life_ = 0;
  int short_lives_ = 0;
  std::chrono::steady_clock::time_point ready_at_;
  std::string refusal_;
  std::vector<Waiting> waiting_;
  SessionId last_session_ = 0;
  std::map<SessionId, Session> sessions_;
  std::int64_t last_token_ = 0;
  std::map<std::int64_t, Token> tokens_;
  std::optional<LoggingLevel> level_;  ///< What the child was told.
};

}  // namespace mcp_mqtt::command_line
