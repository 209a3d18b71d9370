#pragma once

#include "world.hpp"

namespace mcp_mqtt::simulation {

/// What must hold once the faults have stopped and time has passed. Breaks are noted in the
/// history.
class Invariants {
 public:
  explicit Invariants(World& world) : world_(world), history_(world.stage.history) {}

  /// Nobody moves: presence is true, both sides agree on the sessions, nothing is left over.
  void check_rest();
  /// Everything still works: updates are heard, calls answered, sessions opened.
  void check_use();
  /// Everybody leaves, and nothing stays behind.
  void check_farewell();

 private:
  void expect(bool kept, const std::string& what);
  /// A moment in which nothing is under way: health checks never end.
  void await_silence();
  void check_server(const ServerNode& server);
  void check_client(const ClientNode& client);
  void check_presence();
  void check_registry(const ClientNode& client);
  void check_sessions();
  void check_heard();
  void check_heard(const ClientNode& client, SessionNumber number,
                   const ClientNode::Session& session);
  ServerNode* server_of(const ServerInstance& instance) const;
  void use_sessions();
  void open_sessions();
  bool haunted() const;

  World& world_;
  History& history_;
};

}  // namespace mcp_mqtt::simulation
