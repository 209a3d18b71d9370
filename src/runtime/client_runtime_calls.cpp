#include <utility>

#include "runtime/client_runtime.hpp"

// What the face asks of a client's runtime: from any thread to the loop, and back with the outcome.
namespace mcp_mqtt::runtime {
namespace {

/// Requests that may wait for the loop: the engine bounds only what it has seen.
constexpr std::size_t max_requests_waiting = 10'000;

}  // namespace

void ClientRuntime::submit(std::function<void()> work, std::function<void(Error)> refuse) {
  loop_.post([this, work = std::move(work), refuse = std::move(refuse)] {
    if (phase_ == Phase::stopping || phase_ == Phase::stopped) {
      refuse(client_stopped());
      return;
    }
    work();
    carry_out();
  });
}

engine::CallToken ClientRuntime::request(RequestSetup request,
                                         std::function<void(Result<Json>)> done) {
  const engine::CallToken call = ++last_call_;
  if (requests_waiting_.fetch_add(1) >= max_requests_waiting) {
    --requests_waiting_;
    loop_.post([done = std::move(done)] {
      done(Error{ErrorKind::busy, 0, "too many requests are being made at once", nullptr});
    });
    return call;
  }
  loop_.run_or_post([this, call, request = std::move(request), done = std::move(done)]() mutable {
    --requests_waiting_;
    if (phase_ == Phase::stopping || phase_ == Phase::stopped) {
      done(client_stopped());
      return;
    }
    const bool wants_progress = static_cast<bool>(request.on_progress);
    calls_.emplace(call, Call{request.session, std::move(done), std::move(request.on_progress)});
    engine_.request(request.session, call, std::move(request.method), std::move(request.params),
                    request.timing, wants_progress, now());
    carry_out();
  });
  return call;
}

engine::CallToken ClientRuntime::subscribe(
    SubscribeSetup subscription, std::function<void(Result<engine::SubscriptionNumber>)> done) {
  const engine::CallToken call = ++last_call_;
  submit(
      [this, call, subscription = std::move(subscription), done]() mutable {
        updates_.emplace(call, std::move(subscription.on_update));
        calls_.emplace(call, Call{subscription.session,
                                  [this, call, done](Result<Json> outcome) {
                                    if (outcome) return done(call);
                                    updates_.erase(call);
                                    done(std::move(outcome).error());
                                  },
                                  {}});
        engine_.subscribe(subscription.session, call, subscription.uri, subscription.timing, now());
      },
      [done](Error error) { done(std::move(error)); });
  return call;
}

void ClientRuntime::unsubscribe(engine::SubscriptionNumber subscription) {
  loop_.post([this, subscription] {
    updates_.erase(subscription);
    if (phase_ == Phase::stopped) return;
    engine_.unsubscribe(subscription, now());
    carry_out();
  });
}

void ClientRuntime::notify(engine::SessionNumber session, std::string method, Json params) {
  if (requests_waiting_.fetch_add(1) >= max_requests_waiting) {
    --requests_waiting_;
    return;
  }
  submit(
      [this, session, method = std::move(method), params = std::move(params)]() mutable {
        --requests_waiting_;
        engine_.notify(session, std::move(method), std::move(params));
      },
      [this](const Error&) { --requests_waiting_; });
}

void ClientRuntime::notify_roots_changed() {
  loop_.post([this] {
    if (phase_ == Phase::stopped) return;
    engine_.notify_roots_changed();
    carry_out();
  });
}

engine::CallToken ClientRuntime::discover(std::string filter,
                                          std::function<void(Result<void>)> done) {
  const engine::CallToken call = ++last_call_;
  submit(
      [this, call, filter = std::move(filter), done] {
        calls_.emplace(call, Call{0,
                                  [done](Result<Json> outcome) {
                                    done(outcome ? Result<void>() : Result<void>(outcome.error()));
                                  },
                                  {}});
        engine_.discover(call, filter);
      },
      [done](Error error) { done(std::move(error)); });
  return call;
}

engine::CallToken ClientRuntime::wait_for_instance(
    std::string filter, engine::Duration timeout,
    std::function<void(Result<ServerInstance>)> done) {
  const engine::CallToken call = ++last_call_;
  submit(
      [this, call, filter = std::move(filter), timeout, done] {
        waits_.emplace(call, done);
        engine_.wait_for_instance(call, filter, timeout, now());
      },
      [done](Error error) { done(std::move(error)); });
  return call;
}

engine::CallToken ClientRuntime::open(engine::OpenRequest request,
                                      std::function<void(Result<OpenedSession>)> done) {
  const engine::CallToken call = ++last_call_;
  request.call = call;
  submit(
      [this, call, request = std::move(request), done]() mutable {
        opens_.emplace(call, std::move(done));
        engine_.open(std::move(request), now());
      },
      [done](Error error) { done(std::move(error)); });
  return call;
}

void ClientRuntime::cancel(engine::CallToken call, std::string reason) {
  loop_.post([this, call, reason = std::move(reason)] {
    if (phase_ == Phase::stopped) return;
    const auto request = calls_.find(call);
    engine_.cancel(call, reason, now(), request == calls_.end() ? 0 : request->second.session);
    carry_out();
  });
}

void ClientRuntime::close(engine::SessionNumber session) {
  loop_.post([this, session] {
    if (phase_ == Phase::stopped) return;
    engine_.close(session, now());
    carry_out();
  });
}

}  // namespace mcp_mqtt::runtime
