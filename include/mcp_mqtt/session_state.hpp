#pragma once

#include <string_view>

namespace mcp_mqtt {

/// Whether a session is opened again when it was cut off.
enum class Reopen {
  never,  ///< Its end is the end.
  /// When the client's own connection to the broker was lost. Also when its instance vanished
  /// without a goodbye, where that instance is back, or the connection is lost as well, within two
  /// seconds: a broker that is shut down publishes the wills of all first.
  after_connection_loss,
  always,  ///< Also when its instance went, ended the session or fell silent: with another one.
};

enum class SessionState {
  open,
  reopening,  ///< Cut off; calls wait until it is open again.
  closed,     ///< Over for good: ClientSession::close_reason() says why.
};

/// The state as a lower-case word for messages and logs.
constexpr std::string_view to_string(SessionState state) noexcept {
  switch (state) {
    case SessionState::open:
      return "open";
    case SessionState::reopening:
      return "reopening";
    case SessionState::closed:
      return "closed";
  }
  return "unknown";
}

}  // namespace mcp_mqtt
