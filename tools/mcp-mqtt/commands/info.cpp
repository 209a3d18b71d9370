#include <string>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"
#include "mcp-mqtt/servers_view.hpp"

namespace mcp_mqtt::command_line {
namespace {

void show_table(Output& out, const std::string& name, const ClientSession& session,
                const std::vector<ServerInstance>& instances) {
  const Implementation server = session.server_info();
  Table table({"FIELD", "VALUE"});
  const auto add = [&](const char* field, const std::string& value) {
    if (!value.empty()) table.add({field, value});
  };
  add("name", name);
  add("implementation", server.name + ' ' + server.version);
  add("title", server.title);
  add("description", server.description);
  add("website", server.website_url);
  add("revision", std::string(to_string(session.revision())));
  const Json capabilities = session.capabilities().raw;
  for (const auto& [capability, detail] : capabilities.items()) {
    std::string value = capability;
    if (!detail.empty()) value += ' ' + detail.dump(-1, ' ', false, Json::error_handler_t::replace);
    table.add({"capability", value});
  }
  add("instructions", session.instructions());
  for (const ServerInstance& instance : instances) {
    const bool this_one = instance.server_id == session.instance().server_id;
    table.add({"instance", instance.server_id + (this_one ? " (answered)" : "")});
  }
  out.table(table);
}

ExitCode info(Program& program, const std::string& name) {
  Connection connection(program);
  const ClientSession session = connection.open(name);
  const std::string full_name = session.instance().server_name;
  const auto instances = connection.client().servers(full_name);
  if (program.out.format() != Format::json) {
    show_table(program.out, full_name, session, instances);
    return ExitCode::ok;
  }
  Json document{{"name", full_name},
                {"revision", to_string(session.revision())},
                {"serverInfo", to_json(session.server_info(), session.revision())},
                {"capabilities", session.capabilities().raw},
                {"instructions", session.instructions()},
                {"instances", Json::array()}};
  for (const ServerInstance& instance : instances) {
    document["instances"].push_back(instance_json(instance));
  }
  program.out.json(document);
  return ExitCode::ok;
}

}  // namespace

void add_info(Commands& commands) {
  CLI::App& command =
      commands.add("info", "Show what a server says of itself", "mcp-mqtt info desk/companion");
  auto name = std::make_shared<std::string>();
  add_server_name(command, *name);
  commands.on_run(command, [name](Program& program) { return info(program, *name); });
}

}  // namespace mcp_mqtt::command_line
