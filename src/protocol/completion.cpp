#include <algorithm>

#include <mcp_mqtt/protocol/completion.hpp>

#include "protocol/json_reader.hpp"

namespace mcp_mqtt {
namespace {

using protocol::find;
using protocol::find_object;
using protocol::find_string;
using protocol::find_value;
using protocol::invalid_params;
using protocol::violation;

using Reference = std::variant<PromptReference, ResourceReference>;

Json reference_to_json(const Reference& reference) {
  if (const auto* prompt = std::get_if<PromptReference>(&reference)) {
    return Json{{"type", "ref/prompt"}, {"name", prompt->name}};
  }
  return Json{{"type", "ref/resource"}, {"uri", std::get<ResourceReference>(reference).uri}};
}

Result<Reference> reference_from_json(const Json& params) {
  const Json* json = find_object(params, "ref");
  if (json == nullptr) return invalid_params("'ref' is missing or no object");
  const auto type = find_string(*json, "type");
  if (!type) return invalid_params("'ref' has no 'type'");
  if (*type == "ref/prompt") {
    auto name = find_string(*json, "name");
    if (!name) return invalid_params("a 'ref' to a prompt without its 'name'");
    return Reference(PromptReference{*std::move(name)});
  }
  if (*type == "ref/resource") {
    auto uri = find_string(*json, "uri");
    if (!uri) return invalid_params("a 'ref' to a resource without its 'uri'");
    return Reference(ResourceReference{*std::move(uri)});
  }
  return invalid_params("'ref' has the unknown 'type' " + protocol::quoted(*type));
}

Result<std::map<std::string, std::string>> context_from_json(const Json& params) {
  std::map<std::string, std::string> values;
  const Json* context = find_value(params, "context");
  if (context == nullptr) return values;
  if (!context->is_object()) return invalid_params("'context' is no object");
  const Json* arguments = find_value(*context, "arguments");
  if (arguments == nullptr) return values;
  if (!arguments->is_object()) return invalid_params("'context.arguments' is no object");
  for (const auto& [name, value] : arguments->items()) {
    if (!value.is_string()) {
      return invalid_params("'context.arguments' has a value that is no string: " +
                            protocol::quoted(name));
    }
    values.emplace(name, value.get<std::string>());
  }
  return values;
}

}  // namespace

Json to_json(const CompleteRequest& request, Revision revision) {
  Json json{{"ref", reference_to_json(request.reference)},
            {"argument", {{"name", request.argument}, {"value", request.value}}}};
  if (!request.context.empty() && revision >= Revision::v2025_06_18) {
    json["context"] = Json{{"arguments", request.context}};
  }
  return json;
}

Result<CompleteRequest> complete_request_from_json(const Json& params) {
  auto reference = reference_from_json(params);
  if (!reference) return std::move(reference).error();
  const Json* argument = find_object(params, "argument");
  if (argument == nullptr) return invalid_params("'argument' is missing or no object");
  auto name = find_string(*argument, "name");
  if (!name) return invalid_params("'argument' has no 'name'");
  const Json* value = find_value(*argument, "value");
  if (value != nullptr && !value->is_string()) {
    return invalid_params("the 'value' of 'argument' is no string");
  }
  auto context = context_from_json(params);
  if (!context) return std::move(context).error();
  return CompleteRequest{*std::move(reference), *std::move(name),
                         value == nullptr ? std::string() : value->get<std::string>(),
                         *std::move(context)};
}

Json to_json(const Completion& completion) {
  const auto& values = completion.values;
  const bool is_cut = values.size() > Completion::max_values;
  Json json = Json::object();
  if (is_cut) {
    json["values"] = std::vector<std::string>(
        values.begin(), values.begin() + static_cast<std::ptrdiff_t>(Completion::max_values));
    json["total"] =
        std::max(static_cast<std::int64_t>(values.size()), completion.total.value_or(0));
    json["hasMore"] = true;
  } else {
    json["values"] = values;
    protocol::put_if(json, "total", completion.total);
    protocol::put_if(json, "hasMore", completion.has_more);
  }
  return Json{{"completion", std::move(json)}};
}

Result<Completion> completion_from_json(const Json& result) {
  const Json* json = find_object(result, "completion");
  if (json == nullptr) return violation("a completion/complete result without 'completion'");
  const Json* values = find_value(*json, "values");
  if (values != nullptr && !values->is_array()) {
    return violation("a completion whose 'values' is no array");
  }
  return Completion{protocol::strings(*json, "values"), protocol::find_integer(*json, "total"),
                    protocol::find_bool(*json, "hasMore")};
}

}  // namespace mcp_mqtt
