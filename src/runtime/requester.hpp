#pragma once

#include <functional>
#include <string>

#include "engine/call_actions.hpp"
#include "engine/request_tracker.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/worker_pool.hpp"

namespace mcp_mqtt::runtime {

/// One request to the peer of a session.
struct RequestSetup {
  engine::SessionNumber session = 0;
  std::string method;
  Json params;
  engine::RequestTiming timing;
  std::function<void(const Progress&)> on_progress;  // on the loop
  /// The handler run that asks; 0: none.
  std::uint64_t origin = 0;
};

/// A runtime, as the handles to its sessions see it: who sends their requests.
class Requester {
 public:
  virtual EventLoop& loop() noexcept = 0;
  virtual WorkerPool& workers() noexcept = 0;
  bool on_own_thread() { return loop().on_loop() || workers().on_worker(); }

  // Any thread.
  /// `done` on the loop, exactly once. The token is what cancel() takes.
  virtual engine::CallToken request(RequestSetup request,
                                    std::function<void(Result<Json>)> done) = 0;
  virtual void cancel(engine::CallToken call, std::string reason) = 0;

 protected:
  ~Requester() = default;
};

}  // namespace mcp_mqtt::runtime
