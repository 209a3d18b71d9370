#include "mcp-mqtt/acl/access_rules.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/similar.hpp"
#include "mcp-mqtt/topic_words.hpp"

namespace mcp_mqtt::command_line {
namespace {

const std::string presence = "$mcp-server/presence/";
const std::string capability = "$mcp-server/capability/";
const std::string control = "$mcp-server/";
const std::string rpc = "$mcp-rpc/";
const std::string client_presence = "$mcp-client/presence/";
const std::string client_capability = "$mcp-client/capability/";

void check_user(const std::string& option, const std::string& user) {
  const std::string what = option + ": the user";
  check_id(what, user);
  // mosquitto's files are made of lines and words, and its password file of `user:hash`.
  if (user.find_first_of(" :") != std::string::npos) {
    throw Failure(ExitCode::usage, what + " '" + user +
                                       "' holds a space or a colon, which have a "
                                       "meaning of their own in mosquitto's files");
  }
}

/// mosquitto drops the spaces around a topic.
void check_no_outer_space(const std::string& what, const std::string& text) {
  if (text.front() == ' ' || text.back() == ' ') {
    throw Failure(ExitCode::usage,
                  what + " '" + text + "' has a space at an end, which mosquitto would drop");
  }
}

/// Builds the groups of one request.
class Rules {
 public:
  explicit Rules(const AccessRequest& request) : request_(request) { check_words(); }

  std::vector<AccessGroup> groups() {
    if (request_.everyone_levels > 0) {
      everyone();
      return std::move(groups_);
    }
    if (chosen_ids() && !request_.clients.empty()) patterns_of_clients();
    for (const std::string& user : users()) {
      for (const AccessGrant& grant : request_.servers) {
        if (grant.user == user) serve(grant);
      }
      bool calls = false;
      for (const AccessGrant& grant : request_.clients) {
        if (grant.user != user) continue;
        if (!std::exchange(calls, true) && !chosen_ids()) speak_as_client(user);
        call(grant);
      }
      for (const AccessGrant& grant : request_.monitors) {
        if (grant.user == user) watch(grant);
      }
    }
    return std::move(groups_);
  }

 private:
  bool chosen_ids() const { return request_.ids == AccessRequest::Ids::chosen; }

  void check_words() const {
    for (const AccessGrant& grant : request_.servers) {
      check_server_name("--server " + grant.user + ": the name", grant.what);
      check_no_outer_space("--server: the name", grant.what);
    }
    for (const auto& [option, grants] :
         {std::pair("--client ", &request_.clients), std::pair("--monitor ", &request_.monitors)}) {
      for (const AccessGrant& grant : *grants) {
        check_name_filter(option + grant.user + ": the filter", grant.what);
        check_no_outer_space(option + grant.user + ": the filter", grant.what);
      }
    }
    if (chosen_ids()) check_names_are_apart();
  }

  /// With chosen ids clients write to `$mcp-server/+/A/B`, which covers the presence of a service
  /// `B` whose instance calls itself `A`.
  void check_names_are_apart() const {
    for (const AccessGrant& longer : request_.servers) {
      for (const AccessGrant& shorter : request_.servers) {
        if (filter_covers("+/" + shorter.what, longer.what)) {
          throw Failure(ExitCode::usage,
                        "'" + longer.what + "' ends as '" + shorter.what +
                            "' is called, so its clients could announce and remove '" +
                            shorter.what + "': rename one, or use --ids username");
        }
      }
    }
  }

  /// In the order in which they were named.
  std::vector<std::string> users() const {
    std::vector<std::string> users;
    for (const auto* grants : {&request_.servers, &request_.clients, &request_.monitors}) {
      for (const AccessGrant& grant : *grants) {
        if (std::find(users.begin(), users.end(), grant.user) == users.end()) {
          users.push_back(grant.user);
        }
      }
    }
    return users;
  }

  void begin(const std::string& user, const std::string& purpose) {
    groups_.push_back({user, purpose, {}});
  }

  void line(const std::string& access, const std::string& topic) {
    AccessGroup& group = groups_.back();
    AccessLine next{group.user.empty(), access, topic};
    const bool known = std::find(group.lines.begin(), group.lines.end(), next) != group.lines.end();
    if (!known) group.lines.push_back(std::move(next));
  }

  void serve(const AccessGrant& grant) {
    const std::string id = chosen_ids() ? "+" : grant.user;
    const std::string own = id + '/' + grant.what;
    begin(grant.user, "Serves " + grant.what + ".");
    line("write", presence + own);
    line("write", capability + own);
    // `+` would cover the presence of others: reading that tells no more than clients may know.
    line("read", control + own);
    line("readwrite", rpc + "+/" + own);
    line("read", client_presence + '+');
    line("read", client_capability + '+');
  }

