#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>

#include <mcp_mqtt/error.hpp>

#include "runtime/client_runtime.hpp"

namespace mcp_mqtt::face {

/// Lets session handles outlive their client: through the gate they reach the runtime while it is
/// there, and afterwards they find it closed.
class RuntimeGate {
 public:
  explicit RuntimeGate(runtime::ClientRuntime& runtime) : runtime_(&runtime) {}

  /// Runs `work` with the runtime. False: it is gone. `work` must not block.
  template <class F>
  bool pass(F&& work) const {
    const std::shared_lock lock(mutex_);
    if (runtime_ == nullptr) return false;
    std::forward<F>(work)(*runtime_);
    return true;
  }

  /// After it nobody is inside.
  void close() {
    const std::unique_lock lock(mutex_);
    runtime_ = nullptr;
  }

 private:
  mutable std::shared_mutex mutex_;
  runtime::ClientRuntime* runtime_;
};

inline Error client_gone_error() {
  return {ErrorKind::stopped, 0, "the client of this session is gone", nullptr};
}

/// Throws where the calling thread is the library's own loop: it would wait for itself.
void refuse_to_block(runtime::ClientRuntime& runtime);

}  // namespace mcp_mqtt::face
