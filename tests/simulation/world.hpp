#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client_node.hpp"
#include "server_node.hpp"
#include "stage.hpp"

namespace mcp_mqtt::simulation {

/// Where a server stands: its process may die and another one take its place.
struct ServerSeat {
  std::string server_id;
  std::string server_name;
  ChangeRoute updates = ChangeRoute::per_session;
  std::unique_ptr<ServerNode> node;
  int processes = 0;
};

struct ClientSeat {
  std::string label;
  std::string client_id;
  engine::ClientConfig config;
  std::unique_ptr<ClientNode> node;
  int processes = 0;
};

/// The servers and clients of one schedule, and time.
class World {
 public:
  World(std::uint64_t seed, Trace::Mode mode);

  Stage stage;
  std::vector<ServerSeat> servers;
  std::vector<ClientSeat> clients;

  /// Another process where there was none, or where one has ended.
  void start(ServerSeat& seat);
  void start(ClientSeat& seat);
  /// `notice`: how long the broker takes to notice.
  static void kill(ServerSeat& seat, std::optional<Duration> notice);
  static void kill(ClientSeat& seat, std::optional<Duration> notice);

  /// Events happen until `span` is over or a promise is broken.
  void run_for(Duration span);
  bool broken() const { return !stage.history.first_broken().empty(); }
  std::size_t steps() const noexcept { return steps_; }

  /// A client id or server id that nobody has had.
  std::string fresh_id(const std::string& kind);

 private:
  void check_load();

  std::size_t steps_ = 0;
  std::size_t last_id_ = 0;
};

}  // namespace mcp_mqtt::simulation
