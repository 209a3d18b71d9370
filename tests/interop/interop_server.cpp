// The server that README.md describes. The official SDK's client is its judge.
#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "server/device.hpp"
#include "transport_option.hpp"

namespace {

/// Those that end the program, kept from every thread that is started after this.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  if (const int error = pthread_sigmask(SIG_BLOCK, &signals, nullptr); error != 0) {
    throw std::system_error(error, std::generic_category(), "pthread_sigmask");
  }
  return signals;
}

mcp_mqtt::ServerOptions device_options() {
  return {.name = {},
          .version = "1.0.0",
          .title = "The interop device",
          .description = "Offers everything",
          .website_url = "https://example.com/device",
          .icons = {interop::icon()},
          .instructions = "Turn the volume with care",
          .page_size = 3};
}

}  // namespace

int main(int argc, char** argv) try {
  std::string broker;
  mcp_mqtt::ServerOptions options = device_options();
  CLI::App app{"The interop server on the C++ library."};
  app.add_option("--broker", broker, "The broker's URL")->required();
  app.add_option("--name", options.name, "The server-name")->required();
  app.add_option("--id", options.server_id, "The server-id")->required();
  interop::add_transport_option(app, options.connection.transport);
  CLI11_PARSE(app, argc, argv);

  const sigset_t signals = block_end_signals();
  interop::Device device;
  mcp_mqtt::McpServer server(options);
  interop::add_basic_tools(server, device);
  interop::add_session_tools(server, device);
  interop::add_content_tools(server);
  interop::add_model_tools(server);
  interop::add_user_tools(server);
  interop::add_task_tools(server, device);
  interop::add_resources(server, device);
  interop::add_prompts(server);
  interop::add_completions(server);
  server.start(broker);
  std::cout << "serving " << server.name() << "\nready" << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  server.stop();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "interop_server: " << error.what() << '\n';
  return 1;
}
