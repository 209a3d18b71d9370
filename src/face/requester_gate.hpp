#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>

#include <mcp_mqtt/error.hpp>

#include "runtime/requester.hpp"

namespace mcp_mqtt::face {

/// Lets session handles outlive their server or client: through the gate they reach the runtime
/// while it is there, and afterwards they find it closed.
class RequesterGate {
 public:
  RequesterGate(runtime::Requester& requester, Error when_gone)
      : requester_(&requester), when_gone_(std::move(when_gone)) {}

  /// Runs `work` with the runtime. False: it is gone. `work` must not block; it may pass again, for
  /// a request can have its outcome before it returns.
  template <class F>
  bool pass(F&& work) const {
    std::shared_lock lock(mutex_, std::defer_lock);
    if (!is_inside()) lock.lock();
    if (requester_ == nullptr) return false;
    const Visit visit(*this);
    std::forward<F>(work)(*requester_);
    return true;
  }

  /// After it nobody is inside.
  void close() {
    const std::unique_lock lock(mutex_);
    requester_ = nullptr;
  }

  /// What a call fails with where the gate is closed.
  const Error& when_gone() const noexcept { return when_gone_; }

 private:
  /// That the calling thread is inside: it must not lock the mutex again.
  class Visit {
   public:
    explicit Visit(const RequesterGate& gate)
        : gate_(&gate), outer_(std::exchange(innermost_, this)) {}
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() { innermost_ = outer_; }

    static bool is_of(const RequesterGate* gate) {
      const Visit* visit = innermost_;
      while (visit != nullptr && visit->gate_ != gate) visit = visit->outer_;
      return visit != nullptr;
    }

   private:
    static inline thread_local const Visit* innermost_ = nullptr;
    const RequesterGate* gate_;
    const Visit* outer_;
  };

  bool is_inside() const { return Visit::is_of(this); }

  mutable std::shared_mutex mutex_;
  runtime::Requester* requester_;
  Error when_gone_;
};

/// The gate to one kind of runtime.
template <class Runtime>
class RuntimeGate : public RequesterGate {
 public:
  RuntimeGate(Runtime& runtime, Error when_gone) : RequesterGate(runtime, std::move(when_gone)) {}

  template <class F>
  bool pass(F&& work) const {
    return RequesterGate::pass(
        [&](runtime::Requester& requester) { work(static_cast<Runtime&>(requester)); });
  }
};

/// Throws where the calling thread is the library's own loop: it would wait for itself.
void refuse_to_block(runtime::Requester& requester);

}  // namespace mcp_mqtt::face
