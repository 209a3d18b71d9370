#pragma once

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::mqtt {

/// The implementation that `kind` means for this broker: never `automatic`.
TransportKind resolve(TransportKind kind, const BrokerUrl& broker);

}  // namespace mcp_mqtt::mqtt
