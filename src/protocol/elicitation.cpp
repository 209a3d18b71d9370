#include <array>

#include <mcp_mqtt/protocol/elicitation.hpp>

#include "protocol/json_reader.hpp"

namespace mcp_mqtt {
namespace {

using protocol::find;
using protocol::find_object;
using protocol::find_string;
using protocol::find_value;
using protocol::invalid_params;
using protocol::object_or_null;
using protocol::put_object;
using protocol::string_or_empty;
using protocol::unsupported;
using protocol::violation;

constexpr std::array<std::pair<ElicitAction, const char*>, 3> action_names{
    {{ElicitAction::accept, "accept"},
     {ElicitAction::decline, "decline"},
     {ElicitAction::cancel, "cancel"}}};

Json empty_form() { return Json{{"type", "object"}, {"properties", Json::object()}}; }

/// `oneOf` with titles as `enum` and `enumNames`, its form before 2025-11-25. Anything else stays.
void flatten_titles(Json& property) {
  const Json* options = find(property, "oneOf");
  if (options == nullptr || !options->is_array()) return;
  Json values = Json::array();
  Json names = Json::array();
  for (const Json& option : *options) {
    const auto value = find_string(option, "const");
    if (!value) return;
    names.push_back(find_string(option, "title").value_or(*value));
    values.push_back(*value);
  }
  property.erase("oneOf");
  property["enum"] = std::move(values);
  property["enumNames"] = std::move(names);
}

/// The form as 2025-06-18 knows it.
Result<Json> older_form(Json schema, Revision revision) {
  schema.erase("$schema");
  const auto properties = schema.find("properties");
  if (properties == schema.end() || !properties->is_object()) return schema;
  for (auto& [name, property] : properties->items()) {
    if (!property.is_object()) continue;
    const auto type = find_string(property, "type");
    if (type == "array") {
      return unsupported("MCP revision " + std::string(to_string(revision)) +
                         " has no choice of several options in a form: " + protocol::quoted(name));
    }
    if (type != "boolean") property.erase("default");
    flatten_titles(property);
  }
  return schema;
}

}  // namespace

ElicitRequest elicit_form(std::string message, const ElicitForm& form) {
  ElicitRequest request;
  request.message = std::move(message);
  request.requested_schema = form.schema();
  return request;
}

ElicitRequest elicit_url(std::string message, std::string url, std::string elicitation_id) {
  ElicitRequest request;
  request.message = std::move(message);
  request.url = std::move(url);
  request.elicitation_id = std::move(elicitation_id);
  return request;
}

Result<Json> to_json(const ElicitRequest& request, Revision revision) {
  const std::string name = "MCP revision " + std::string(to_string(revision));
  if (revision < Revision::v2025_06_18) return unsupported(name + " has no elicitation");
  Json json{{"message", request.message}};
  put_object(json, "_meta", request.meta);
  if (request.is_url()) {
    if (revision < Revision::v2025_11_25) return unsupported(name + " has no elicitation by URL");
    json["mode"] = "url";
    json["url"] = request.url;
    json["elicitationId"] = request.elicitation_id;
    return json;
  }
  Json schema = request.requested_schema.is_object() ? request.requested_schema : empty_form();
  if (revision >= Revision::v2025_11_25) {
    json["mode"] = "form";
    json["requestedSchema"] = std::move(schema);
    return json;
  }
  auto older = older_form(std::move(schema), revision);
  if (!older) return older;
  json["requestedSchema"] = *std::move(older);
  return json;
}

Result<ElicitRequest> elicit_request_from_json(const Json& params) {
  auto message = find_string(params, "message");
  if (!message) return invalid_params("'message' is missing or no string");
  ElicitRequest request;
  request.message = *std::move(message);
  request.meta = object_or_null(params, "_meta");
  const Json* mode = find_value(params, "mode");
  if (mode != nullptr && *mode != "form" && *mode != "url") {
    return invalid_params("'mode' is neither \"form\" nor \"url\"");
  }
  if (mode != nullptr && *mode == "url") {
    request.url = string_or_empty(params, "url");
    if (request.url.empty()) return invalid_params("'url' is missing or no string");
    request.elicitation_id = string_or_empty(params, "elicitationId");
    return request;
  }
  const Json* schema = find_value(params, "requestedSchema");
  if (schema != nullptr && !schema->is_object()) {
    return invalid_params("'requestedSchema' is no object");
  }
  request.requested_schema = schema == nullptr ? empty_form() : *schema;
  return request;
}

Json with_form_defaults(const ElicitRequest& request, Json content) {
  if (request.is_url()) return content;
  if (!content.is_object()) content = Json::object();
  const Json* properties = find_object(request.requested_schema, "properties");
  if (properties == nullptr) return content;
  for (const auto& [name, property] : properties->items()) {
    const Json* value = find(property, "default");
    if (value != nullptr && !content.contains(name)) content[name] = *value;
  }
  return content;
}

Json to_json(const ElicitResult& result) {
  Json json = Json::object();
  for (const auto& [action, name] : action_names) {
    if (action == result.action) json["action"] = name;
  }
  if (result.accepted()) put_object(json, "content", result.content);
  put_object(json, "_meta", result.meta);
  return json;
}

Result<ElicitResult> elicit_result_from_json(const Json& json) {
  const auto word = find_string(json, "action");
  if (!word) return violation("an elicitation/create result without an 'action'");
  ElicitResult result;
  bool is_known = false;
  for (const auto& [action, name] : action_names) {
    if (*word != name) continue;
    result.action = action;
    is_known = true;
  }
  if (!is_known) {
    return violation("an elicitation/create result with the unknown 'action' " +
                     protocol::quoted(*word));
  }
  if (const Json* content = find_value(json, "content"); content != nullptr && result.accepted()) {
    if (!content->is_object()) {
      return violation("an elicitation/create result whose 'content' is no object");
    }
    result.content = *content;
  }
  result.meta = object_or_null(json, "_meta");
  return result;
}

Error url_elicitation_required(const std::vector<ElicitRequest>& elicitations,
                               std::string message) {
  Json array = Json::array();
  for (const ElicitRequest& request : elicitations) {
    if (auto json = to_json(request, Revision::v2025_11_25); json && request.is_url()) {
      array.push_back(*std::move(json));
    }
  }
  if (message.empty()) message = "A URL must be opened before this request can be served.";
  return rpc_error(error_code::url_elicitation_required, std::move(message),
                   Json{{"elicitations", std::move(array)}});
}

std::vector<ElicitRequest> required_elicitations(const Error& error) {
  std::vector<ElicitRequest> elicitations;
  if (error.kind != ErrorKind::rpc || error.code != error_code::url_elicitation_required) {
    return elicitations;
  }
  const Json* array = find(error.data, "elicitations");
  if (array == nullptr || !array->is_array()) return elicitations;
  for (const Json& json : *array) {
    auto request = elicit_request_from_json(json);
    if (request && request->is_url()) elicitations.push_back(*std::move(request));
  }
  return elicitations;
}

}  // namespace mcp_mqtt
