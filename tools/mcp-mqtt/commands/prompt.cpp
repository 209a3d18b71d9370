#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "mcp-mqtt/arguments.hpp"
#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"
#include "mcp-mqtt/content_text.hpp"
#include "mcp-mqtt/files.hpp"
#include "mcp-mqtt/similar.hpp"

namespace mcp_mqtt::command_line {
namespace {

struct PromptOptions {
  std::string server;
  std::string prompt;
  std::vector<std::string> words;
};

[[noreturn]] void refuse(const std::string& what, const std::string& name,
                         const std::vector<std::string>& names) {
  throw Failure(ExitCode::usage,
                "there is no " + what + " '" + name + "': " + instead_of(name, names));
}

Prompt find_prompt(Program& program, const ClientSession& session, const std::string& name) {
  std::vector<std::string> names;
  for (const Prompt& prompt : session.list_prompts(program.call_options())) {
    if (prompt.name == name) return prompt;
    names.push_back(prompt.name);
  }
  refuse("prompt", name, names);
}

/// Checks the names against what the prompt says of itself.
std::map<std::string, std::string> arguments_for(const Prompt& prompt,
                                                 const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const PromptArgument& argument : prompt.arguments) names.push_back(argument.name);
  std::map<std::string, std::string> arguments;
  for (auto& [name, value] : split_words(words, read_file)) {
    if (std::find(names.begin(), names.end(), name) == names.end()) refuse("argument", name, names);
    arguments.emplace(name, std::move(value));
  }
  for (const PromptArgument& argument : prompt.arguments) {
    if (argument.required && arguments.count(argument.name) == 0) {
      throw Failure(ExitCode::usage, "argument '" + argument.name + "' is missing: " +
                                         argument.name + "=… (" + argument.description + ")");
    }
  }
  return arguments;
}

ExitCode prompt(Program& program, const PromptOptions& options) {
  Connection connection(program);
  const ClientSession session = connection.open(options.server);
  const Prompt found = find_prompt(program, session, options.prompt);
  const auto result = session.get_prompt(options.prompt, arguments_for(found, options.words),
                                         program.call_options());
  if (program.out.format() == Format::json) {
    program.out.json(to_json(result, session.revision()));
    return ExitCode::ok;
  }
  for (const PromptMessage& message : result.messages) {
    program.out.text(std::string(to_string(message.role)) + ": " + content_text(message.content));
  }
  return ExitCode::ok;
}

}  // namespace

void add_prompt(Commands& commands) {
  CLI::App& command = commands.add("prompt", "Show a prompt with its arguments filled in",
                                   "mcp-mqtt prompt plant/pot advice plant=fern");
  auto options = std::make_shared<PromptOptions>();
  add_server_name(command, options->server);
  command.add_option("PROMPT", options->prompt, "The prompt's name")->required()->type_name("");
  command.add_option("ARGUMENT", options->words, "name=value; name=@file takes it from a file")
      ->type_name("");
  commands.on_run(command, [options](Program& program) { return prompt(program, *options); });
}

}  // namespace mcp_mqtt::command_line
