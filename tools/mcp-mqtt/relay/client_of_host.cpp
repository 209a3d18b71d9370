#include "mcp-mqtt/relay/client_of_host.hpp"

#include <chrono>
#include <utility>

#include "mcp-mqtt/failure.hpp"

namespace mcp_mqtt::command_line {

ClientOptions options_of_host(const Json& params) {
  const auto info = params.find("clientInfo");
  const Implementation host =
      info == params.end() ? Implementation() : implementation_from_json(*info);
  ClientOptions options{.name = host.name.empty() ? "mcp-mqtt" : host.name,
                        .version = host.version,
                        .title = host.title,
                        .description = host.description,
                        .website_url = host.website_url,
                        .icons = host.icons};
  options.worker_threads = 2;
  options.stop_timeout = std::chrono::seconds(2);
  return options;
}

Json capabilities_of_host(const Json& params) {
  const auto capabilities = params.find("capabilities");
  return capabilities == params.end() || !capabilities->is_object() ? Json::object()
                                                                    : *capabilities;
}

void connect_for_host(McpClient& client, const std::string& broker,
                      const std::string& broker_name) {
  try {
    client.connect(broker);
  } catch (const McpError& error) {
    throw McpError(naming_broker(error.error(), broker_name));
  }
}

void HostOpening::begin(std::function<void()> open) {
  opening_ = std::async(std::launch::async, std::move(open));
}

void HostOpening::end(McpClient& client) {
  client.stop();
  // A client that was stopped may be connected: it was, if that came before.
  while (opening_.valid() &&
         opening_.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready)
    client.stop();
}

}  // namespace mcp_mqtt::command_line
