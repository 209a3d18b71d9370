#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "client/session_checks.hpp"

namespace interop {

using mcp_mqtt::ClientSession;
using mcp_mqtt::ErrorKind;
using mcp_mqtt::Json;
using mcp_mqtt::LoggingLevel;
using mcp_mqtt::LoggingMessage;
namespace error_code = mcp_mqtt::error_code;

namespace {

template <class T>
bool has_grown(const std::vector<T>& list) {
  return std::any_of(list.begin(), list.end(), [](const T& each) { return each.name == "grown"; });
}

/// A list, the tool that adds to it, and how what was added is found and used.
struct Grows {
  std::string list;
  std::string tool;
  std::string says;
  std::function<bool()> listed;
  std::function<std::string()> use;
  int refusal;
};

std::vector<Grows> all_lists(const ClientSession& session) {
  return {{"tools", "grow", "there is a new tool",
           [&session] { return has_grown(session.list_tools()); },
           [&session] { return answer(session.call_tool("grown")); }, error_code::invalid_params},
          {"resources", "grow_resource", "there is a new resource",
           [&session] { return has_grown(session.list_resources()); },
           [&session] { return session.read_resource("device://grown").text(); },
           error_code::resource_not_found},
          {"prompts", "grow_prompt", "there is a new prompt",
           [&session] { return has_grown(session.list_prompts()); },
           [&session] {
             const auto message = session.get_prompt("grown").messages.at(0);
             return std::get<mcp_mqtt::TextContent>(message.content).text;
           },
           error_code::invalid_params}};
}

void check_lists(Checks& checks, const ClientSession& session, Host& host) {
  const auto lists = all_lists(session);
  for (const Grows& grows : lists) {
    checks.check("what is new in " + grows.list + " is told, listed and usable", [&] {
      host.lists_changed.take();
      require(!grows.listed(), "it is there already");
      require_answer(session, grows.tool, Json::object(), grows.says);
      require_eventually("list_changed", [&] { return host.lists_changed.size() > 0; });
      require_equal(host.lists_changed.all(), {grows.list}, "the lists that changed");
      require(grows.listed(), "it is not listed");
      require_equal(grows.use(), "grown", "what it says");
    });
  }
  checks.check("what goes away is told, no longer listed and refused", [&] {
    host.lists_changed.take();
    require_answer(session, "shrink", Json::object(), "it is gone");
    require_eventually("list_changed", [&] { return host.lists_changed.size() >= 3; });
    require_equal(host.lists_changed.all(), {"tools", "resources", "prompts"},
                  "the lists that changed");
    for (const Grows& grows : lists) {
      require(!grows.listed(), grows.list + " still has it");
      require_error(ErrorKind::rpc, grows.refusal, [&] { grows.use(); });
    }
  });
}

void check_logging(Checks& checks, const ClientSession& session, Host& host) {
  checks.check("log messages come from the level on that was asked for", [&] {
    host.logs.take();
    session.set_logging_level(LoggingLevel::error);
    require_answer(session, "log_two", Json::object(), "logged");
    session.set_logging_level(LoggingLevel::debug);
    require_answer(session, "log_two", Json::object(), "logged");
    require_eventually("three messages", [&] { return host.logs.size() >= 3; });
    Json data = Json::array();
    for (const LoggingMessage& message : host.logs.take()) data.push_back(message.data);
    require_equal(data, {"loud", "quiet", "loud"}, "the messages");
  });
  checks.check("all eight levels are told, with their logger and their data", [&] {
    require_answer(session, "log_all", Json::object(), "logged");
    require_eventually("eight messages", [&] { return host.logs.size() >= 8; });
    int level = 0;
    for (const LoggingMessage& message : host.logs.take()) {
      require_equal(static_cast<int>(message.level), level++, "the level");
      require_equal(message.logger, "device", "the logger");
      require_equal(message.data, {{"at", to_string(message.level)}}, "the data");
    }
    require_equal(level, 8, "the number of messages");
  });
}

}  // namespace

void check_changes(Checks& checks, const ClientSession& session, Host& host) {
  check_lists(checks, session, host);
  check_logging(checks, session, host);
}

}  // namespace interop
