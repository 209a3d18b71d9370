#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "mcp-mqtt/doctor/tcp.hpp"

namespace mcp_mqtt::command_line {

/// A way to a broker over TCP sockets that are not treated against delays, as those of other
/// programs are: a port of 127.0.0.1 that passes everything on. Each MQTT packet is written on its
/// own, as MQTT libraries do, so that Nagle's algorithm gets to see it.
class PlainRoute {
 public:
  /// `no_delay`: without Nagle's algorithm on this side, so that what still stalls is the broker's.
  /// Throws std::system_error where there is no port.
  PlainRoute(std::string host, std::uint16_t port, bool no_delay);
  PlainRoute(const PlainRoute&) = delete;
  PlainRoute& operator=(const PlainRoute&) = delete;
  /// Closes all connections.
  ~PlainRoute();

  std::uint16_t port() const noexcept { return port_; }

 private:
  struct Link {
    Socket program;
    Socket broker;
    std::string unfinished;  ///< The begin of a packet of the program.
  };

  void serve();
  void accept();
  /// False when the link is over.
  bool to_broker(Link& link) const;
  static bool to_program(const Link& link);

  std::string host_;
  std::uint16_t broker_port_;
  bool no_delay_;
  Socket listener_;
  Socket end_;
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<Link>> links_;
  std::thread thread_;
};

}  // namespace mcp_mqtt::command_line
