#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mcp-mqtt/arguments.hpp"
#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"
#include "mcp-mqtt/content_text.hpp"
#include "mcp-mqtt/files.hpp"
#include "mcp-mqtt/log_text.hpp"
#include "mcp-mqtt/progress_text.hpp"
#include "mcp-mqtt/similar.hpp"

namespace mcp_mqtt::command_line {
namespace {

struct CallCommandOptions {
  std::string server;
  std::string tool;
  std::vector<std::string> words;
  std::string json;
  std::string level = "info";
  bool quiet = false;
};

/// `--json`: the arguments as they are, from the command line or from `@file`.
Json json_arguments(const std::string& text) {
  Json arguments =
      Json::parse(text.starts_with('@') ? read_file(text.substr(1)) : text, nullptr, false);
  if (!arguments.is_object()) {
    throw Failure(ExitCode::usage, R"(--json takes a JSON object such as '{"volume": 30}')");
  }
  return arguments;
}

Tool find_tool(Program& program, const ClientSession& session, const std::string& name) {
  const auto tools = session.list_tools(program.call_options());
  std::vector<std::string> names;
  for (const Tool& tool : tools) {
    if (tool.name == name) return tool;
    names.push_back(tool.name);
  }
  throw Failure(ExitCode::usage, "there is no tool '" + name + "': " + instead_of(name, names));
}

CallOptions options_of_call(Program& program, bool quiet) {
  CallOptions options = program.call_options();
  // A tool that still reports is not late, unless the user said when it is.
  options.reset_timeout_on_progress = !options.timeout;
  if (quiet) return options;
  options.on_progress = [&out = program.out](const Progress& progress) {
    if (out.terminal().error) {
      const std::size_t width = out.terminal().error_width;
      out.status(progress_bar(progress, width > 1 ? width - 1 : 79));
    } else {
      out.note(progress_line(progress));
    }
  };
  return options;
}

/// The result comes as callbacks do: behind what the tool logged and reported before. A call that
/// blocks has it at once.
CallToolResult call_in_order(const ClientSession& session, const std::string& tool, Json arguments,
                             const CallOptions& options) {
  auto result = std::make_shared<std::promise<Result<CallToolResult>>>();
  auto outcome = result->get_future();
  session.async_call_tool(
      tool, std::move(arguments), options,
      [result](Result<CallToolResult> came) { result->set_value(std::move(came)); });
  return outcome.get().value();
}

ExitCode show(Output& out, const CallToolResult& result, Revision revision) {
  const ExitCode code = result.is_error ? ExitCode::tool_error : ExitCode::ok;
  if (out.format() == Format::json) {
    out.json(to_json(result, revision));
    return code;
  }
  std::string text;
  for (const Content& content : result.content) {
    text += content_text(content);
    if (!text.ends_with('\n')) text += '\n';
  }
  if (text.empty() && !result.structured_content.is_null()) {
    text = result.structured_content.dump(2, ' ', false, Json::error_handler_t::replace);
  }
  if (result.is_error) {
    out.note("mcp-mqtt: the tool failed: " + text);
  } else if (!text.empty()) {
    out.text(text);
  }
  return code;
}

ExitCode call(Program& program, const CallCommandOptions& options) {
  if (!options.json.empty() && !options.words.empty()) {
    throw Failure(ExitCode::usage, "give the arguments either as name=value or with --json");
  }
  const auto level = parse_logging_level(options.level);
  if (!level) throw Failure(ExitCode::usage, unknown_level(options.level));
  Json arguments;
  if (!options.json.empty()) arguments = json_arguments(options.json);

  Connection connection(program);
  if (!options.quiet) {
    connection.client().on_log(
        [&out = program.out](const ClientSession&, const LoggingMessage& message) {
          out.note(log_line(message));
        });
  }
  const ClientSession session = connection.open(options.server);
  if (arguments.is_null()) {
    const Tool tool = find_tool(program, session, options.tool);
    arguments = make_arguments(tool.input_schema, options.words, read_file);
  }
  if (!options.quiet && session.capabilities().logging) {
    session.set_logging_level(*level, program.call_options());
  }
  const CallToolResult result = call_in_order(session, options.tool, std::move(arguments),
                                              options_of_call(program, options.quiet));
  program.out.end_status();
  return show(program.out, result, session.revision());
}

}  // namespace

void add_call(Commands& commands) {
  CLI::App& command =
      commands.add("call", "Call a tool", "mcp-mqtt call desk/companion set_volume volume=30");
  auto options = std::make_shared<CallCommandOptions>();
  add_server_name(command, options->server);
  command.add_option("TOOL", options->tool, "The tool's name")->required()->type_name("");
  command
      .add_option("ARGUMENT", options->words,
                  "name=value, typed by the tool's schema; a.b=1 is a member of a, name=@file "
                  "takes the value from a file")
      ->type_name("");
  command.add_option("--json", options->json, "All arguments as one JSON object, or @file")
      ->type_name("OBJECT");
  command.add_option("--level", options->level, "Show log messages of this level and above")
      ->capture_default_str()
      ->type_name("LEVEL");
  command.add_flag("--quiet", options->quiet, "Show neither progress nor log messages");
  commands.on_run(command, [options](Program& program) { return call(program, *options); });
}

}  // namespace mcp_mqtt::command_line
