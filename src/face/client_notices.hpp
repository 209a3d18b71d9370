#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "engine/host_notice.hpp"
#include "face/calls.hpp"
#include "face/notice_queue.hpp"
#include "face/session_impl.hpp"

namespace mcp_mqtt::face {

/// A callback of the host for one kind of thing that servers tell, and what waits for it.
template <class T>
class NoticeCallback {
 public:
  using Callback = std::function<void(ClientSession, const T&)>;

  explicit NoticeCallback(const char* what) : queue_(std::make_shared<NoticeQueue<Told>>(what)) {}

  void set(Callback callback) { callback_ = std::move(callback); }
  bool is_set() const noexcept { return static_cast<bool>(callback_); }

  /// On the loop.
  void tell(const std::shared_ptr<ClientSession::Impl>& session, T notice) {
    if (!callback_ || !queue_->push({session, std::move(notice)})) return;
    call_back(*session->gate(), [callback = callback_, queue = queue_] {
      if (const auto told = queue->take()) callback(ClientSession(told->first), told->second);
    });
  }

 private:
  using Told = std::pair<std::shared_ptr<ClientSession::Impl>, T>;

  Callback callback_;
  std::shared_ptr<NoticeQueue<Told>> queue_;
};

/// What servers tell a client without being asked, to the callbacks of the host.
class ClientNotices {
 public:
  NoticeCallback<LoggingMessage> log{"log messages"};
  NoticeCallback<engine::ListChanged> tools{"changes of tools"};
  NoticeCallback<engine::ListChanged> resources{"changes of resources"};
  NoticeCallback<engine::ListChanged> prompts{"changes of prompts"};
  NoticeCallback<Task> tasks{"states of tasks"};
  NoticeCallback<engine::ElicitationComplete> elicitations{"completions of elicitations"};
  NoticeCallback<engine::UnreadNotice> unread{"notifications"};

  /// On the loop.
  void tell(const std::shared_ptr<ClientSession::Impl>& session, engine::HostNotice notice);
};

}  // namespace mcp_mqtt::face
