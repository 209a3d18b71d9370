#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/program.hpp"

namespace mcp_mqtt::command_line {

/// The subcommands, as they are put together. A subcommand keeps its options in an object that its
/// action holds.
class Commands {
 public:
  using Action = std::function<ExitCode(Program&)>;

  explicit Commands(CLI::App& app) : app_(app) {}

  /// A new subcommand with its help. The example is a whole command.
  CLI::App& add(const std::string& name, const std::string& description,
                const std::string& example) {
    CLI::App* command = app_.add_subcommand(name, description);
    command->fallthrough();
    command->footer("Example:\n  " + example +
                    "\n\nThe options of `mcp-mqtt --help` work here, too.");
    return *command;
  }

  /// What the subcommand does when it is the one.
  void on_run(CLI::App& command, Action action) {
    command.callback([this, action = std::move(action)] { chosen_ = action; });
  }

  /// The action of the subcommand that the command line named; empty: none.
  const Action& chosen() const noexcept { return chosen_; }
  CLI::App& app() noexcept { return app_; }

 private:
  CLI::App& app_;
  Action chosen_;
};

void add_servers(Commands& commands);
void add_info(Commands& commands);
void add_tools(Commands& commands);
void add_call(Commands& commands);
void add_resources(Commands& commands);
void add_read(Commands& commands);
void add_subscribe(Commands& commands);
void add_prompts(Commands& commands);
void add_prompt(Commands& commands);
void add_complete(Commands& commands);
void add_ping(Commands& commands);
void add_log(Commands& commands);
void add_doctor(Commands& commands);
void add_acl(Commands& commands);
void add_gateway(Commands& commands);
void add_expose(Commands& commands);
void add_bridge(Commands& commands);
void add_completion(Commands& commands);

/// The first positional argument of most subcommands.
inline void add_server_name(CLI::App& command, std::string& name) {
  command.add_option("NAME", name, "The server's name, or an MQTT filter over names")
      ->required()
      ->type_name("");
}

}  // namespace mcp_mqtt::command_line
