#pragma once

#include <atomic>
#include <cstddef>
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
    const Visit visit(*this);
    runtime::Requester* const requester = visit.requester();
    if (requester == nullptr) return false;
    std::forward<F>(work)(*requester);
    return true;
  }

  /// After it nobody is inside.
  void close() {
    requester_.store(nullptr);
    for (auto inside = inside_.load(); inside != 0; inside = inside_.load()) inside_.wait(inside);
  }

  /// What a call fails with where the gate is closed.
  const Error& when_gone() const noexcept { return when_gone_; }

 private:
  /// That the calling thread is inside. One that comes in once more is let through, also while
  /// close() waits for it.
  class Visit {
   public:
    explicit Visit(const RequesterGate& gate)
        : gate_(gate), outer_(innermost_), earlier_(earlier()), requester_(enter()) {
      innermost_ = this;
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit() {
      innermost_ = outer_;
      if (earlier_ == nullptr && gate_.inside_.fetch_sub(1) == 1) gate_.inside_.notify_all();
    }

    runtime::Requester* requester() const noexcept { return requester_; }

   private:
    const Visit* earlier() const {
      const Visit* visit = outer_;
      while (visit != nullptr && &visit->gate_ != &gate_) visit = visit->outer_;
      return visit;
    }

    runtime::Requester* enter() const {
      if (earlier_ != nullptr) return earlier_->requester_;
      gate_.inside_.fetch_add(1);
      return gate_.requester_.load();
    }

    static inline thread_local const Visit* innermost_ = nullptr;
    const RequesterGate& gate_;
    const Visit* const outer_;
    const Visit* const earlier_;  // of the same gate
    runtime::Requester* const requester_;
  };

  // No lock: whoever is inside may take the loop's turn, and whoever has the turn comes in here.
  mutable std::atomic<std::size_t> inside_{0};
  std::atomic<runtime::Requester*> requester_;
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
