#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <mcp_mqtt/session.hpp>

#include "face/notice_queue.hpp"
#include "face/session_impl.hpp"

namespace mcp_mqtt {

/// A subscription between the loop, which hears updates, the worker that tells them, and the thread
/// that ends it.
class ResourceSubscription::Impl : public std::enable_shared_from_this<Impl> {
 public:
  using OnUpdate = std::function<void(const ResourceUpdated&)>;

  Impl(std::shared_ptr<face::ClientGate> gate, std::string uri, OnUpdate on_update)
      : gate_(std::move(gate)),
        uri_(std::move(uri)),
        on_update_(std::move(on_update)),
        queue_("updates of '" + log::printable(uri_) + "'") {}

  /// Begins it; `done` on the loop.
  static PendingCall start(const ClientSession::Impl& session, std::string uri, OnUpdate on_update,
                           const CallOptions& options,
                           std::function<void(Result<ResourceSubscription>)> done);

  const std::string& uri() const noexcept { return uri_; }
  void end();

 private:
  void on_change(const std::string& uri, bool renewed);
  void tell();

  std::shared_ptr<face::ClientGate> gate_;
  const std::string uri_;
  const OnUpdate on_update_;
  std::atomic<engine::SubscriptionNumber> number_{0};
  face::NoticeQueue<ResourceUpdated> queue_;
  std::mutex mutex_;
  std::condition_variable told_;
  bool ended_ = false;
  std::thread::id teller_;  // the thread in the callback; none: nobody
};

}  // namespace mcp_mqtt
