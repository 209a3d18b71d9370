#include <string>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"

namespace mcp_mqtt::command_line {
namespace {

/// Many servers have resources and no method for templates.
std::vector<ResourceTemplate> templates_of(Program& program, const ClientSession& session) {
  try {
    return session.list_resource_templates(program.call_options());
  } catch (const McpError& error) {
    if (error.code() == error_code::method_not_found) return {};
    throw;
  }
}

ExitCode resources(Program& program, const std::string& name) {
  Connection connection(program);
  const ClientSession session = connection.open(name);
  const auto list = session.list_resources(program.call_options());
  const auto templates = templates_of(program, session);
  if (program.out.format() == Format::json) {
    Json document{{"resources", Json::array()}, {"resourceTemplates", Json::array()}};
    for (const Resource& resource : list) {
      document["resources"].push_back(to_json(resource, session.revision()));
    }
    for (const ResourceTemplate& one : templates) {
      document["resourceTemplates"].push_back(to_json(one, session.revision()));
    }
    program.out.json(document);
    return ExitCode::ok;
  }
  Table table({"KIND", "URI", "NAME", "TYPE", "DESCRIPTION"});
  for (const Resource& resource : list) {
    table.add({"resource", resource.uri, resource.name, resource.mime_type, resource.description});
  }
  for (const ResourceTemplate& one : templates) {
    table.add({"template", one.uri_template, one.name, one.mime_type, one.description});
  }
  if (table.empty()) {
    program.out.note("the server has no resources");
  } else {
    program.out.table(table);
  }
  return ExitCode::ok;
}

}  // namespace

void add_resources(Commands& commands) {
  CLI::App& command =
      commands.add("resources", "Show the resources and resource templates of a server",
                   "mcp-mqtt resources plant/pot");
  auto name = std::make_shared<std::string>();
  add_server_name(command, *name);
  commands.on_run(command, [name](Program& program) { return resources(program, *name); });
}

}  // namespace mcp_mqtt::command_line
