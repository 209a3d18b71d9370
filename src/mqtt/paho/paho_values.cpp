#include "mqtt/paho/paho_values.hpp"

#include <fmt/format.h>

#include "ground/logging.hpp"

namespace mcp_mqtt::mqtt::paho {
namespace {

std::string text_of(const MQTTLenString& text) {
  if (text.data == nullptr || text.len <= 0) return {};
  return {text.data, static_cast<std::size_t>(text.len)};
}

template <class Visit>
void for_each(const MQTTProperties& properties, Visit visit) {
  for (int i = 0; i < properties.count; ++i) visit(properties.array[i]);
}

}  // namespace

::mqtt::properties to_properties(const UserProperties& properties) {
  ::mqtt::properties out;
  for (const auto& [name, value] : properties) {
    out.add({::mqtt::property::USER_PROPERTY, name, value});
  }
  return out;
}

UserProperties user_properties_of(const MQTTProperties& properties) {
  UserProperties out;
  for_each(properties, [&](const MQTTProperty& property) {
    if (property.identifier != MQTTPROPERTY_CODE_USER_PROPERTY) return;
    out.emplace_back(text_of(property.value.data), text_of(property.value.value));
  });
  return out;
}

std::string reason_string_of(const MQTTProperties& properties) {
  std::string out;
  for_each(properties, [&](const MQTTProperty& property) {
    if (property.identifier == MQTTPROPERTY_CODE_REASON_STRING) out = text_of(property.value.data);
  });
  return out;
}

ConnectionInfo connection_info_of(const MQTTProperties& connack) {
  ConnectionInfo info;
  info.user_properties = user_properties_of(connack);
  for_each(connack, [&](const MQTTProperty& property) {
    switch (property.identifier) {
      case MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFER:
        info.assigned_client_id = text_of(property.value.data);
        break;
      case MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE:
        info.maximum_packet_size = property.value.integer4;
        break;
      case MQTTPROPERTY_CODE_RECEIVE_MAXIMUM:
        info.receive_maximum = property.value.integer2;
        break;
      case MQTTPROPERTY_CODE_MAXIMUM_QOS:
        info.maximum_qos = property.value.byte == 0 ? Qos::at_most_once : Qos::at_least_once;
        break;
      case MQTTPROPERTY_CODE_RETAIN_AVAILABLE:
        info.retain_available = property.value.byte != 0;
        break;
      case MQTTPROPERTY_CODE_WILDCARD_SUBSCRIPTION_AVAILABLE:
        info.wildcard_subscription_available = property.value.byte != 0;
        break;
      case MQTTPROPERTY_CODE_SERVER_KEEP_ALIVE:
        info.server_keep_alive = std::chrono::seconds(property.value.integer2);
        break;
      default:
        break;
    }
  });
  return info;
}

std::string reason_code_text(int reason_code) {
  const char* words = MQTTReasonCode_toString(static_cast<MQTTReasonCodes>(reason_code));
  return fmt::format("{} (0x{:02x})", words != nullptr ? words : "unknown reason", reason_code);
}

Error refused(const std::string& what, int reason_code, const std::string& reason_string) {
  std::string message = fmt::format("{}: {}", what, reason_code_text(reason_code));
  if (!reason_string.empty()) message += ": " + log::printable(reason_string);
  return Error{ErrorKind::refused, reason_code, std::move(message), nullptr};
}

}  // namespace mcp_mqtt::mqtt::paho
