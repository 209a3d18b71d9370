#include <string>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"

namespace mcp_mqtt::command_line {
namespace {

std::string signature(const Prompt& prompt) {
  std::string out;
  for (const PromptArgument& argument : prompt.arguments) {
    const std::string one = argument.name + "=…";
    out += (out.empty() ? "" : " ") + (argument.required ? one : '[' + one + ']');
  }
  return out;
}

ExitCode prompts(Program& program, const std::string& name) {
  Connection connection(program);
  const ClientSession session = connection.open(name);
  const auto list = session.list_prompts(program.call_options());
  if (program.out.format() == Format::json) {
    Json document = Json::array();
    for (const Prompt& prompt : list) document.push_back(to_json(prompt, session.revision()));
    program.out.json(document);
    return ExitCode::ok;
  }
  const bool aligned = program.out.format() == Format::table;
  Table table =
      aligned ? Table({"PROMPT", "DESCRIPTION"}) : Table({"PROMPT", "DESCRIPTION", "ARGUMENTS"});
  for (const Prompt& prompt : list) {
    if (!aligned) {
      table.add({prompt.name, prompt.description, signature(prompt)});
      continue;
    }
    table.add({prompt.name, prompt.description});
    for (const PromptArgument& argument : prompt.arguments) {
      table.add({argument.name, argument.description + (argument.required ? "" : " (optional)")},
                2);
    }
  }
  if (table.empty()) {
    program.out.note("the server has no prompts");
  } else {
    program.out.table(table);
  }
  return ExitCode::ok;
}

}  // namespace

void add_prompts(Commands& commands) {
  CLI::App& command = commands.add("prompts", "Show the prompts of a server and their arguments",
                                   "mcp-mqtt prompts plant/pot");
  auto name = std::make_shared<std::string>();
  add_server_name(command, *name);
  commands.on_run(command, [name](Program& program) { return prompts(program, *name); });
}

}  // namespace mcp_mqtt::command_line
