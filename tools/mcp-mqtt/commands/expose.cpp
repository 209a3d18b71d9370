#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <mcp_mqtt/server.hpp>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/events.hpp"
#include "mcp-mqtt/expose/backends.hpp"
#include "mcp-mqtt/expose/words.hpp"
#include "mcp-mqtt/files.hpp"
#include "mcp-mqtt/settings.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_children = 1'000;

struct ExposeOptions {
  std::string name;
  std::string server_id;
  std::string description;
  std::string meta;
  std::vector<std::string> environment;
  std::string folder;
  bool shared = false;
  std::size_t max_sessions = 16;
  std::vector<std::string> words;
};

ChildCommand command_of(const ExposeOptions& options) {
  if (options.words.empty() || options.words.front().empty()) {
    throw Failure(ExitCode::usage,
                  "which program? For instance: mcp-mqtt expose --name notes -- npx -y "
                  "some-mcp-server");
  }
  ChildCommand command{.words = options.words, .environment = {}, .folder = options.folder};
  for (const std::string& variable : options.environment) {
    const std::size_t equals = variable.find('=');
    // The value may be a secret.
    if (equals == std::string::npos || equals == 0) {
      throw Failure(ExitCode::usage, "--env takes NAME=VALUE");
    }
    command.environment.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
  }
  struct stat info {};
  if (!options.folder.empty() &&
      (::stat(options.folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))) {
    throw Failure(ExitCode::usage, "--cwd: there is no folder '" + options.folder + "'");
  }
  return command;
}

Json meta_of(const std::string& text) {
  if (text.empty()) return Json::object();
  Json meta = Json::parse(text.starts_with('@') ? read_file(text.substr(1)) : text, nullptr, false);
  if (!meta.is_object()) {
    throw Failure(ExitCode::usage, R"(--meta takes a JSON object such as '{"site": "roof"}')");
  }
  return meta;
}

/// What happens, for the main thread: a line for the log, or what ends it all.
struct Happening {
  std::string line = {};
  std::optional<Failure> end = {};
};

class Exposed {
 public:
  Exposed(Program& program, const ExposeOptions& options)
      : program_(program),
        options_(options),
        settings_(make_settings(program.connection, program.environment)),
        server_options_(first_options()) {
    for (const std::string& warning : settings_.warnings) {
      program_.out.note("mcp-mqtt: warning: " + warning);
    }
    setup_.command = command_of(options);
    if (program.timeout) setup_.start_timeout = *program.timeout;
    setup_.log = [happenings = happenings_](std::string line) {
      happenings->push({std::move(line), {}});
    };
    // Wrong names are told before anything is started.
    const McpServer check(server_options_);
  }

  /// Until Ctrl-C or a failure: it always ends with Failure.
  void run() {
    try {
      prepare();
      announce();
      while (auto happening = happenings_->next(program_.interruption.token())) {
        show(*happening);
        if (happening->end) throw Failure(*happening->end);
      }
      throw Failure(ExitCode::interrupted, "interrupted");
    } catch (...) {
      leave();
      throw;
    }
  }

 private:
  ServerOptions first_options() const {
    ServerOptions options{.name = options_.name};
    options.server_id = options_.server_id;
    options.description = options_.description;
    options.meta = meta_of(options_.meta);
    options.connection = settings_.connection;
    options.worker_threads = 2;
    options.stop_timeout = 2s;
    return options;
  }

  /// Proves that the program serves; the presence has what it says of itself.
  void prepare() {
    Json result;
    if (options_.shared) {
      server_options_.backend = start_shared_backend(setup_, children_, shared_events());
      result = wait_for_shared();
    } else {
      result = probe_while_logging();
      server_options_.backend = make_session_backend(setup_, children_, options_.max_sessions);
      // A claim of a handshake costs a process, too.
      server_options_.limits.sessions = 2 * options_.max_sessions;
      server_options_.limits.provisional_sessions = 2 * options_.max_sessions;
    }
    const auto info = result.find("serverInfo");
    if (info != result.end()) about_ = implementation_from_json(*info);
    if (server_options_.description.empty()) {
      server_options_.description = about_.description.empty() ? about_.title : about_.description;
    }
    if (!about_.version.empty()) server_options_.version = about_.version;
    server_options_.instructions = text_member(result, "instructions");
  }

  SharedEvents shared_events() {
    return {[happenings = happenings_, ready = ready_](const Json& result) {
              ready->push(result);
              happenings->push({});
            },
            [happenings = happenings_](const Failure& why) {
              happenings->push({{}, why});
            }};
  }

  Json wait_for_shared() {
    while (auto happening = happenings_->next(program_.interruption.token())) {
      show(*happening);
      if (happening->end) throw Failure(*happening->end);
      if (auto result = ready_->take()) return *std::move(result);
    }
    throw Failure(ExitCode::interrupted, "interrupted");
  }

