#pragma once

#include <functional>
#include <string_view>

#include <mcp_mqtt/error.hpp>
#include <mcp_mqtt/session.hpp>

namespace mcp_mqtt {

/// What happened to a client's connection or to one of its sessions.
struct ClientEvent {
  enum class Kind {
    connected,          ///< In touch with the broker, for the first time or again.
    connection_lost,    ///< Cut off; it is tried again after a while.
    gave_up,            ///< It is not tried again: the reason says why.
    session_opened,     ///< By open() or by itself.
    session_suspended,  ///< Cut off; it is being opened again, and calls wait.
    /// Open again, perhaps with another instance: subscriptions and the log level are restored,
    /// what else the host knows of the server (its lists) may be old.
    session_reopened,
    session_closed,  ///< Over for good.
  };

  Kind kind = Kind::connected;
  /// Of session events; no session otherwise.
  ClientSession session = {};
  /// Why; empty for `connected`, `session_opened` and `session_reopened`.
  Error reason = {};
};

/// The kind as a lower-case word for messages and logs.
std::string_view to_string(ClientEvent::Kind kind) noexcept;

}  // namespace mcp_mqtt
