#include "engine/resource_registry.hpp"

#include <algorithm>
#include <utility>

#include "engine/pages.hpp"

namespace mcp_mqtt::engine {
namespace {

Error invalid_resource(std::string message) {
  return Error{ErrorKind::invalid_argument, 0, std::move(message), nullptr};
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// RFC 3986: scheme ":" …
bool has_scheme(std::string_view uri) {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(uri.front())) return false;
  return std::all_of(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

}  // namespace

Result<void> ResourceRegistry::add(ResourceDefinition resource, bool replace) {
  const std::string uri = resource.resource.uri;
  if (!has_scheme(uri)) {
    return invalid_resource("resource '" + uri +
                            "': a URI begins with a scheme, as in device://volume");
  }
  if (resource.resource.name.empty()) return invalid_resource("resource '" + uri + "' has no name");
  if (!resource.handler) return invalid_resource("resource '" + uri + "' has no handler");
  if (!replace && resources_.contains(uri)) {
    return invalid_resource("resource '" + uri + "' is defined already");
  }
  resources_.insert_or_assign(uri, std::make_shared<const ResourceDefinition>(std::move(resource)));
  return {};
}

Result<void> ResourceRegistry::add(ResourceTemplateDefinition resource_template) {
  const std::string text = resource_template.resource_template.uri_template;
  auto parsed = UriTemplate::parse(text);
  if (!parsed) return std::move(parsed).error();
  if (resource_template.resource_template.name.empty()) {
    return invalid_resource("resource template '" + text + "' has no name");
  }
  if (!resource_template.handler)
    return invalid_resource("resource template '" + text + "' has no handler");
  if (templates_.contains(text)) {
    return invalid_resource("resource template '" + text + "' is defined already");
  }
  templates_.emplace(
      text,
      Template{std::make_shared<const ResourceTemplateDefinition>(std::move(resource_template)),
               *std::move(parsed)});
  return {};
}

bool ResourceRegistry::remove(std::string_view uri) {
  const auto found = resources_.find(uri);
  if (found == resources_.end()) return false;
  resources_.erase(found);
  return true;
}

bool ResourceRegistry::remove_template(std::string_view uri_template) {
  const auto found = templates_.find(uri_template);
  if (found == templates_.end()) return false;
  templates_.erase(found);
  return true;
}

std::optional<ResourceRegistry::Reader> ResourceRegistry::find(const std::string& uri) const {
  if (const auto found = resources_.find(uri); found != resources_.end()) {
    const auto& definition = found->second;
    return Reader{{definition, &definition->handler}, {uri, {}}, definition->run_inline};
  }
  const Template* best = nullptr;
  std::map<std::string, std::string> variables;
  for (const auto& [text, candidate] : templates_) {
    if (best != nullptr &&
        candidate.uri_template.literal_length() <= best->uri_template.literal_length()) {
      continue;
    }
    if (auto values = candidate.uri_template.match(uri)) {
      best = &candidate;
      variables = *std::move(values);
    }
  }
  if (best == nullptr) return std::nullopt;
  const auto& definition = best->definition;
  return Reader{
      {definition, &definition->handler}, {uri, std::move(variables)}, definition->run_inline};
}

bool ResourceRegistry::has_template(std::string_view uri_template) const {
  return templates_.contains(uri_template);
}

Result<Json> ResourceRegistry::list(const Json& params, const PageRoom& room,
                                    Revision revision) const {
  return page_of(resources_, "resources", params, room,
                 [&](const auto& item) { return to_json(item.second->resource, revision); });
}

Result<Json> ResourceRegistry::list_templates(const Json& params, const PageRoom& room,
                                              Revision revision) const {
  return page_of(templates_, "resourceTemplates", params, room, [&](const auto& item) {
    return to_json(item.second.definition->resource_template, revision);
  });
}

}  // namespace mcp_mqtt::engine
