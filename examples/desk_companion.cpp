// A device as an MCP server: a desk companion whose volume and display an AI host controls.
#include <CLI/CLI.hpp>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>

namespace {

/// Waits, unless the call is cancelled meanwhile.
bool wait_unless_cancelled(const mcp_mqtt::RequestContext& context,
                           std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  return !wake.wait_for(lock, context.stop_token(), time, [&] { return context.cancelled(); });
}

std::string play_melody(int notes, mcp_mqtt::RequestContext& context) {
  using namespace std::chrono_literals;
  for (int note = 1; note <= notes; ++note) {
    if (!wait_unless_cancelled(context, 60ms)) return "stopped";
    context.report_progress(note, notes, "note " + std::to_string(note));
  }
  return "played " + std::to_string(notes) + " notes";
}

}  // namespace

int main(int argc, char** argv) try {
  std::string broker = "mqtt://127.0.0.1:1883";
  mcp_mqtt::ServerOptions options{.name = "desk/companion",
                                  .version = "1.0.0",
                                  .description = "A desk companion with a volume and a display"};
  CLI::App app{"A desk companion as an MCP server."};
  app.add_option("--broker", broker, "The broker's URL")->capture_default_str();
  app.add_option("--name", options.name, "The server-name")->capture_default_str();
  app.add_option("--id", options.server_id, "The server-id (default: the name and random letters)");
  CLI11_PARSE(app, argc, argv);

  mcp_mqtt::McpServer server(options);
  server.add_tool("set_volume", "Set the volume of the device",
                  {mcp_mqtt::arg("volume", "Volume level").range(0, 100)}, [](int volume) {
                    std::cout << "volume " << volume << std::endl;
                    return "volume is " + std::to_string(volume);
                  });
  server.add_tool("display", "Show a message on the device",
                  {mcp_mqtt::arg("message", "What to show")}, [](const std::string& message) {
                    std::cout << "display " << message << std::endl;
                    return "displayed: " + message;
                  });
  server.add_tool("play_melody", "Play a melody, note by note",
                  {mcp_mqtt::arg("notes", "How many notes").range(1, 1000)}, play_melody);
  server.on_client_connected([](const mcp_mqtt::ConnectedClient& client) {
    std::cout << "client " << client.info().client_id << " connected" << std::endl;
  });
  server.on_client_gone([](const mcp_mqtt::ClientInfo& client, const mcp_mqtt::Error& reason) {
    std::cout << "client " << client.client_id << " is gone: " << reason.message << std::endl;
  });
  std::cout << server.server_id() << " serves " << server.name() << " at " << broker << std::endl;
  server.run(broker);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "desk_companion: " << error.what() << '\n';
  return 1;
}
