#include <algorithm>
#include <string>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"
#include "mcp-mqtt/schema_view.hpp"

namespace mcp_mqtt::command_line {
namespace {

/// The rows of a tool's arguments, below its own.
void add_arguments(Table& table, const Json& schema) {
  const SchemaView view(schema, schema);
  const auto required = view.required();
  for (const std::string& name : view.property_names()) {
    const SchemaView argument(*view.property(name), schema);
    const bool optional = std::find(required.begin(), required.end(), name) == required.end();
    std::string description = argument.description();
    if (optional) description += description.empty() ? "(optional)" : " (optional)";
    table.add({name, argument.words(), description}, 2);
  }
}

/// The arguments in one line: "volume=<integer> [fade=<number>]".
std::string signature(const Json& schema) {
  const SchemaView view(schema, schema);
  const auto required = view.required();
  std::string out;
  for (const std::string& name : view.property_names()) {
    const SchemaView argument(*view.property(name), schema);
    const bool optional = std::find(required.begin(), required.end(), name) == required.end();
    const std::string one = name + "=<" + argument.words() + '>';
    out += (out.empty() ? "" : " ") + (optional ? '[' + one + ']' : one);
  }
  return out;
}

ExitCode tools(Program& program, const std::string& name) {
  Connection connection(program);
  const ClientSession session = connection.open(name);
  const std::vector<Tool> list = session.list_tools(program.call_options());
  if (program.out.format() == Format::json) {
    Json document = Json::array();
    for (const Tool& tool : list) document.push_back(to_json(tool, session.revision()));
    program.out.json(document);
    return ExitCode::ok;
  }
  const bool aligned = program.out.format() == Format::table;
  Table table = aligned ? Table({"TOOL", "TYPE", "DESCRIPTION"})
                        : Table({"TOOL", "DESCRIPTION", "ARGUMENTS"});
  for (const Tool& tool : list) {
    if (aligned) {
      table.add({tool.name, "", tool.description});
      add_arguments(table, tool.input_schema);
    } else {
      table.add({tool.name, tool.description, signature(tool.input_schema)});
    }
  }
  if (table.empty()) {
    program.out.note("the server has no tools");
  } else {
    program.out.table(table);
  }
  return ExitCode::ok;
}

}  // namespace

void add_tools(Commands& commands) {
  CLI::App& command = commands.add("tools", "Show the tools of a server and their arguments",
                                   "mcp-mqtt tools desk/companion");
  auto name = std::make_shared<std::string>();
  add_server_name(command, *name);
  commands.on_run(command, [name](Program& program) { return tools(program, *name); });
}

}  // namespace mcp_mqtt::command_line
