#include <string>
#include <vector>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"
#include "mcp-mqtt/numbers.hpp"
#include "mcp-mqtt/servers_view.hpp"

namespace mcp_mqtt::command_line {
namespace {

struct ServersOptions {
  std::string filter = "#";
  bool watch = false;
  double settle = 0.3;
};

void show(Output& out, const std::vector<ServerInstance>& found,
          const std::vector<RoleGrant>& grants) {
  if (out.format() == Format::json) return out.json(servers_json(found, grants));
  if (found.empty()) return out.note("no server is online");
  out.table(servers_table(found, grants));
}

void show_change(Output& out, const std::string& what, const ServerInstance& instance) {
  if (out.format() == Format::json) {
    Json line = instance_json(instance);
    line["name"] = instance.server_name;
    line["event"] = what;
    return out.json_line(line);
  }
  Table line({"EVENT", "NAME", "ID", "METADATA", "DESCRIPTION"});
  line.add({what, instance.server_name, instance.server_id, meta_text(instance.meta),
            instance.description});
  out.write(line.plain());
}

ExitCode watch(Program& program, const ServersOptions& options) {
  Connection connection(program);
  connection.prepare_to_follow();
  const auto teller = [&](const char* what) {
    return [&connection, &out = program.out, what](const ServerInstance& instance) {
      connection.post([&out, what, instance] { show_change(out, what, instance); });
    };
  };
  connection.client().on_server_discovered(teller("online"));
  connection.client().on_server_changed(teller("changed"));
  connection.client().on_server_gone(teller("gone"));
  connection.connect();
  // It looks from now on; what it finds, the callbacks tell.
  connection.client().discover(options.filter, std::chrono::milliseconds(1));
  connection.follow();
  return ExitCode::ok;
}

ExitCode servers(Program& program, const ServersOptions& options) {
  if (options.watch) return watch(program, options);
  const auto settle = seconds_option("--settle", options.settle);
  Connection connection(program);
  connection.connect();
  const std::stop_callback stop(program.interruption.token(), [&] { connection.client().stop(); });
  const auto found = connection.client().discover(options.filter, settle);
  show(program.out, found, connection.client().roles().value_or(std::vector<RoleGrant>()));
  if (connection.client().discovery_cut_short()) {
    program.out.note("mcp-mqtt: warning: the broker may have left some out: use a narrower filter");
  }
  return ExitCode::ok;
}

}  // namespace

void add_servers(Commands& commands) {
  CLI::App& command = commands.add("servers", "Show the servers that are online",
                                   "mcp-mqtt servers 'desk/#' --watch");
  auto options = std::make_shared<ServersOptions>();
  command.add_option("FILTER", options->filter, "Which names, as an MQTT filter (default: all)")
      ->type_name("");
  command.add_flag("--watch", options->watch, "Show what comes and goes, until Ctrl-C");
  command
      .add_option("--settle", options->settle,
                  "Ask until nothing was announced for so many seconds")
      ->capture_default_str()
      ->type_name("SECONDS");
  commands.on_run(command, [options](Program& program) { return servers(program, *options); });
}

}  // namespace mcp_mqtt::command_line
