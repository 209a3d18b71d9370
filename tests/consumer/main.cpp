// A program outside the project: a server with one typed tool and a client that calls it, over the
// broker in the process; and a transport to a real broker of each kind, so that all the library is
// made of is linked.
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>
#include <mcp_mqtt/mqtt/loopback.hpp>

int main() {
  try {
    mcp_mqtt::mqtt::LoopbackBroker broker;
    mcp_mqtt::ConnectionOptions connection;
    connection.make_transport = [&broker] { return broker.make_transport(); };

    mcp_mqtt::McpServer server({.name = "desk/companion", .connection = connection});
    server.add_tool("set_volume", "Sets the volume of the device",
                    {mcp_mqtt::arg("volume", "Volume level").range(0, 100)},
                    [](int volume) { return "volume is " + std::to_string(volume); });
    server.start("mqtt://localhost");

    mcp_mqtt::McpClient client({.name = "consumer", .connection = connection});
    client.connect("mqtt://localhost");
    const auto desk = client.open("desk/companion");
    const std::string answer = desk.call_tool("set_volume", {{"volume", 30}}).text();
    if (answer != "volume is 30") throw std::runtime_error("the tool answered: " + answer);

    namespace mqtt = mcp_mqtt::mqtt;
    const auto url = mqtt::parse_broker_url("mqtt://localhost:1883").value();
    for (const auto kind : {mqtt::TransportKind::paho, mqtt::TransportKind::mosquitto}) {
      if (!mqtt::make_transport(kind, url).value()) throw std::runtime_error("no transport");
    }
    std::cout << "consumer: " << answer << ", by mcp_mqtt " << MCP_MQTT_VERSION << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "consumer: " << error.what() << '\n';
    return 1;
  }
}
