#pragma once

#include <optional>
#include <string>
#include <variant>

#include <mcp_mqtt/protocol/logging.hpp>
#include <mcp_mqtt/protocol/task.hpp>
#include <mcp_mqtt/wire/json_rpc.hpp>

// What a server tells its clients without being asked.
namespace mcp_mqtt::engine {

/// `notifications/tools/list_changed` and its like.
struct ListChanged {
  enum class List { tools, resources, prompts };
  List list = List::tools;
};

/// `notifications/elicitation/complete`: the user has done what an URL asked for.
struct ElicitationComplete {
  std::string elicitation_id;
};

/// Whatever it is, for a host that reads it itself.
struct UnreadNotice {
  std::string method;
  Json params;
};

using HostNotice =
    std::variant<LoggingMessage, ListChanged, Task, ElicitationComplete, UnreadNotice>;

/// nullopt for a notification of another kind. An error for one that cannot be read.
Result<std::optional<HostNotice>> read_host_notice(const wire::Notification& notification);

}  // namespace mcp_mqtt::engine
