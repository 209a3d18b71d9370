#include "engine/host_notice.hpp"

#include <utility>

namespace mcp_mqtt::engine {
namespace {

using Notice = std::optional<HostNotice>;

template <class T>
Result<Notice> notice_of(Result<T> value) {
  if (!value) return std::move(value).error();
  return Notice(HostNotice(*std::move(value)));
}

Result<ElicitationComplete> read_complete(const Json& params) {
  const auto id = params.find("elicitationId");
  if (id == params.end() || !id->is_string()) {
    return Error{ErrorKind::protocol_violation, 0, "there is no 'elicitationId'", nullptr};
  }
  return ElicitationComplete{id->get<std::string>()};
}

}  // namespace

Result<std::optional<HostNotice>> read_host_notice(const wire::Notification& notification) {
  using List = ListChanged::List;
  const std::string& method = notification.method;
  const Json& params = notification.params;
  if (method == "notifications/message") return notice_of(logging_message_from_json(params));
  if (method == "notifications/tools/list_changed") {
    return Notice(HostNotice(ListChanged{List::tools}));
  }
  if (method == "notifications/resources/list_changed") {
    return Notice(HostNotice(ListChanged{List::resources}));
  }
  if (method == "notifications/prompts/list_changed") {
    return Notice(HostNotice(ListChanged{List::prompts}));
  }
  if (method == "notifications/tasks/status") return notice_of(task_from_json(params));
  if (method == "notifications/elicitation/complete") return notice_of(read_complete(params));
  return Notice();
}

}  // namespace mcp_mqtt::engine
