#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include <mcp_mqtt/selection.hpp>
#include <mcp_mqtt/session_state.hpp>

#include "engine/client_actions.hpp"
#include "engine/clock.hpp"

// What the client engine keeps of a session while it is not open: how it is asked for, how far its
// opening has come, and what it takes to open it again.
namespace mcp_mqtt::engine {

/// Asks for a session with an instance of a service.
struct OpenRequest {
  CallToken call = 0;  // 0: nobody waits, the engine opens it by itself
  std::string server_name_filter;
  std::optional<std::string> server_id;  // this instance only
  SelectionPolicy select;
  Duration timeout{};
  Duration initialize_timeout{};
  Revision revision = latest_revision;
  Reopen reopen = Reopen::never;
  /// How long it may take to open it again; without: as long as the client lives.
  std::optional<Duration> reopen_timeout = {};
  /// Pings the server when it has said nothing for so long.
  std::optional<Duration> health_check = {};
};

/// A request for a session that is being carried out: over candidates, connection and handshake.
struct Opening {
  OpenRequest request;
  TimePoint deadline;
  std::set<std::string> tried;
  std::optional<Error> last_error;
  bool negotiated_again = false;
  /// Handshakes given up because their instance came online anew meanwhile.
  int restarts = 0;
  /// Set while an attempt is under way: first its connection, then its session.
  std::optional<ServerInstance> instance;
  ConnectionNumber connection = 0;
  SessionNumber session = 0;
  /// The session that is opened again; 0: a new one.
  SessionNumber reopens = 0;
  /// Only the instance that it had, and only for a moment.
  bool only_same = false;
  /// Why it is opened again: the error where nothing else is known in the end.
  std::optional<Error> cause;
  Deadline not_before;
  Duration pause{};
  /// It found nobody at first, so that its choice grows while it waits.
  bool found_none = false;
  /// Until when it waits for a better choice; once on each connection.
  Deadline choose_at;
  bool gathered = false;
};

/// A session that is opened again when it was cut off. It keeps its number.
struct KeptSession {
  OpenRequest request;
  /// The last one.
  ServerInstance instance;
  bool suspended = false;
  /// The params of the last `logging/setLevel`; null: none.
  Json log_level = nullptr;
  std::int64_t last_request_id = 0;
};

}  // namespace mcp_mqtt::engine