  void patterns_of_clients() {
    begin("",
          "Clients: their goodbye and their changes, and what they say to servers, under the "
          "client id that they chose.");
    line("write", client_presence + "%c");
    line("write", client_capability + "%c");
    for (const AccessGrant& grant : request_.clients) line("readwrite", rpc + "%c/+/" + grant.what);
  }

  void speak_as_client(const std::string& user) {
    begin(user, "Says goodbye, and tells servers of changes, under its own name.");
    line("write", client_presence + user);
    line("write", client_capability + user);
  }

  void call(const AccessGrant& grant) {
    const std::vector<std::string> topics = control_topics(grant);
    begin(grant.user, "Finds and calls " + grant.what + "." + warning_of(topics));
    line("read", presence + "+/" + grant.what);
    line("read", capability + "+/" + grant.what);
    for (const std::string& topic : topics) line("write", topic);
    if (!chosen_ids()) line("readwrite", rpc + grant.user + "/+/" + grant.what);
  }

  /// Where the client may send `initialize`. Each server has a line, since a wildcard for the
  /// server-id with `#` behind it would cover the presence of all.
  std::vector<std::string> control_topics(const AccessGrant& grant) const {
    std::vector<std::string> topics;
    for (const AccessGrant& server : request_.servers) {
      if (!filter_covers(grant.what, server.what)) continue;
      topics.push_back(control + (chosen_ids() ? "+" : server.user) + '/' + server.what);
    }
    if (!topics.empty()) return topics;
    if (!request_.servers.empty()) {
      std::vector<std::string> names;
      for (const AccessGrant& server : request_.servers) names.push_back(server.what);
      throw Failure(ExitCode::usage, "--client " + grant.user + ": no --server has a name that '" +
                                         grant.what + "' covers: " + instead_of(grant.what, names));
    }
    if (has_wildcard(grant.what)) {
      throw Failure(ExitCode::usage,
                    "--client " + grant.user + ": the filter '" + grant.what +
                        "' needs the servers that it covers (--server USER=NAME): what it may "
                        "write stands in a line for each, so that it covers no server's presence");
    }
    return {control + "+/" + grant.what};
  }

  /// `$mcp-server/+/A/B` is also the presence, and the capability topic, of a service `B`.
  static std::string warning_of(const std::vector<std::string>& topics) {
    std::string out;
    for (const std::string& topic : topics) {
      const std::string front = control + "+/";
      const std::size_t slash = topic.find('/', front.size());
      if (!topic.starts_with(front) || slash == std::string::npos) continue;
      out += " Call no other service '" + topic.substr(slash + 1) + "': this user could announce " +
             "and remove one with the id '" + topic.substr(front.size(), slash - front.size()) +
             "'.";
    }
    return out;
  }

  void watch(const AccessGrant& grant) {
    begin(grant.user, "Sees which of " + grant.what + " are online, and calls none.");
    line("read", presence + "+/" + grant.what);
  }

  void everyone() {
    const std::string self = chosen_ids() ? "%c" : "%u";
    std::string name;
    for (int level = 0; level < request_.everyone_levels; ++level) name += "/+";
    begin("",
          "As a server: announces itself, tells its clients of changes, hears initialize, talks "
          "with its clients and hears of their changes and their end.");
    line("write", presence + self + name);
    line("write", capability + self + name);
    line("read", control + self + name);
    line("readwrite", rpc + "+/" + self + name);
    line("read", client_capability + '+');
    line("read", client_presence + '+');
    begin("", "As a client: says goodbye, tells servers of changes, and talks with them.");
    line("write", client_presence + self);
    line("write", client_capability + self);
    line("readwrite", rpc + self + "/+" + name);
    begin("", "As a client: finds the servers, and hears of their changes.");
    line("read", presence + '+' + name);
    line("read", capability + '+' + name);
    begin("",
          "As a client: sends initialize. It covers presence topics with one level less, too, "
          "which nobody may read.");
    line("write", control + '+' + name);
  }

  const AccessRequest& request_;
  std::vector<AccessGroup> groups_;
};

}  // namespace

std::vector<AccessGrant> parse_grants(const std::string& option,
                                      const std::vector<std::string>& words) {
  std::vector<AccessGrant> grants;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == word.size()) {
      throw Failure(ExitCode::usage, option + " '" + word + "' is to be USER=" +
                                         (option == "--server" ? "NAME" : "FILTER") + ", as in " +
                                         option + " desk-1=desk/companion");
    }
    for (std::size_t begin = 0; begin <= equals;) {
      const std::size_t end = std::min(word.find(',', begin), equals);
      grants.push_back({word.substr(begin, end - begin), word.substr(equals + 1)});
      check_user(option, grants.back().user);
      begin = end + 1;
    }
  }
  return grants;
}

std::vector<AccessGroup> access_groups(const AccessRequest& request) {
  return Rules(request).groups();
}

}  // namespace mcp_mqtt::command_line