  Json probe_while_logging() {
    // What it says meanwhile is shown at once: it may say why it does not start.
    std::stop_source over;
    std::thread shower([&] {
      while (auto happening = happenings_->next(over.get_token())) show(*happening);
    });
    const auto end = [&] {
      over.request_stop();
      shower.join();
    };
    try {
      Json result = probe(setup_, probes_, program_.interruption.token());
      end();
      return result;
    } catch (...) {
      end();
      throw;
    }
  }

  void announce() {
    server_.emplace(server_options_);
    server_->on_connection([happenings = happenings_, lost = false](ConnectionState state,
                                                                    const Error& error) mutable {
      if (state == ConnectionState::lost) {
        happenings->push({"mcp-mqtt: connection lost: " + error.message, {}});
      } else if (state == ConnectionState::gave_up) {
        happenings->push(
            {{}, Failure(ExitCode::broker, "the connection is given up: " + error.message)});
      } else if (lost) {
        happenings->push({"mcp-mqtt: connected again", {}});
      }
      lost = state == ConnectionState::lost;
    });
    const std::stop_callback stop(program_.interruption.token(), [this] { server_->stop(); });
    try {
      server_->start(settings_.broker);
    } catch (const McpError& error) {
      if (program_.interruption.requested()) throw;
      throw no_connection(error.error(), settings_.broker_name);
    }
    program_.out.note(
        "mcp-mqtt: '" + server_->name() + "' is online at " + settings_.broker_name + ": " +
        about_.name + ' ' + about_.version + ", " +
        (options_.shared ? "one process for all sessions" : "a process for each session") +
        " (Ctrl-C ends)");
  }

  void show(const Happening& happening) {
    if (const std::size_t dropped = happenings_->take_dropped()) {
      program_.out.note("mcp-mqtt: " + std::to_string(dropped) +
                        " lines came too fast and are not shown");
    }
    if (!happening.line.empty()) program_.out.note(happening.line);
  }

  /// Clients are told, the presence is cleared, then the children end; what they say is shown.
  void leave() {
    if (server_) server_->stop();
    children_.end();
    probes_.end();
    children_.join();
    probes_.join();
    while (const auto happening = happenings_->take()) show(*happening);
  }

  Program& program_;
  const ExposeOptions& options_;
  Settings settings_;
  ServerOptions server_options_;
  ChildSetup setup_;
  Implementation about_;
  std::shared_ptr<Events<Happening>> happenings_ = std::make_shared<Events<Happening>>();
  std::shared_ptr<Events<Json>> ready_ = std::make_shared<Events<Json>>();
  Children probes_;
  Children children_;
  std::optional<McpServer> server_;
};

ExitCode expose(Program& program, const ExposeOptions& options) {
  if (options.name.empty()) {
    throw Failure(ExitCode::usage,
                  "under which name? For instance: mcp-mqtt expose --name notes -- COMMAND");
  }
  if (options.max_sessions == 0 || options.max_sessions > most_children) {
    throw Failure(ExitCode::usage,
                  "--max-sessions is to be from 1 to " + std::to_string(most_children));
  }
  Exposed(program, options).run();
  return ExitCode::ok;
}

}  // namespace

void add_expose(Commands& commands) {
  CLI::App& command = commands.add(
      "expose", "Put an MCP server that speaks over its standard streams on the broker",
      "mcp-mqtt expose --name notes -- npx -y some-mcp-server");
  auto options = std::make_shared<ExposeOptions>();
  command.add_option("--name", options->name, "The name that clients look for")->type_name("NAME");
  command
      .add_option("--description", options->description,
                  "One sentence for those who choose (else what the program says)")
      ->type_name("TEXT");
  command.add_option("--meta", options->meta, "More for them: a JSON object, or @file")
      ->type_name("JSON");
  command
      .add_option("--server-id", options->server_id,
                  "MQTT client id of this instance (else made from the name)")
      ->type_name("ID");
  command
      .add_option("--env", options->environment,
                  "Set in the program's environment; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--cwd", options->folder, "The folder in which the program runs")
      ->type_name("FOLDER");
  command.add_flag("--shared", options->shared,
                   "One process for all sessions, in place of one for each");
  command
      .add_option("--max-sessions", options->max_sessions,
                  "Processes at a time; one client more gets a busy error")
      ->capture_default_str()
      ->type_name("N");
  command.add_option("COMMAND", options->words, "The program and its arguments, after --")
      ->type_name("");
  commands.on_run(command, [options](Program& program) { return expose(program, *options); });
}

}  // namespace mcp_mqtt::command_line
