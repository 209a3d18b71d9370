#include <mcp_mqtt/client_event.hpp>

namespace mcp_mqtt {

std::string_view to_string(ClientEvent::Kind kind) noexcept {
  using Kind = ClientEvent::Kind;
  switch (kind) {
    case Kind::connected:
      return "connected";
    case Kind::connection_lost:
      return "connection lost";
    case Kind::gave_up:
      return "gave up";
    case Kind::session_opened:
      return "session opened";
    case Kind::session_suspended:
      return "session suspended";
    case Kind::session_reopened:
      return "session reopened";
    case Kind::session_closed:
      return "session closed";
  }
  return "unknown";
}

}  // namespace mcp_mqtt
