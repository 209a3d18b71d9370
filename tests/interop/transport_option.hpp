#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>

namespace interop {

/// `--transport automatic|paho|mosquitto`.
inline void add_transport_option(CLI::App& app, mcp_mqtt::mqtt::TransportKind& transport) {
  using mcp_mqtt::mqtt::TransportKind;
  const std::map<std::string, TransportKind> kinds{{"automatic", TransportKind::automatic},
                                                   {"paho", TransportKind::paho},
                                                   {"mosquitto", TransportKind::mosquitto}};
  app.add_option("--transport", transport, "The MQTT library")
      ->transform(CLI::CheckedTransformer(kinds));
}

}  // namespace interop
