#include "mqtt/mosquitto/property_list.hpp"

#include <cstdint>
#include <cstdlib>
#include <mqtt_protocol.h>
#include <new>

namespace mcp_mqtt::mqtt::libmosquitto {
namespace {

struct Free {
  void operator()(char* text) const noexcept { std::free(text); }
};
using CString = std::unique_ptr<char, Free>;

bool byte_is_set(const mosquitto_property* list, int identifier, bool otherwise) {
  std::uint8_t value = 0;
  if (!mosquitto_property_read_byte(list, identifier, &value, false)) return otherwise;
  return value != 0;
}

}  // namespace

void FreeProperties::operator()(mosquitto_property* list) const noexcept {
  mosquitto_property_free_all(&list);
}

PropertyList make_property_list(const UserProperties& properties) {
  mosquitto_property* list = nullptr;
  for (const auto& [name, value] : properties) {
    const int rc = mosquitto_property_add_string_pair(&list, MQTT_PROP_USER_PROPERTY, name.c_str(),
                                                      value.c_str());
    if (rc != MOSQ_ERR_SUCCESS) {
      mosquitto_property_free_all(&list);
      throw std::bad_alloc();
    }
  }
  return PropertyList(list);
}

UserProperties user_properties_of(const mosquitto_property* list) {
  UserProperties properties;
  for (; list != nullptr; list = mosquitto_property_next(list)) {
    if (mosquitto_property_identifier(list) != MQTT_PROP_USER_PROPERTY) continue;
    char* name = nullptr;
    char* value = nullptr;
    if (!mosquitto_property_read_string_pair(list, MQTT_PROP_USER_PROPERTY, &name, &value, false)) {
      throw std::bad_alloc();
    }
    const CString owned_name(name);
    const CString owned_value(value);
    properties.emplace_back(name, value);
  }
  return properties;
}

ConnectionInfo connection_info_of(const mosquitto_property* connack) {
  ConnectionInfo info;
  info.user_properties = user_properties_of(connack);

  char* client_id = nullptr;
  if (mosquitto_property_read_string(connack, MQTT_PROP_ASSIGNED_CLIENT_IDENTIFIER, &client_id,
                                     false)) {
    info.assigned_client_id = CString(client_id).get();
  }
  std::uint32_t maximum_packet_size = 0;
  if (mosquitto_property_read_int32(connack, MQTT_PROP_MAXIMUM_PACKET_SIZE, &maximum_packet_size,
                                    false)) {
    info.maximum_packet_size = maximum_packet_size;
  }
  std::uint16_t receive_maximum = 0;
  if (mosquitto_property_read_int16(connack, MQTT_PROP_RECEIVE_MAXIMUM, &receive_maximum, false)) {
    info.receive_maximum = receive_maximum;
  }
  std::uint8_t maximum_qos = 2;
  if (mosquitto_property_read_byte(connack, MQTT_PROP_MAXIMUM_QOS, &maximum_qos, false) &&
      maximum_qos < 2) {
    info.maximum_qos = static_cast<Qos>(maximum_qos);
  }
  info.retain_available = byte_is_set(connack, MQTT_PROP_RETAIN_AVAILABLE, true);
  info.wildcard_subscription_available =
      byte_is_set(connack, MQTT_PROP_WILDCARD_SUB_AVAILABLE, true);
  std::uint16_t keep_alive = 0;
  if (mosquitto_property_read_int16(connack, MQTT_PROP_SERVER_KEEP_ALIVE, &keep_alive, false)) {
    info.server_keep_alive = std::chrono::seconds(keep_alive);
  }
  return info;
}

}  // namespace mcp_mqtt::mqtt::libmosquitto
