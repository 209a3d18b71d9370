#include "wire/topics.hpp"

#include <vector>

#include "fuzz.hpp"

// Topics: nothing that is no name gets into one, and what is read was built of the same names.
// Input: any topic; then lines with a filter, a server-name, a server-id, a client id.
namespace mcp_mqtt::fuzz {
namespace {

using namespace wire;

std::vector<std::string_view> levels(std::string_view text) {
  std::vector<std::string_view> found;
  while (true) {
    const std::size_t slash = text.find('/');
    found.push_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return found;
    text.remove_prefix(slash + 1);
  }
}

/// MQTT 5, 4.7, level by level.
bool matches(std::string_view filter, std::string_view name) {
  const auto wanted = levels(filter);
  const auto have = levels(name);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == "#") return true;
    if (i >= have.size() || (wanted[i] != "+" && wanted[i] != have[i])) return false;
  }
  return wanted.size() == have.size();
}

void check_topic(std::string_view text) {
  const Topic topic = parse_topic(text);
  const auto rebuilt = [&]() -> std::string {
    if (const auto* t = std::get_if<ControlTopic>(&topic)) {
      return control_topic(t->server_id, t->server_name);
    }
    if (const auto* t = std::get_if<ServerPresenceTopic>(&topic)) {
      return server_presence_topic(t->server_id, t->server_name);
    }
    if (const auto* t = std::get_if<ServerCapabilityTopic>(&topic)) {
      return server_capability_topic(t->server_id, t->server_name);
    }
    if (const auto* t = std::get_if<ClientPresenceTopic>(&topic)) {
      return client_presence_topic(t->client_id);
    }
    if (const auto* t = std::get_if<ClientCapabilityTopic>(&topic)) {
      return client_capability_topic(t->client_id);
    }
    if (const auto* t = std::get_if<RpcTopic>(&topic)) {
      return rpc_topic(t->client_id, t->server_id, t->server_name);
    }
    return std::string(text);
  }();
  require(rebuilt == text, "a topic is built as it was read", text);
  if (std::holds_alternative<std::monostate>(topic)) return;
  require(text.find_first_of("+#") == std::string_view::npos, "no wildcard in a topic", text);
  require(text.size() <= 65'535 && levels(text).size() <= 200, "brokers take the topic", text);
}

void check_names(std::string_view name, std::string_view server_id, std::string_view client_id) {
  const bool named = check_server_name(name).has_value();
  const bool server = check_server_id(server_id).has_value();
  const bool client = check_client_id(client_id).has_value();
  if (client) {
    check_topic(client_presence_topic(client_id));
    const Topic topic = parse_topic(client_capability_topic(client_id));
    const auto* read = std::get_if<ClientCapabilityTopic>(&topic);
    require(read != nullptr && read->client_id == client_id, "names survive", client_id);
  }
  if (!named || !server) return;
  for (const std::string& built :
       {control_topic(server_id, name), server_presence_topic(server_id, name),
        server_capability_topic(server_id, name)}) {
    require(!std::holds_alternative<std::monostate>(parse_topic(built)), "names survive", built);
    check_topic(built);
  }
  if (!client) return;
  const Topic topic = parse_topic(rpc_topic(client_id, server_id, name));
  const auto* read = std::get_if<RpcTopic>(&topic);
  require(read != nullptr && read->client_id == client_id && read->server_id == server_id &&
              read->server_name == name,
          "names survive", client_id);
}

}  // namespace
}  // namespace mcp_mqtt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mcp_mqtt;
  using namespace mcp_mqtt::fuzz;
  watch_log();
  std::string_view rest = text_of(data, size);
  check_topic(rest);
  check_topic(take(rest));
  const std::string_view filter = take(rest);
  const std::string_view name = take(rest);
  const std::string_view server_id = take(rest);
  check_names(name, server_id, take(rest));
  const bool matched = wire::filter_matches(filter, name);  // in bounds, whatever they are
  if (wire::check_server_name_filter(filter) && wire::check_server_name(name)) {
    require(matched == matches(filter, name), "a filter matches as MQTT says", name);
    require(wire::filter_matches(name, name), "a name matches itself", name);
  }
  return 0;
}
