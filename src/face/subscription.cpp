#include "face/subscription.hpp"

#include <utility>

#include "face/session_calls.hpp"

namespace mcp_mqtt {

PendingCall ResourceSubscription::Impl::start(
    const ClientSession::Impl& session, std::string uri, OnUpdate on_update,
    const CallOptions& options, std::function<void(Result<ResourceSubscription>)> done) {
  if (auto over = session.close_reason()) {
    done(*std::move(over));
    return {};
  }
  const auto& gate = session.client_gate();
  const auto impl = std::make_shared<Impl>(gate, std::move(uri), std::move(on_update));
  auto control = std::make_shared<face::CallControl>(gate);
  control->watch(options.stop);
  runtime::SubscribeSetup setup;
  setup.session = session.number();
  setup.uri = impl->uri_;
  setup.timing = session.timing_of("resources/subscribe", options);
  setup.on_update = [weak = std::weak_ptr(impl)](const std::string& changed, bool renewed) {
    if (const auto alive = weak.lock()) alive->on_change(changed, renewed);
  };
  const auto finish = [impl, control, done](Result<engine::SubscriptionNumber> number) {
    control->finish();
    if (!number) return done(std::move(number).error());
    impl->number_ = *number;
    done(ResourceSubscription(impl));
  };
  const bool there = gate->pass([&](runtime::ClientRuntime& runtime) {
    control->sent(runtime.subscribe(std::move(setup), finish));
  });
  if (!there) done(gate->when_gone());
  return face::pending(control);
}

void ResourceSubscription::Impl::on_change(const std::string& uri, bool renewed) {
  if (!on_update_ || !queue_.push({uri, renewed})) return;
  face::call_back(*gate_, [self = shared_from_this()] { self->tell(); });
}

void ResourceSubscription::Impl::tell() {
  const auto update = queue_.take();
  {
    const std::lock_guard lock(mutex_);
    if (ended_ || !update) return;
    teller_ = std::this_thread::get_id();
  }
  const auto finish = [this] {
    const std::lock_guard lock(mutex_);
    teller_ = {};
    told_.notify_all();
  };
  try {
    on_update_(*update);
  } catch (...) {
    finish();
    throw;
  }
  finish();
}

void ResourceSubscription::Impl::end() {
  gate_->pass([&](runtime::ClientRuntime& runtime) { runtime.unsubscribe(number_); });
  std::unique_lock lock(mutex_);
  ended_ = true;
  if (teller_ == std::this_thread::get_id()) return;
  told_.wait(lock, [this] { return teller_ == std::thread::id(); });
}

void ResourceSubscription::unsubscribe() noexcept {
  if (const auto impl = std::exchange(impl_, nullptr)) impl->end();
}

ResourceSubscription& ResourceSubscription::operator=(ResourceSubscription&& other) noexcept {
  if (this != &other) {
    unsubscribe();
    impl_ = std::move(other.impl_);
  }
  return *this;
}

const std::string& ResourceSubscription::uri() const noexcept {
  static const std::string none;
  return impl_ ? impl_->uri() : none;
}

namespace {

auto subscribe_call(const std::shared_ptr<ClientSession::Impl>& impl, std::string_view uri,
                    std::function<void(const ResourceUpdated&)> on_update) {
  return [impl, uri = std::string(uri), on_update = std::move(on_update)](
             const CallOptions& options, std::function<void(Result<ResourceSubscription>)> done) {
    return ResourceSubscription::Impl::start(*impl, uri, on_update, options, std::move(done));
  };
}

}  // namespace

ResourceSubscription ClientSession::subscribe(std::string_view uri,
                                              std::function<void(const ResourceUpdated&)> on_update,
                                              const CallOptions& options) const {
  return face::blocking<ResourceSubscription>(impl_, options,
                                              subscribe_call(impl_, uri, std::move(on_update)));
}

PendingCall ClientSession::async_subscribe(
    std::string_view uri, std::function<void(const ResourceUpdated&)> on_update,
    const CallOptions& options, std::function<void(Result<ResourceSubscription>)> done) const {
  return face::async(impl_, options, std::move(done),
                     subscribe_call(impl_, uri, std::move(on_update)));
}

}  // namespace mcp_mqtt
