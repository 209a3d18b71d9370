#include <string>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"
#include "mcp-mqtt/content_text.hpp"

namespace mcp_mqtt::command_line {
namespace {

struct ReadOptions {
  std::string server;
  std::string uri;
  bool raw = false;
};

ExitCode read(Program& program, const ReadOptions& options) {
  Output& out = program.out;
  if (options.raw && out.terminal().output) {
    throw Failure(ExitCode::usage,
                  "--raw writes control characters, too: send the output to a file or a program");
  }
  Connection connection(program);
  const ClientSession session = connection.open(options.server);
  const auto result = session.read_resource(options.uri, program.call_options());
  if (options.raw) {
    for (const ResourceContents& contents : result.contents) out.write(contents.text);
  } else if (out.format() == Format::json) {
    out.json(to_json(result, session.revision()));
  } else {
    for (const ResourceContents& contents : result.contents) {
      out.text(contents_text(contents));
      if (contents.binary) out.note("mcp-mqtt: --raw writes the bytes");
    }
  }
  return ExitCode::ok;
}

}  // namespace

void add_read(Commands& commands) {
  CLI::App& command =
      commands.add("read", "Read a resource", "mcp-mqtt read plant/pot plant://soil");
  auto options = std::make_shared<ReadOptions>();
  add_server_name(command, options->server);
  command.add_option("URI", options->uri, "The resource")->required()->type_name("");
  command.add_flag("--raw", options->raw, "Write the bytes as they are, to a file or a program");
  commands.on_run(command, [options](Program& program) { return read(program, *options); });
}

}  // namespace mcp_mqtt::command_line
