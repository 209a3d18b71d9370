#include <string>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"

namespace mcp_mqtt::command_line {
namespace {

struct SubscribeOptions {
  std::string server;
  std::string uri;
};

void show(Output& out, const ResourceUpdated& update) {
  if (out.format() == Format::json) {
    return out.json_line({{"uri", update.uri}, {"resubscribed", update.resubscribed}});
  }
  Table line({"EVENT", "URI"});
  line.add({update.resubscribed ? "resubscribed" : "updated", update.uri});
  out.write(line.plain());
}

ExitCode subscribe(Program& program, const SubscribeOptions& options) {
  Connection connection(program);
  connection.prepare_to_follow();
  const ClientSession session = connection.open(options.server);
  const ResourceSubscription subscription = session.subscribe(
      options.uri,
      [&](const ResourceUpdated& update) {
        connection.post([&out = program.out, update] { show(out, update); });
      },
      program.call_options());
  program.out.note("subscribed to " + options.uri + " (Ctrl-C ends)");
  connection.follow();
  return ExitCode::ok;
}

}  // namespace

void add_subscribe(Commands& commands) {
  CLI::App& command = commands.add("subscribe", "Show when a resource changes, until Ctrl-C",
                                   "mcp-mqtt subscribe plant/pot plant://soil");
  auto options = std::make_shared<SubscribeOptions>();
  add_server_name(command, options->server);
  command.add_option("URI", options->uri, "The resource")->required()->type_name("");
  commands.on_run(command, [options](Program& program) { return subscribe(program, *options); });
}

}  // namespace mcp_mqtt::command_line
