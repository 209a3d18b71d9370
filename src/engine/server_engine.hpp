#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/server_session.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt::engine {

/// An MCP server without I/O: registration (T10, T11), the control topic, and its sessions.
///
/// Feed it events with the time at which they happened; after each, carry out take_actions() in
/// order and call on_time() at next_deadline().
class ServerEngine {
 public:
  explicit ServerEngine(ServerConfig config);

  /// The will (T6) and the user properties (T3) of the next CONNECT.
  mqtt::Message will() const;
  mqtt::UserProperties connect_properties() const;

  void on_connected(const mqtt::ConnectionInfo& info, TimePoint now);
  /// Every session ended: its clients saw the will or will see the next presence.
  void on_connection_lost(const Error& reason);
  void on_message(const mqtt::Message& message, TimePoint now);
  void on_subscribed(Ticket ticket, const Result<void>& outcome, TimePoint now);
  void on_published(Ticket ticket, const Result<void>& outcome);
  void on_time(TimePoint now);
  Deadline next_deadline() const;

  void finish(CallNumber call, Result<CallToolResult> outcome);
  void report_progress(CallNumber call, const Progress& progress);

  /// Goodbye to every client (T41), presence cleared (T11), then ServerLeft.
  void leave();

  void set_tools(ToolRegistry tools) { shared_.tools = std::move(tools); }
  Result<void> add_tool(ToolDefinition tool) { return shared_.tools.add(std::move(tool)); }
  bool remove_tool(std::string_view name) { return shared_.tools.remove(name); }

  const ServerInstance& instance() const { return shared_.config.instance; }
  bool online() const noexcept { return state_ == State::online; }
  std::vector<ClientInfo> clients() const;
  std::vector<ServerAction> take_actions() { return std::exchange(shared_.out, {}); }

 private:
  enum class State { offline, subscribing, announcing, online, leaving };

  void on_control(const mqtt::Message& message, TimePoint now);
  void on_client_presence(const std::string& client_id, const mqtt::Message& message);
  void on_client_rpc(const wire::RpcTopic& topic, const mqtt::Message& message);
  bool is_own(const std::string& server_id, const std::string& server_name) const;
  void publish_presence();
  void refuse(const std::string& client_id, const wire::ErrorResponse& answer);
  ServerSession* session_of(const std::string& client_id) const;
  ServerSession* take_ticket(Ticket ticket);
  void drop_if_over(const ServerSession& session);

  ServerShared shared_;
  State state_ = State::offline;
  bool adopted_name_ = false;
  bool was_online_ = false;
  Ticket control_ticket_ = 0;
  Ticket presence_ticket_ = 0;
  Ticket clear_ticket_ = 0;
  Deadline presence_again_;
  std::map<std::string, std::unique_ptr<ServerSession>, std::less<>> sessions_;
  /// When each handshake is looked at again, oldest first.
  std::deque<std::pair<TimePoint, std::string>> handshakes_;
};

}  // namespace mcp_mqtt::engine
