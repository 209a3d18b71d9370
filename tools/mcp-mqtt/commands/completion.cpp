#include <string>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/completion_script.hpp"

namespace mcp_mqtt::command_line {
namespace {

void add_options(const CLI::App& app, std::vector<std::string>& names, Completable& what) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) continue;
    for (const std::string& name : option->get_lnames()) {
      const std::string word = "--" + name;
      names.push_back(word);
      const bool file = option->get_type_name() == "FILE";
      if (file) {
        what.with_file.push_back(word);
      } else if (option->get_expected_max() > 0 && word != "--broker" && word != "--username" &&
                 word != "--transport") {
        what.with_value.push_back(word);
      }
    }
  }
}

Completable completable(const CLI::App& app) {
  Completable what;
  add_options(app, what.options, what);
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    std::vector<std::string>& own = what.commands[command->get_name()];
    add_options(*command, own, what);
    std::erase(own, "--help");
    for (const CLI::Option* option : command->get_options()) {
      const bool server = option->get_positional() && (option->get_single_name() == "NAME" ||
                                                       option->get_single_name() == "FILTER");
      if (server) what.with_server.push_back(command->get_name());
    }
  }
  return what;
}

}  // namespace

void add_completion(Commands& commands) {
  CLI::App& command = commands.add("completion", "Print a completion script for a shell",
                                   "source <(mcp-mqtt completion bash)");
  auto shell = std::make_shared<std::string>();
  command.add_option("SHELL", *shell, "bash")->required()->type_name("");
  commands.on_run(command, [shell, &app = commands.app()](Program& program) {
    if (*shell != "bash") {
      throw Failure(ExitCode::usage, "there is no completion for '" + *shell + "', only for bash");
    }
    program.out.write(bash_completion(completable(app)));
    return ExitCode::ok;
  });
}

}  // namespace mcp_mqtt::command_line
