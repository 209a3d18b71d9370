#pragma once

#include <memory>
#include <string>
#include <utility>

namespace mcp_mqtt {

/// What a subscription hears.
struct ResourceUpdated {
  /// The resource that changed: the one subscribed to, or a part of it.
  std::string uri;
  /// The subscription was renewed in a new session. Updates may have been missed: read again.
  bool resubscribed = false;
};

/// A subscription to a resource; it ends with this object. It belongs to a service rather than to a
/// session: after a reconnect it goes on in the next session that opens with the same server-name,
/// until the client stops.
///
/// Move-only. The functions may be called from any thread, but not side by side on one object.
class ResourceSubscription {
 public:
  class Impl;

  /// No subscription.
  ResourceSubscription() = default;
  explicit ResourceSubscription(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  ResourceSubscription(ResourceSubscription&&) noexcept = default;
  ResourceSubscription& operator=(ResourceSubscription&& other) noexcept;
  ResourceSubscription(const ResourceSubscription&) = delete;
  ResourceSubscription& operator=(const ResourceSubscription&) = delete;
  ~ResourceSubscription() { unsubscribe(); }

  /// Ends it; the server is told when this was the last one to the resource, and not waited for.
  /// Waits for the callback where it runs just then, except in that callback itself: afterwards it
  /// is not called any more.
  void unsubscribe() noexcept;

  /// The uri that was subscribed to; empty where there is none.
  const std::string& uri() const noexcept;
  explicit operator bool() const noexcept { return impl_ != nullptr; }

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace mcp_mqtt
