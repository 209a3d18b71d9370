#include "face/client_notices.hpp"

namespace mcp_mqtt::face {

void ClientNotices::tell(const std::shared_ptr<ClientSession::Impl>& session,
                         engine::HostNotice notice) {
  if (auto* message = std::get_if<LoggingMessage>(&notice)) {
    log.tell(session, std::move(*message));
  } else if (auto* task = std::get_if<Task>(&notice)) {
    tasks.tell(session, std::move(*task));
  } else if (auto* complete = std::get_if<engine::ElicitationComplete>(&notice)) {
    elicitations.tell(session, std::move(*complete));
  } else if (auto* unread_notice = std::get_if<engine::UnreadNotice>(&notice)) {
    unread.tell(session, std::move(*unread_notice));
  } else if (const auto* changed = std::get_if<engine::ListChanged>(&notice)) {
    using List = engine::ListChanged::List;
    auto& list = changed->list == List::tools       ? tools
                 : changed->list == List::resources ? resources
                                                    : prompts;
    list.tell(session, *changed);
  }
}

}  // namespace mcp_mqtt::face
