#include "mcp-mqtt/http/gateway_servers.hpp"

#include <set>
#include <vector>

#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/similar.hpp"
#include "mcp-mqtt/topic_words.hpp"

namespace mcp_mqtt::command_line {
namespace {

Error not_here(const std::string& message) { return {ErrorKind::server_gone, 0, message, nullptr}; }

}  // namespace

GatewayServers::GatewayServers(Connection& connection, const Program& program, std::string filter)
    : connection_(connection), filter_(std::move(filter)) {
  setup_.broker = connection.settings().broker;
  setup_.connection = connection.settings().connection;
  setup_.wait = program.wait;
  if (program.timeout) {
    setup_.connection.connect_timeout = *program.timeout;
    setup_.handshake = *program.timeout;
    setup_.call = *program.timeout;
  }
  // It looks from now on, so that a session begins without a search.
  connection_.client().discover(filter_, std::chrono::milliseconds(1));
}

bool GatewayServers::one_server() const { return !has_wildcard(filter_); }

std::string GatewayServers::online() const {
  std::set<std::string> names;
  for (const ServerInstance& instance : connection_.client().servers(filter_)) {
    names.insert(instance.server_name);
  }
  if (names.empty()) return "none is online";
  return "online are " + listed({names.begin(), names.end()});
}

Result<std::string> GatewayServers::server_at(const std::string& name) {
  if (name.empty()) {
    if (one_server()) return filter_;
    return not_here("which server? Its name stands in the path, as in /mcp/desk/companion: " +
                    online());
  }
  try {
    check_server_name("the server", name);
  } catch (const Failure& failure) {
    return not_here(failure.what());
  }
  if (!filter_covers(filter_, name)) {
    return not_here("'" + name + "' is not served here, only '" + filter_ + "'");
  }
  return name;
}

Result<void> GatewayServers::find(const std::string& server) {
  try {
    connection_.client().wait_for_server(server, setup_.wait);
    return {};
  } catch (const McpError& error) {
    if (error.kind() != ErrorKind::server_gone) return error.error();
    return not_here("no server '" + server + "' is online: " + online());
  }
}

std::unique_ptr<HostSession> GatewayServers::open(const std::string& server,
                                                  std::shared_ptr<HostLink> link) {
  RelaySetup setup = setup_;
  setup.server = server;
  return make_relay(std::move(setup), std::move(link));
}

}  // namespace mcp_mqtt::command_line
