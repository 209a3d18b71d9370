#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>
#include <string>

#include <mcp_mqtt/mqtt/transport.hpp>

// A client for the tests to kill: connects with a will, says so, and does nothing more.
// will_client paho|mosquitto URL CLIENT-ID WILL-TOPIC WILL-PAYLOAD
int main(int argc, char** argv) {
  using namespace mcp_mqtt;
  if (argc != 6) {
    std::cerr << "usage: will_client paho|mosquitto URL CLIENT-ID WILL-TOPIC WILL-PAYLOAD\n";
    return 2;
  }
  const auto kind =
      std::string(argv[1]) == "paho" ? mqtt::TransportKind::paho : mqtt::TransportKind::mosquitto;
  mqtt::ConnectOptions options;
  options.broker = mqtt::parse_broker_url(argv[2]).value();
  options.client_id = argv[3];
  options.will = mqtt::Message{argv[4],
                               argv[5],
                               mqtt::Qos::at_least_once,
                               true,
                               {{"MCP-COMPONENT-TYPE", "mcp-server"}, {"k", "1"}, {"k", "2"}}};
  const auto transport = mqtt::make_transport(kind, options.broker).value();
  std::promise<Result<mqtt::ConnectionInfo>> connected;
  transport->connect(std::move(options), {}, [&](Result<mqtt::ConnectionInfo> result) {
    connected.set_value(std::move(result));
  });
  const Result<mqtt::ConnectionInfo> result = connected.get_future().get();
  if (!result) {
    std::cerr << result.error().message << '\n';
    return 1;
  }
  std::cout << "connected" << std::endl;
  // Ends with the test's end of the pipe, if it is not killed before.
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
  std::_Exit(0);
}
