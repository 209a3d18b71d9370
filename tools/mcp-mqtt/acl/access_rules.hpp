#pragma once

#include <string>
#include <vector>

namespace mcp_mqtt::command_line {

/// One thing that one user may do: serve the server-name, or find and call what the filter covers.
struct AccessGrant {
  std::string user;
  std::string what;
};

/// Who may do what on a broker.
struct AccessRequest {
  enum class Ids {
    user_names,  ///< The broker makes the user name the MQTT client id.
    chosen,      ///< Programs choose their ids, and one user may have many connections.
  };

  std::vector<AccessGrant> servers = {};
  std::vector<AccessGrant> clients = {};
  std::vector<AccessGrant> monitors = {};
  /// Everybody serves and calls, under its own name only: how many levels the server-names have.
  /// 0: not everybody. It stands alone.
  int everyone_levels = 0;
  Ids ids = Ids::user_names;
};

/// A line of the file.
struct AccessLine {
  bool pattern = false;  ///< For everybody, with %u or %c in it; otherwise for the group's user.
  std::string access;    ///< `read`, `write` or `readwrite`.
  std::string topic;

  bool operator==(const AccessLine&) const = default;
};

/// Lines that have one purpose.
struct AccessGroup {
  std::string user;     ///< Empty: everybody.
  std::string purpose;  ///< A sentence.
  std::vector<AccessLine> lines;
};

/// `USER[,USER…]=WHAT` as the grants of these users. Throws Failure (`usage`) that names the option
/// for what is none, or for a user that cannot stand in a password file, an ACL file and a topic.
std::vector<AccessGrant> parse_grants(const std::string& option,
                                      const std::vector<std::string>& words);

/// The lines that allow just what is asked for; groups of one user follow each other. Throws
/// Failure (`usage`) for names and filters that cannot be used, for a filter that covers no server,
/// and where no lines exist that would keep two services apart.
std::vector<AccessGroup> access_groups(const AccessRequest& request);

/// The groups as a mosquitto ACL file, each with a comment, and with what mosquitto.conf needs.
std::string acl_file(const AccessRequest& request, const std::vector<AccessGroup>& groups);

}  // namespace mcp_mqtt::command_line
