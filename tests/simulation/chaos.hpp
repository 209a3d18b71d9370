#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "world.hpp"

namespace mcp_mqtt::simulation {

/// What happens in one schedule: who is there, what they do, and what is done to them. All of it
/// follows from the seed.
class Chaos {
 public:
  explicit Chaos(World& world);

  /// Everybody at work, and everything that may go wrong.
  void rage();
  /// Faults stop; who is dead comes back.
  void calm_down();

  std::size_t faults() const noexcept { return faults_; }

 private:
  void choose_faults();
  void seat_everybody();
  void act();
  void host_acts(double dice);
  void server_acts(double dice);
  void fault(double dice);
  void fill_empty_seats();

  ClientNode* some_client();
  ServerNode* some_server();
  void open(ClientNode& client);
  void call(ClientNode& client);
  void cancel(ClientNode& client);
  void break_link(double dice);
  void kill_server(ServerSeat& seat);
  void stop_server(ServerSeat& seat);
  void kill_client(ClientSeat& seat);
  std::optional<Duration> notice();

  World& world_;
  Stage& stage_;
  Random& random_;
  double fault_rate_ = 0;
  std::size_t acts_ = 0;
  Duration longest_pause_{};
  std::size_t faults_ = 0;
};

inline constexpr const char* services[] = {"desk/companion", "plant"};

}  // namespace mcp_mqtt::simulation
