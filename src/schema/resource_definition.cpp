#include <mcp_mqtt/schema/resource_definition.hpp>

namespace mcp_mqtt {

Error resource_not_found(const std::string& uri) {
  return rpc_error(error_code::resource_not_found, "there is no resource '" + uri + "'",
                   {{"uri", uri}});
}

}  // namespace mcp_mqtt
