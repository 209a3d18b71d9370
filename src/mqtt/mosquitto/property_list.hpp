#pragma once

#include <memory>
#include <mosquitto.h>

#include <mcp_mqtt/mqtt/transport.hpp>

// MQTT 5 properties between libmosquitto's lists and ours.
namespace mcp_mqtt::mqtt::libmosquitto {

struct FreeProperties {
  void operator()(mosquitto_property* list) const noexcept;
};

/// Owns a list of the library; null is the empty list.
using PropertyList = std::unique_ptr<mosquitto_property, FreeProperties>;

/// The same properties in the same order. Strings must have passed the checks of
/// publish_check.hpp; throws std::bad_alloc.
PropertyList make_property_list(const UserProperties& properties);

UserProperties user_properties_of(const mosquitto_property* list);

/// What the properties of a CONNACK say; what they leave out has MQTT's default.
ConnectionInfo connection_info_of(const mosquitto_property* connack);

}  // namespace mcp_mqtt::mqtt::libmosquitto
