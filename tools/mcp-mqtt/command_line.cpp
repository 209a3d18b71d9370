#include "mcp-mqtt/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>
#include <string>

#include <mcp_mqtt/log.hpp>
#include <mcp_mqtt/version.hpp>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/numbers.hpp"
#include "mcp-mqtt/safe_text.hpp"
#include "mcp-mqtt/similar.hpp"

namespace mcp_mqtt::command_line {
namespace {

/// The options that all subcommands share.
struct Flags {
  ConnectionFlags connection;
  std::string output;
  std::optional<double> timeout;
  double wait = 2;
  bool verbose = false;
};

void add_flags(CLI::App& app, Flags& flags) {
  ConnectionFlags& connection = flags.connection;
  const auto add = [&](const char* name, std::optional<std::string>& value, const char* what,
                       const char* type) {
    app.add_option(name, value, what)->type_name(type)->group("Broker");
  };
  add("--broker", connection.broker,
      "mqtt://, mqtts://, ws:// or wss:// (else MCP_MQTT_BROKER, else the configuration file, "
      "else mqtt://127.0.0.1:1883)",
      "URL");
  add("--username", connection.username, "User name (else MCP_MQTT_USERNAME)", "NAME");
  add("--password-file", connection.password_file,
      "File whose first line is the password (else MCP_MQTT_PASSWORD)", "FILE");
  add("--ca-file", connection.ca_file, "Authorities that the broker's certificate may come from",
      "FILE");
  add("--cert", connection.certificate_file, "Client certificate", "FILE");
  add("--key", connection.key_file, "Key of the client certificate", "FILE");
  add("--client-id", connection.client_id,
      "MQTT client id to keep, for a broker that makes the user name the id (else any)", "ID");
  add("--transport", connection.transport, "automatic, paho or mosquitto", "KIND");
  add("--config", connection.config,
      "Configuration file (else $XDG_CONFIG_HOME/mcp-mqtt/config.json)", "FILE");
  app.add_option("--output", flags.output,
                 "table, plain (tabs, for scripts) or json (else table on a terminal, plain "
                 "elsewhere)")
      ->type_name("FORMAT");
  app.add_option("--timeout", flags.timeout, "How long each request may take")
      ->type_name("SECONDS");
  app.add_option("--wait", flags.wait, "How long to wait for a server that is not online")
      ->capture_default_str()
      ->type_name("SECONDS");
  app.add_flag("--verbose", flags.verbose, "Show the library's log on standard error");
}

void add_commands(Commands& commands) {
  add_servers(commands);
  add_info(commands);
  add_tools(commands);
  add_call(commands);
  add_resources(commands);
  add_read(commands);
  add_subscribe(commands);
  add_prompts(commands);
  add_prompt(commands);
  add_complete(commands);
  add_ping(commands);
  add_log(commands);
  add_doctor(commands);
  add_acl(commands);
  add_gateway(commands);
  add_expose(commands);
  add_bridge(commands);
  add_completion(commands);
}

int fail(const std::string& message, ExitCode code) {
  std::fputs(("mcp-mqtt: " + safe_line(message) + '\n').c_str(), stderr);
  return static_cast<int>(code);
}

/// The subcommand that the command line had got to, for a hint at its help.
std::string help_of(const CLI::App& app) {
  const auto named = app.get_subcommands();
  return "mcp-mqtt " + (named.empty() ? "" : named.front()->get_name() + ' ') + "--help";
}

std::vector<std::string> command_names(CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

int refuse_usage(CLI::App& app, const CLI::ParseError& error) {
  const bool named = !app.get_subcommands().empty();
  const auto rest = app.remaining(true);
  if (!named && !rest.empty() && !rest.front().starts_with('-')) {
    const std::string near = closest(rest.front(), command_names(app));
    return fail("there is no command '" + rest.front() +
                    "': " + (near.empty() ? "see mcp-mqtt --help" : "did you mean '" + near + "'?"),
                ExitCode::usage);
  }
  std::string what = error.what();
  if (!rest.empty()) what = "'" + rest.front() + "' is one too many, or unknown";
  return fail(what + " (see " + help_of(app) + ")", ExitCode::usage);
}

Program make_program(const Flags& flags, Output& out, Interruption& interruption) {
  Program program{out, interruption, flags.connection, environment_of_process};
  if (flags.timeout) program.timeout = seconds_option("--timeout", *flags.timeout);
  program.wait = seconds_option("--wait", flags.wait);
  return program;
}

int run_action(const Commands::Action& action, const Flags& flags) {
  std::optional<Format> format;
  if (!flags.output.empty()) {
    format = parse_format(flags.output);
    if (!format) {
      return fail("there is no output '" + flags.output + "': table, plain or json",
                  ExitCode::usage);
    }
  }
  set_log_level(flags.verbose ? LogLevel::debug : LogLevel::off);
  Interruption interruption;
  Output out(format, Terminal::of_process());
  const auto ended = [&](const std::string& message, ExitCode code) {
    out.end_status();
    // Whatever a request ended as then, this is why.
    if (interruption.requested()) {
      fail("interrupted", code);
      return interruption.exit_code();
    }
    return fail(message, code);
  };
  try {
    Program program = make_program(flags, out, interruption);
    return static_cast<int>(action(program));
  } catch (const Failure& failure) {
    return ended(failure.what(), failure.code());
  } catch (const McpError& error) {
    return ended(error.what(), exit_code_of(error.kind()));
  } catch (const std::exception& error) {
    return ended(error.what(), ExitCode::other);
  }
}

}  // namespace

int run(int argc, const char* const* argv) {
  CLI::App app{"Sees and calls MCP servers on an MQTT broker.", "mcp-mqtt"};
  app.set_version_flag("--version", std::string("mcp-mqtt ") + MCP_MQTT_VERSION);
  app.footer(
      "Example:\n  mcp-mqtt --broker mqtt://localhost call desk/companion set_volume "
      "volume=30");
  // One only: a server, tool or text may have the name of a subcommand.
  app.require_subcommand(0, 1);
  Flags flags;
  add_flags(app, flags);
  Commands commands(app);
  add_commands(commands);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return refuse_usage(app, error);
  }
  if (!commands.chosen()) {
    return fail("which command? For instance servers, tools or call: see mcp-mqtt --help",
                ExitCode::usage);
  }
  return run_action(commands.chosen(), flags);
}

}  // namespace mcp_mqtt::command_line
