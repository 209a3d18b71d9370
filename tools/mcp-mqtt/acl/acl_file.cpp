#include <set>

#include "mcp-mqtt/acl/access_rules.hpp"

namespace mcp_mqtt::command_line {
namespace {

constexpr std::size_t comment_width = 98;

/// Sentences as comment lines.
std::string commented(const std::string& text) {
  std::string out = "#";
  std::size_t column = 1;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (column + 1 + end - begin > comment_width) {
      out += "\n#";
      column = 1;
    }
    out += ' ' + text.substr(begin, end - begin);
    column += 1 + end - begin;
    begin = end + 1;
  }
  return out + '\n';
}

std::string configuration_text(const AccessRequest& request) {
  const bool user_names = request.ids == AccessRequest::Ids::user_names;
  std::string out = commented(
      "Who may serve and call over MCP on a mosquitto (2.0), made by mcp-mqtt acl. What is not "
      "here "
      "is denied. mosquitto.conf needs:");
  out += "#   allow_anonymous false\n#   password_file FILE\n#   acl_file THIS-FILE\n";
  if (user_names) {
    out += "#   use_username_as_clientid true\n";
    out += commented(
        "The user name is then the MQTT client id, so a program sets it as its server-id or as its "
        "fixed client id, and each user has one connection at a time.");
  } else {
    out += commented(
        "Programs choose their client ids, and a user may have many connections. That keeps "
        "accidents out, not attackers: who knows a password may take any id, so those who serve or "
        "call one name are not kept apart from each other.");
  }
  return out;
}

/// Who serves and calls needs two connections, and a user has one.
std::string one_connection_text(const AccessRequest& request) {
  std::set<std::string> serving;
  for (const AccessGrant& grant : request.servers) serving.insert(grant.user);
  std::string both;
  std::set<std::string> told;
  for (const AccessGrant& grant : request.clients) {
    if (serving.count(grant.user) > 0 && told.insert(grant.user).second) {
      both += (both.empty() ? "" : ", ") + grant.user;
    }
  }
  if (both.empty() || request.ids != AccessRequest::Ids::user_names) return "";
  return commented(
      "Not at the same time, since a user has one connection, do these both serve and "
      "call: " +
      both + ".");
}

}  // namespace

std::string acl_file(const AccessRequest& request, const std::vector<AccessGroup>& groups) {
  std::string out = configuration_text(request) + one_connection_text(request);
  if (request.everyone_levels > 0) {
    out += commented("Everybody serves and calls, under its own id alone; every server-name has " +
                     std::to_string(request.everyone_levels) +
                     (request.everyone_levels == 1 ? " level." : " levels."));
  }
  std::string user;
  for (const AccessGroup& group : groups) {
    out += '\n';
    if (group.user != user) {
      user = group.user;
      out += "user " + user + '\n';
    }
    out += commented(group.purpose);
    for (const AccessLine& line : group.lines) {
      out += (line.pattern ? "pattern " : "topic ") + line.access + ' ' + line.topic + '\n';
    }
  }
  return out;
}

}  // namespace mcp_mqtt::command_line
