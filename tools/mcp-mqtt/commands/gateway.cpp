#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/config_file.hpp"
#include "mcp-mqtt/connection.hpp"
#include "mcp-mqtt/files.hpp"
#include "mcp-mqtt/http/gateway_servers.hpp"
#include "mcp-mqtt/http/header_text.hpp"
#include "mcp-mqtt/http/http_endpoint.hpp"
#include "mcp-mqtt/http/http_server.hpp"
#include "mcp-mqtt/numbers.hpp"
#include "mcp-mqtt/topic_words.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

struct GatewayOptions {
  std::string filter = "#";
  std::string listen = "127.0.0.1:8080";
  std::vector<std::string> hosts;
  std::vector<std::string> origins;
  std::optional<std::string> token_file;
  std::optional<std::string> certificate_file;
  std::optional<std::string> key_file;
  bool allow_anyone = false;
  int sessions = 64;
  double idle = 1'800;
};

HostPort listen_address(const std::string& text) {
  const auto address = parse_host(text);
  if (address && address->port) return *address;
  throw Failure(ExitCode::usage, "--listen takes HOST:PORT, as in 127.0.0.1:8080, not '" + text +
                                     "' (an IPv6 address in brackets)");
}

std::vector<std::string> allowed_hosts(const std::vector<std::string>& hosts) {
  std::vector<std::string> out;
  for (const std::string& host : hosts) {
    if (!parse_host(host)) {
      throw Failure(ExitCode::usage, "--allow-host takes a host, or HOST:PORT, not '" + host + "'");
    }
    out.push_back(lower_case(host));
  }
  return out;
}

std::vector<std::string> allowed_origins(const std::vector<std::string>& origins) {
  std::vector<std::string> out;
  for (const std::string& origin : origins) {
    const std::size_t scheme = origin.find("://");
    if (scheme == std::string::npos || !parse_host(origin.substr(scheme + 3))) {
      throw Failure(
          ExitCode::usage,
          "--allow-origin takes SCHEME://HOST[:PORT], as a browser sends it, not '" + origin + "'");
    }
    out.push_back(lower_case(origin));
  }
  return out;
}

std::string gateway_token(const GatewayOptions& options, const Program& program) {
  if (!options.token_file) return program.environment("MCP_MQTT_GATEWAY_TOKEN").value_or("");
  const std::string content = read_file(*options.token_file);
  std::string token = content.substr(0, content.find_first_of("\r\n"));
  if (token.empty()) {
    throw Failure(ExitCode::usage,
                  "the first line of the token file '" + *options.token_file + "' is empty");
  }
  if (readable_by_others(*options.token_file)) {
    program.out.note("mcp-mqtt: warning: others can read the token file '" + *options.token_file +
                     "': chmod 600 '" + *options.token_file + "'");
  }
  return token;
}

EndpointOptions endpoint_options(const GatewayOptions& options, const Program& program,
                                 const HostPort& address) {
  EndpointOptions out;
  out.access.loopback = is_loopback(address.host);
  out.access.tls = options.certificate_file.has_value();
  out.access.hosts = allowed_hosts(options.hosts);
  out.access.origins = allowed_origins(options.origins);
  out.access.token = gateway_token(options, program);
  if (!out.access.loopback && out.access.token.empty() && !options.allow_anyone) {
    throw Failure(ExitCode::usage, "others could reach " + options.listen +
                                       " and use every server: --token-file FILE asks them for a "
                                       "token (or --allow-anyone)");
  }
  if (!out.access.loopback && !out.access.token.empty() && !out.access.tls) {
    program.out.note(
        "mcp-mqtt: warning: the token crosses the network as it is: --tls-certificate and "
        "--tls-key protect it");
  }
  if (options.sessions < 1 || options.sessions > 10'000) {
    throw Failure(ExitCode::usage, "--max-sessions takes a number from 1 to 10000");
  }
  out.sessions = static_cast<std::size_t>(options.sessions);
  out.idle = seconds_option("--idle-timeout", options.idle);
  return out;
}

HttpServerOptions http_options(const GatewayOptions& options, const HostPort& address) {
  if (options.certificate_file.has_value() != options.key_file.has_value()) {
    throw Failure(ExitCode::usage, options.key_file
                                       ? "a key needs its certificate: --tls-certificate FILE"
                                       : "a certificate needs its key: --tls-key FILE");
  }
  HttpServerOptions out;
  out.host = address.host;
  if (out.host.starts_with('[')) out.host = out.host.substr(1, out.host.size() - 2);
  out.port = static_cast<std::uint16_t>(*address.port);
  out.certificate_file = options.certificate_file.value_or("");
  out.key_file = options.key_file.value_or("");
  // Each of them is found out early: later the message would be httplib's, which has none.
  if (options.certificate_file) read_file(*options.certificate_file);
  if (options.key_file) read_file(*options.key_file);
  return out;
}

