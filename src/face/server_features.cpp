#include <utility>

#include <mcp_mqtt/server_features.hpp>

#include "engine/features.hpp"

namespace mcp_mqtt {
namespace {

using engine::FeatureList;
using engine::Features;

Result<void> removed(bool was_there) {
  if (was_there) return {};
  return Error{ErrorKind::invalid_argument, 0, "there is none", nullptr};
}

}  // namespace

// The changes own what they need: a pool makes them in several servers.

ServerFeatures::~ServerFeatures() = default;

void ServerFeatures::add_tool(ToolDefinition tool) {
  change(FeatureList::tools, [tool = std::move(tool)](Features& features) {
    return features.tools.add(tool);
  }).value();
}

void ServerFeatures::replace_tool(ToolDefinition tool) {
  change(FeatureList::tools, [tool = std::move(tool)](Features& features) {
    return features.tools.add(tool, true);
  }).value();
}

bool ServerFeatures::remove_tool(std::string_view name) {
  return change(FeatureList::tools,
                [name = std::string(name)](Features& features) {
                  return removed(features.tools.remove(name));
                })
      .has_value();
}

void ServerFeatures::add_resource(ResourceDefinition resource) {
  change(FeatureList::resources, [resource = std::move(resource)](Features& features) {
    return features.resources.add(resource);
  }).value();
}

void ServerFeatures::replace_resource(ResourceDefinition resource) {
  change(FeatureList::resources, [resource = std::move(resource)](Features& features) {
    return features.resources.add(resource, true);
  }).value();
}

bool ServerFeatures::remove_resource(std::string_view uri) {
  return change(FeatureList::resources,
                [uri = std::string(uri)](Features& features) {
                  return removed(features.resources.remove(uri));
                })
      .has_value();
}

void ServerFeatures::add_resource_template(ResourceTemplateDefinition resource_template) {
  change(FeatureList::resources, [resource_template =
                                      std::move(resource_template)](Features& features) {
    return features.resources.add(resource_template);
  }).value();
}

bool ServerFeatures::remove_resource_template(std::string_view uri_template) {
  return change(FeatureList::resources,
                [uri_template = std::string(uri_template)](Features& features) {
                  return removed(features.resources.remove_template(uri_template));
                })
      .has_value();
}

void ServerFeatures::notify_resource_updated(const std::string& uri) { tell_resource_updated(uri); }

void ServerFeatures::add_prompt(PromptDefinition prompt) {
  change(FeatureList::prompts, [prompt = std::move(prompt)](Features& features) {
    return features.prompts.add(prompt);
  }).value();
}

void ServerFeatures::replace_prompt(PromptDefinition prompt) {
  change(FeatureList::prompts, [prompt = std::move(prompt)](Features& features) {
    return features.prompts.add(prompt, true);
  }).value();
}

bool ServerFeatures::remove_prompt(std::string_view name) {
  return change(FeatureList::prompts,
                [name = std::string(name)](Features& features) {
                  return removed(features.prompts.remove(name));
                })
      .has_value();
}

void ServerFeatures::set_completer(std::variant<PromptReference, ResourceReference> reference,
                                   std::string argument, Completer completer) {
  change(FeatureList::none, [reference = std::move(reference), argument = std::move(argument),
                             completer = std::move(completer)](Features& features) {
    if (const auto* prompt = std::get_if<PromptReference>(&reference)) {
      return features.completers.set_for_prompt(prompt->name, argument, completer);
    }
    return features.completers.set_for_template(std::get<ResourceReference>(reference).uri,
                                                argument, completer);
  }).value();
}

void ServerFeatures::log(LoggingLevel level, Json data, std::string logger) {
  tell_log({level, std::move(logger), std::move(data)});
}

}  // namespace mcp_mqtt
