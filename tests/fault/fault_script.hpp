#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/mqtt_proxy.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::test {

enum class Fault {
  end,       ///< Both sides see an orderly end behind the packet.
  reset,     ///< Both sides see a reset behind the packet.
  truncate,  ///< Half of the packet, then an orderly end.
  tear,      ///< Half of the packet, then a reset.
  freeze,    ///< The packet and all behind it get stuck; the sockets stay open.
  mute,      ///< This direction is lost from the packet on; the other one works.
  delay,     ///< The packet comes late.
  trickle,   ///< From the packet on, one byte at a time.
  lose,      ///< Only this packet is lost.
};

std::string_view to_string(Fault fault);

/// What a packet is called in a script: `CONNECT`, `SUBACK` and so on; a PUBLISH by what it
/// carries: `PUBLISH initialize`, `PUBLISH answer`, `PUBLISH nothing`.
std::string packet_label(std::string_view packet);

/// One fault, at one packet of one side's connections.
struct FaultStep {
  std::string component;  ///< `mcp-server` or `mcp-client`, as its CONNECT says (T3).
  ProxyDirection direction = ProxyDirection::to_broker;
  std::string packet;
  std::size_t occurrence = 1;  ///< Counted over all connections of that side.
  Fault fault = Fault::end;

  std::string name() const;
};

/// Faults that packets set off, each once: the same script does the same whatever the time takes.
/// Copies share their counts.
class FaultScript {
 public:
  explicit FaultScript(std::vector<FaultStep> steps);

  /// For MqttProxy::on_link_packet().
  MqttProxy::LinkHook hook() const;
  /// Steps that have happened.
  std::size_t happened() const;
  bool complete() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mcp_mqtt::test
