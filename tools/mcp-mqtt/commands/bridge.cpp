#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <mcp_mqtt/client.hpp>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/relay/aggregate.hpp"
#include "mcp-mqtt/relay/relay.hpp"
#include "mcp-mqtt/stdio/stdio_host.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

struct BridgeOptions {
  std::vector<std::string> servers;
  std::size_t max_servers = 32;
  std::size_t name_length = 64;
};

/// Failure (`usage`) for names that no server can have, and filters that are none.
void check_names(const std::vector<std::string>& servers) {
  ClientOptions options{.name = "mcp-mqtt"};
  options.filters = servers;
  try {
    const McpClient check(std::move(options));
  } catch (const McpError& error) {
    throw Failure(ExitCode::usage, error.what());
  }
}

bool is_one_server(const std::vector<std::string>& servers) {
  return servers.size() == 1 && servers.front().find_first_of("+#") == std::string::npos;
}

/// What both have in common.
template <class Setup>
Setup setup_of(const Program& program, const Settings& settings,
               std::function<void(const std::string&)> note) {
  Setup setup;
  setup.broker = settings.broker;
  setup.broker_name = settings.broker_name;
  setup.client_id = settings.client_id;
  setup.connection = settings.connection;
  setup.wait = program.wait;
  if (program.timeout) {
    setup.connection.connect_timeout = *program.timeout;
    setup.handshake = setup.call = *program.timeout;
  }
  setup.note = std::move(note);
  return setup;
}

ExitCode bridge(Program& program, const BridgeOptions& options) {
  check_names(options.servers);
  Output& out = program.out;
  const Settings settings = make_settings(program.connection, program.environment);
  for (const std::string& warning : settings.warnings) out.note("mcp-mqtt: warning: " + warning);
  if (::isatty(STDIN_FILENO) == 1) {
    out.note("mcp-mqtt: this is for an MCP host, which writes JSON-RPC to standard input");
  }
  const auto note = [&out](const std::string& line) { out.note("mcp-mqtt: " + line); };
  const auto host = std::make_shared<StdioHost>(StdioHost::Streams{STDIN_FILENO, STDOUT_FILENO},
                                                StdioLimits(), note);
  std::unique_ptr<HostSession> session;
  if (is_one_server(options.servers)) {
    auto setup = setup_of<RelaySetup>(program, settings, note);
    setup.server = options.servers.front();
    setup.reopen = Reopen::always;
    session = make_relay(std::move(setup), host);
  } else {
    auto setup = setup_of<AggregateSetup>(program, settings, note);
    setup.filters = options.servers;
    setup.max_servers = options.max_servers;
    setup.name_length = options.name_length;
    session = make_aggregate(std::move(setup), host);
  }
  const auto reason =
      host->serve(std::move(session), program.interruption.token(), program.timeout.value_or(30s));
  if (reason) throw Failure(exit_code_of(reason->kind), reason->message);
  return ExitCode::ok;
}

}  // namespace

void add_bridge(Commands& commands) {
  CLI::App& command = commands.add("bridge", "Be a stdio MCP server in front of servers on MQTT",
                                   "mcp-mqtt --broker mqtt://localhost bridge desk/companion");
  auto options = std::make_shared<BridgeOptions>();
  command
      .add_option("NAME", options->servers,
                  "The server's name; several names or MQTT filters make one server of many")
      ->required()
      ->type_name("");
  command.add_option("--max-servers", options->max_servers, "How many servers at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command
      .add_option("--name-length", options->name_length,
                  "Characters of a tool's name with its server's prefix")
      ->capture_default_str()
      ->check(CLI::Range(24, 128))
      ->type_name("N");
  commands.on_run(command, [options](Program& program) { return bridge(program, *options); });
}

}  // namespace mcp_mqtt::command_line
