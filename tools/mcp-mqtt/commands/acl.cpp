#include <string>
#include <vector>

#include "mcp-mqtt/acl/access_rules.hpp"
#include "mcp-mqtt/commands/commands.hpp"

namespace mcp_mqtt::command_line {
namespace {

struct AclOptions {
  std::vector<std::string> servers;
  std::vector<std::string> clients;
  std::vector<std::string> monitors;
  std::optional<int> everyone;
  std::string ids = "username";
};

AccessRequest access_request(const AclOptions& options) {
  AccessRequest request;
  if (options.ids == "client-id") {
    request.ids = AccessRequest::Ids::chosen;
  } else if (options.ids != "username") {
    throw Failure(ExitCode::usage,
                  "there is no --ids '" + options.ids + "': username or client-id");
  }
  request.servers = parse_grants("--server", options.servers);
  request.clients = parse_grants("--client", options.clients);
  request.monitors = parse_grants("--monitor", options.monitors);
  const bool named =
      !request.servers.empty() || !request.clients.empty() || !request.monitors.empty();
  if (named == options.everyone.has_value()) {
    throw Failure(ExitCode::usage,
                  named ? "--everyone stands alone: its lines allow what the others would name"
                        : "for whom? --server USER=NAME, --client USER=FILTER, --monitor "
                          "USER=FILTER, or --everyone LEVELS (see mcp-mqtt acl --help)");
  }
  if (options.everyone && (*options.everyone < 1 || *options.everyone > 100)) {
    throw Failure(ExitCode::usage,
                  "--everyone takes the number of levels of the server-names, from 1 to 100");
  }
  request.everyone_levels = options.everyone.value_or(0);
  return request;
}

Json groups_json(const std::vector<AccessGroup>& groups) {
  Json document = Json::array();
  for (const AccessGroup& group : groups) {
    Json lines = Json::array();
    for (const AccessLine& line : group.lines) {
      lines.push_back({{"kind", line.pattern ? "pattern" : "topic"},
                       {"access", line.access},
                       {"topic", line.topic}});
    }
    document.push_back({{"purpose", group.purpose}, {"lines", std::move(lines)}});
    if (!group.user.empty()) document.back()["user"] = group.user;
  }
  return document;
}

ExitCode acl(Program& program, const AclOptions& options) {
  const AccessRequest request = access_request(options);
  const std::vector<AccessGroup> groups = access_groups(request);
  if (program.out.format() == Format::json) {
    program.out.json(groups_json(groups));
  } else {
    program.out.write(acl_file(request, groups));
  }
  return ExitCode::ok;
}

}  // namespace

void add_acl(Commands& commands) {
  CLI::App& command = commands.add(
      "acl", "Print a mosquitto ACL file for these servers and clients",
      "mcp-mqtt acl --server desk-1,desk-2=desk/companion --client 'host-1=desk/#' >mcp_acl");
  auto options = std::make_shared<AclOptions>();
  const auto add = [&](const char* name, std::vector<std::string>& words, const char* what,
                       const char* type) {
    command.add_option(name, words, what)->type_name(type)->allow_extra_args(false);
  };
  add("--server", options->servers, "This user serves this server-name (repeat it for more)",
      "USER[,USER...]=NAME");
  add("--client", options->clients,
      "This user finds and calls the servers whose names the MQTT filter covers",
      "USER[,USER...]=FILTER");
  add("--monitor", options->monitors, "This user sees which of them are online, and calls none",
      "USER[,USER...]=FILTER");
  command
      .add_option("--everyone", options->everyone,
                  "Instead: every user serves and calls under its own name; server-names have so "
                  "many levels")
      ->type_name("LEVELS");
  command
      .add_option("--ids", options->ids,
                  "username: the broker makes the user name the client id (%u); client-id: "
                  "programs choose theirs (%c), which keeps out accidents, not attackers")
      ->capture_default_str()
      ->type_name("KIND");
  commands.on_run(command, [options](Program& program) { return acl(program, *options); });
}

}  // namespace mcp_mqtt::command_line
