#include "mqtt/make_transport.hpp"

#include <exception>
#include <string>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "mqtt/mosquitto/mosquitto_transport.hpp"
#include "mqtt/paho/paho_transport.hpp"

namespace mcp_mqtt::mqtt {

/// libmosquitto is twice as fast and has no global thread and lock, but speaks no WebSocket.
TransportKind resolve(TransportKind kind, const BrokerUrl& broker) {
  if (kind != TransportKind::automatic) return kind;
  return broker.uses_websocket() ? TransportKind::paho : TransportKind::mosquitto;
}

Result<std::shared_ptr<Transport>> make_transport(TransportKind kind, const BrokerUrl& broker) {
  try {
    switch (resolve(kind, broker)) {
      case TransportKind::paho:
        return make_paho_transport();
      case TransportKind::mosquitto:
        if (broker.uses_websocket()) {
          return Error{ErrorKind::unsupported, 0,
                       "libmosquitto does not speak WebSocket, which " + broker.to_string() +
                           " needs: choose paho or automatic"};
        }
        return make_mosquitto_transport();
      case TransportKind::automatic:
        break;
    }
  } catch (const std::exception& error) {
    return Error{ErrorKind::busy, 0, std::string("no MQTT transport: ") + error.what()};
  }
  return Error{ErrorKind::invalid_argument, 0, "this is no kind of MQTT transport"};
}

}  // namespace mcp_mqtt::mqtt
