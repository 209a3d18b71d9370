#include <string>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"

namespace mcp_mqtt::command_line {
namespace {

struct CompleteOptions {
  std::string server;
  std::string prompt;
  std::string resource;
  std::string argument;
  std::string value;
};

ExitCode complete(Program& program, const CompleteOptions& options) {
  if (options.prompt.empty() == options.resource.empty()) {
    throw Failure(ExitCode::usage,
                  "what has the argument: either --prompt PROMPT or --resource TEMPLATE");
  }
  CompleteRequest request;
  request.argument = options.argument;
  request.value = options.value;
  if (options.prompt.empty()) {
    request.reference = ResourceReference{options.resource};
  } else {
    request.reference = PromptReference{options.prompt};
  }
  Connection connection(program);
  const ClientSession session = connection.open(options.server);
  const Completion completion = session.complete(request, program.call_options());
  if (program.out.format() == Format::json) {
    program.out.json(to_json(completion));
    return ExitCode::ok;
  }
  Table values({"VALUE"});
  for (const std::string& value : completion.values) values.add({value});
  program.out.write(values.plain());
  if (completion.has_more.value_or(false)) program.out.note("mcp-mqtt: there are more values");
  return ExitCode::ok;
}

}  // namespace

void add_complete(Commands& commands) {
  CLI::App& command = commands.add("complete", "Show the values that complete an argument",
                                   "mcp-mqtt complete plant/pot --prompt advice plant fe");
  auto options = std::make_shared<CompleteOptions>();
  add_server_name(command, options->server);
  command.add_option("--prompt", options->prompt, "The prompt that has the argument")
      ->type_name("PROMPT");
  command.add_option("--resource", options->resource, "The template that has the variable")
      ->type_name("TEMPLATE");
  command.add_option("ARGUMENT", options->argument, "The argument's or variable's name")
      ->required()
      ->type_name("");
  command.add_option("VALUE", options->value, "What is typed so far")->type_name("");
  commands.on_run(command, [options](Program& program) { return complete(program, *options); });
}

}  // namespace mcp_mqtt::command_line
