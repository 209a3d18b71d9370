#pragma once

#include <cstddef>
#include <string_view>

#include <mcp_mqtt/mqtt/transport.hpp>

// What must be checked before a packet is handed to an MQTT library: none of the libraries checks
// it all, and a broker answers most of these faults by dropping the whole connection.
namespace mcp_mqtt::mqtt {

/// The exact size in bytes of the PUBLISH packet that `message` becomes (MQTT 5, 3.3), without a
/// topic alias.
std::size_t publish_packet_size(const Message& message);

/// Whether `message` may be sent to a broker that answered with `broker`: topic name rules (not
/// empty, no wildcard, no NUL or control character, valid UTF-8, at most 65,535 bytes and 200
/// levels), user properties (same character rules), maximum packet size, QoS and retain. Errors:
/// `invalid_argument` for what MQTT does not allow, `too_large` beyond a packet size, `unsupported`
/// for a QoS or a retained message that this broker does not take.
Result<void> check_publish(const Message& message, const ConnectionInfo& broker);

/// Whether `filter` is a valid topic filter (wildcards where MQTT allows them, same character
/// rules; a shared subscription with its group name and a filter). `invalid_argument` if not.
Result<void> check_filter(std::string_view filter);

/// Whether `filter` may be subscribed or unsubscribed at a broker that answered with `broker`: as
/// check_filter(), and `too_large` beyond its maximum packet size.
Result<void> check_subscribe(std::string_view filter, const ConnectionInfo& broker);

/// Whether CONNECT can be made of `options`: host, port, client id (empty: the broker chooses one),
/// credentials, will (its payload at most 65,535 bytes), user properties, keep-alive, receive
/// maximum. `invalid_argument` or `too_large` if not; never a credential in the message.
Result<void> check_connect(const ConnectOptions& options);

}  // namespace mcp_mqtt::mqtt
