#include "mcp-mqtt/connection.hpp"

#include <stop_token>

#include <mcp_mqtt/version.hpp>

#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/unknown_server.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// An instance that does not answer is given up early, so that there is time for another one.
constexpr std::chrono::milliseconds handshake{10'000};

}  // namespace

Connection::Connection(Program& program)
    : program_(program),
      settings_(make_settings(program.connection, program.environment)),
      client_(client_options()) {
  for (const std::string& warning : settings_.warnings) {
    program_.out.note("mcp-mqtt: warning: " + warning);
  }
}

Connection::~Connection() { client_.stop(); }

ClientOptions Connection::client_options() {
  ClientOptions options{.name = "mcp-mqtt", .version = MCP_MQTT_VERSION};
  options.connection = settings_.connection;
  options.client_id = settings_.client_id;
  options.fixed_client_id = !settings_.client_id.empty();
  if (program_.timeout) options.connection.connect_timeout = *program_.timeout;
  options.stop_timeout = 2s;
  return options;
}

void Connection::connect() {
  const std::stop_callback stop(program_.interruption.token(), [this] { client_.stop(); });
  try {
    client_.connect(settings_.broker);
  } catch (const McpError& error) {
    throw no_connection(error.error(), settings_.broker_name);
  }
}

ClientSession Connection::open(const std::string& name) {
  connect();
  const std::stop_callback stop(program_.interruption.token(), [this] { client_.stop(); });
  try {
    client_.wait_for_server(name, program_.wait);
  } catch (const McpError& error) {
    if (error.kind() != ErrorKind::server_gone) throw;
    refuse_unknown(name);
  }
  OpenOptions options;
  options.initialize_timeout = program_.timeout.value_or(handshake);
  options.timeout = 2 * *options.initialize_timeout;
  try {
    return client_.open(name, options);
  } catch (const McpError& error) {
    // It is announced, so what is missing is its answer.
    const bool silent =
        error.kind() == ErrorKind::server_gone || error.kind() == ErrorKind::timeout;
    throw Failure(silent ? ExitCode::timeout : exit_code_of(error.kind()),
                  "no session with '" + name + "': " + error.what());
  }
}

void Connection::refuse_unknown(const std::string& name) {
  throw Failure(ExitCode::no_server, unknown_server(client_, name, settings_.broker_name));
}

void Connection::prepare_to_follow() {
  client_.on_state([this](const ClientEvent& event) { on_event(event); });
}

void Connection::on_event(const ClientEvent& event) {
  const std::string reason = event.reason.message;
  switch (event.kind) {
    case ClientEvent::Kind::connection_lost:
      post([this, reason] { program_.out.note("mcp-mqtt: connection lost: " + reason); });
      break;
    case ClientEvent::Kind::session_reopened:
      post([this] { program_.out.note("mcp-mqtt: connected again"); });
      break;
    case ClientEvent::Kind::gave_up:
      post([reason] { throw Failure(ExitCode::broker, "the connection is given up: " + reason); });
      break;
    case ClientEvent::Kind::session_closed:
      post([reason, kind = event.reason.kind] {
        throw Failure(exit_code_of(kind), "the session is over: " + reason);
      });
      break;
    case ClientEvent::Kind::connected:
    case ClientEvent::Kind::session_opened:
    case ClientEvent::Kind::session_suspended:
      break;
  }
}

void Connection::follow() {
  while (const auto task = tasks_->next(program_.interruption.token())) {
    if (const std::size_t dropped = tasks_->take_dropped()) {
      program_.out.note("mcp-mqtt: " + std::to_string(dropped) +
                        " lines came too fast and are not shown");
    }
    (*task)();
  }
  throw Failure(ExitCode::interrupted, "interrupted");
}

}  // namespace mcp_mqtt::command_line