/// Looks after the sessions, once a second, until it is destroyed.
class Housekeeping {
 public:
  explicit Housekeeping(SessionTable& sessions)
      : thread_([this, &sessions](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          while (!stop.stop_requested()) {
            wake_.wait_for(lock, stop, 1s, [] { return false; });
            sessions.tend(std::chrono::steady_clock::now());
          }
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

void announce(Program& program, const GatewayOptions& options, const GatewayServers& servers,
              const HostPort& address, std::uint16_t port) {
  const std::string base = (options.certificate_file ? "https://" : "http://") + address.host +
                           ":" + std::to_string(port);
  const std::string url = base + (servers.one_server() ? "/mcp" : "/mcp/SERVER-NAME");
  if (program.out.format() == Format::json) {
    return program.out.json_line({{"serving", options.filter}, {"url", url}});
  }
  program.out.text("serving " + options.filter + " at " + url);
}

ExitCode gateway(Program& program, const GatewayOptions& options) {
  check_name_filter("the server", options.filter);
  const HostPort address = listen_address(options.listen);
  const EndpointOptions rules = endpoint_options(options, program, address);
  const HttpServerOptions http = http_options(options, address);
  Connection connection(program);
  if (!connection.settings().client_id.empty()) {
    throw Failure(ExitCode::usage,
                  "the gateway connects once for each session, so it cannot keep one client id");
  }
  connection.prepare_to_follow();
  connection.connect();
  GatewayServers servers(connection, program, options.filter);
  HttpEndpoint endpoint(rules, servers);
  endpoint.sessions().on_end([&](const GatewaySession& session, const std::string& reason) {
    program.out.note("mcp-mqtt: a session with " + session.server() + " is over: " + reason);
  });
  HttpServer server(endpoint, http);
  const Housekeeping housekeeping(endpoint.sessions());
  announce(program, options, servers, address, server.port());
  try {
    connection.follow();
  } catch (...) {
    // Streams end with their sessions, and then the connections do.
    endpoint.sessions().stop();
    server.stop();
    throw;
  }
  return ExitCode::ok;
}

}  // namespace

void add_gateway(Commands& commands) {
  CLI::App& command =
      commands.add("gateway", "Serve MCP servers over Streamable HTTP, until Ctrl-C",
                   "mcp-mqtt gateway desk/companion --listen 127.0.0.1:8080");
  auto options = std::make_shared<GatewayOptions>();
  command
      .add_option("NAME", options->filter,
                  "The server's name, served at /mcp; or an MQTT filter over names, each served at "
                  "/mcp/SERVER-NAME (default: all)")
      ->type_name("");
  command.add_option("--listen", options->listen, "Where to listen; port 0 is any that is free")
      ->capture_default_str()
      ->type_name("HOST:PORT");
  command
      .add_option("--token-file", options->token_file,
                  "File whose first line is the bearer token to ask for (else "
                  "MCP_MQTT_GATEWAY_TOKEN)")
      ->type_name("FILE");
  command
      .add_option("--tls-certificate", options->certificate_file,
                  "Serve HTTPS with this certificate and those above it (PEM)")
      ->type_name("FILE");
  command.add_option("--tls-key", options->key_file, "Key of that certificate (PEM)")
      ->type_name("FILE");
  command
      .add_option("--allow-host", options->hosts,
                  "Host that a request may name, beside this machine (repeat it for more)")
      ->type_name("HOST[:PORT]")
      ->allow_extra_args(false);
  command
      .add_option("--allow-origin", options->origins,
                  "Origin of web pages that may come from elsewhere (repeat it for more)")
      ->type_name("ORIGIN")
      ->allow_extra_args(false);
  command.add_flag("--allow-anyone", options->allow_anyone,
                   "Listen beyond this machine without a token");
  command.add_option("--max-sessions", options->sessions, "How many sessions at a time")
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--idle-timeout", options->idle, "A session that nobody used for so long is over")
      ->capture_default_str()
      ->type_name("SECONDS");
  commands.on_run(command, [options](Program& program) { return gateway(program, *options); });
}

}  // namespace mcp_mqtt::command_line
