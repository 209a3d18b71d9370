#pragma once

namespace mcp_mqtt {

/// By which topics a server tells of changes: `*/list_changed` and
/// `notifications/resources/updated`.
enum class ChangeRoute {
  /// One message on the server's capability topic, which all its clients hear (T40).
  capability_topic,
  /// A copy on the RPC topic of each session that wants it: for clients that do not hear the
  /// capability topic, and so that an update reaches none but its subscribers.
  per_session,
  /// Both; this library's clients hear it once.
  both
};

}  // namespace mcp_mqtt
