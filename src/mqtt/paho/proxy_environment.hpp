#pragma once

namespace mcp_mqtt::mqtt::paho {

/// Hides `http_proxy` and `https_proxy` from the process for as long as it lives.
///
/// Paho C 1.3.12 sends every connection, plain MQTT included, through the proxies that these name
/// (paho.mqtt.c #1344), and its connect options can only put another proxy in their place. The
/// variables are hidden by exchanging one pointer each, in place: nothing is moved or freed that
/// another thread's getenv() might look at. Keep it short: the rest of the program does not see
/// them meanwhile. Instances may overlap; the last one restores. Any thread.
class HiddenProxyEnvironment {
 public:
  HiddenProxyEnvironment();
  HiddenProxyEnvironment(const HiddenProxyEnvironment&) = delete;
  HiddenProxyEnvironment& operator=(const HiddenProxyEnvironment&) = delete;
  ~HiddenProxyEnvironment();

  /// Whether the environment names a proxy that Paho would use.
  static bool needed() noexcept;
};

}  // namespace mcp_mqtt::mqtt::paho
