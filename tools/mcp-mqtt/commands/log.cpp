#include <string>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"
#include "mcp-mqtt/log_text.hpp"

namespace mcp_mqtt::command_line {
namespace {

struct LogOptions {
  std::string server;
  std::string level = "info";
};

void show(Output& out, const LoggingMessage& message) {
  if (out.format() == Format::json) return out.json_line(to_json(message));
  Table line({"LEVEL", "LOGGER", "MESSAGE"});
  line.add({std::string(to_string(message.level)), message.logger, log_data(message)});
  if (out.format() == Format::plain) return out.write(line.plain());
  out.text(log_line(message));
}

ExitCode log(Program& program, const LogOptions& options) {
  const auto level = parse_logging_level(options.level);
  if (!level) throw Failure(ExitCode::usage, unknown_level(options.level));
  Connection connection(program);
  connection.prepare_to_follow();
  connection.client().on_log([&](const ClientSession&, const LoggingMessage& message) {
    connection.post([&out = program.out, message] { show(out, message); });
  });
  const ClientSession session = connection.open(options.server);
  session.set_logging_level(*level, program.call_options());
  program.out.note("the log from " + options.level + " on (Ctrl-C ends)");
  connection.follow();
  return ExitCode::ok;
}

}  // namespace

void add_log(Commands& commands) {
  CLI::App& command = commands.add("log", "Show the log messages of a server, until Ctrl-C",
                                   "mcp-mqtt log desk/companion --level warning");
  auto options = std::make_shared<LogOptions>();
  add_server_name(command, options->server);
  command.add_option("--level", options->level, "This level and above")
      ->capture_default_str()
      ->type_name("LEVEL");
  commands.on_run(command, [options](Program& program) { return log(program, *options); });
}

}  // namespace mcp_mqtt::command_line
