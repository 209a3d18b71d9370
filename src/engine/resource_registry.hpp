#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <mcp_mqtt/protocol/revision.hpp>
#include <mcp_mqtt/result.hpp>
#include <mcp_mqtt/schema/resource_definition.hpp>
#include <mcp_mqtt/uri_template.hpp>

#include "engine/pages.hpp"

namespace mcp_mqtt::engine {

/// The resources and resource templates of a server, listed in the order of their URIs.
class ResourceRegistry {
 public:
  /// `invalid_argument` for a URI that is taken or has no scheme, or a resource without a name.
  /// With `replace` what is taken goes over to the new one.
  Result<void> add(ResourceDefinition resource, bool replace = false);
  /// `invalid_argument` for a template that is taken or cannot be parsed (RFC 6570, levels 1 to 3).
  Result<void> add(ResourceTemplateDefinition resource_template);
  /// Whether there was one. Reads under way go on.
  bool remove(std::string_view uri);
  bool remove_template(std::string_view uri_template);

  bool empty() const noexcept { return resources_.empty() && templates_.empty(); }

  /// What reads a resource.
  struct Reader {
    /// Shares the definition, which may be removed meanwhile.
    std::shared_ptr<const ResourceHandler> handler;
    ResourceRequest request;
    bool run_inline = false;
  };
  /// The resource with this URI; otherwise the most specific template that matches it: the one with
  /// the longest literal text, of equals the first. nullopt where there is none.
  std::optional<Reader> find(const std::string& uri) const;
  bool has_template(std::string_view uri_template) const;

  /// A page of `resources/list` and of `resources/templates/list`.
  Result<Json> list(const Json& params, const PageRoom& room, Revision revision) const;
  Result<Json> list_templates(const Json& params, const PageRoom& room, Revision revision) const;

 private:
  struct Template {
    std::shared_ptr<const ResourceTemplateDefinition> definition;
    UriTemplate uri_template;
  };
  std::map<std::string, std::shared_ptr<const ResourceDefinition>, std::less<>> resources_;
  std::map<std::string, Template, std::less<>> templates_;
};

}  // namespace mcp_mqtt::engine
