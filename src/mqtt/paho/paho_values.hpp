#pragma once

#include <MQTTAsync.h>
#include <mqtt/properties.h>
#include <string>

#include <mcp_mqtt/mqtt/transport.hpp>

// MQTT 5 properties and errors between Paho's forms and ours.
namespace mcp_mqtt::mqtt::paho {

::mqtt::properties to_properties(const UserProperties& properties);
UserProperties user_properties_of(const MQTTProperties& properties);

/// The reason string that the broker added; empty where it gave none.
std::string reason_string_of(const MQTTProperties& properties);

/// What the properties of a CONNACK say; what they leave out has MQTT's default.
ConnectionInfo connection_info_of(const MQTTProperties& connack);

/// `what` was answered with an MQTT 5 reason code of 0x80 or above.
Error refused(const std::string& what, int reason_code, const std::string& reason_string = {});

/// The words of the MQTT 5 standard for a reason code, with its number.
std::string reason_code_text(int reason_code);

}  // namespace mcp_mqtt::mqtt::paho
