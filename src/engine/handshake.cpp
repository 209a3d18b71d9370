#include "engine/handshake.hpp"

#include "ground/logging.hpp"

namespace mcp_mqtt::engine {
namespace {

std::optional<std::string> member_string(const Json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

Json member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? Json(nullptr) : *found;
}

}  // namespace

Json initialize_params(const Implementation& client, const ClientCapabilities& capabilities,
                       Revision revision) {
  return Json{{"protocolVersion", to_string(revision)},
              {"capabilities", to_json(capabilities, revision)},
              {"clientInfo", to_json(client, revision)}};
}

Result<ClientInfo> read_initialize(const Json& params) {
  const auto requested = member_string(params, "protocolVersion");
  if (!requested) {
    return rpc_error(error_code::invalid_params,
                     "initialize needs a 'protocolVersion' that is a string");
  }
  ClientInfo client;
  client.revision = parse_revision(*requested).value_or(latest_revision);
  client.implementation = implementation_from_json(member(params, "clientInfo"));
  client.capabilities = client_capabilities_from_json(member(params, "capabilities"));
  return client;
}

Json initialize_result(const Implementation& server, const ServerCapabilities& capabilities,
                       const std::string& instructions, Revision revision) {
  Json result{{"protocolVersion", to_string(revision)},
              {"capabilities", to_json(capabilities, revision)},
              {"serverInfo", to_json(server, revision)}};
  if (!instructions.empty()) result["instructions"] = instructions;
  return result;
}

Result<InitializeResult> read_initialize_result(const Json& result) {
  const auto version = member_string(result, "protocolVersion");
  if (!version) {
    return Error{ErrorKind::protocol_violation, 0,
                 "the answer to initialize has no 'protocolVersion'", nullptr};
  }
  const auto revision = parse_revision(*version);
  if (!revision) {
    return Error{ErrorKind::unsupported, 0,
                 "the server answered with revision '" + log::printable(*version, 40) +
                     "', which this client does not speak",
                 nullptr};
  }
  InitializeResult initialized;
  initialized.revision = *revision;
  initialized.capabilities = server_capabilities_from_json(member(result, "capabilities"));
  initialized.server_info = implementation_from_json(member(result, "serverInfo"));
  initialized.instructions = member_string(result, "instructions").value_or(std::string());
  return initialized;
}

std::optional<Revision> supported_revision(const Error& error, Revision refused) {
  if (!error.data.is_object()) return std::nullopt;
  const auto supported = error.data.find("supported");
  if (supported == error.data.end() || !supported->is_array()) return std::nullopt;
  std::optional<Revision> best;
  for (const Json& entry : *supported) {
    if (!entry.is_string()) continue;
    const auto revision = parse_revision(entry.get_ref<const std::string&>());
    if (revision && *revision != refused && (!best || *revision > *best)) best = revision;
  }
  return best;
}

}  // namespace mcp_mqtt::engine
