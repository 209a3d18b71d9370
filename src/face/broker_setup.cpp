#include "face/broker_setup.hpp"

#include <utility>

namespace mcp_mqtt::face {

mqtt::BrokerUrl broker_of(std::string_view url, const ConnectionOptions& options) {
  mqtt::BrokerUrl broker;
  if (!url.empty() || !options.make_transport) broker = mqtt::parse_broker_url(url).value();
  if (!options.username.empty()) broker.username = options.username;
  if (!options.password.empty()) broker.password = options.password;
  return broker;
}

void require(Result<void> check) { check.value(); }

void require(bool condition, const char* message) {
  if (!condition) throw McpError({ErrorKind::invalid_argument, 0, message, nullptr});
}

}  // namespace mcp_mqtt::face
