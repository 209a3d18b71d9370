#pragma once

#include <functional>
#include <future>
#include <memory>
#include <utility>

#include <mcp_mqtt/call.hpp>

#include "face/requester_gate.hpp"

// From the loop's completions to what users see: blocking calls and callbacks on workers.
namespace mcp_mqtt::face {

/// Runs a user's callback on a worker, after those before it; where the runtime is gone, here.
template <class F>
void call_back(const RequesterGate& gate, F callback) {
  auto shared = std::make_shared<F>(std::move(callback));
  if (!gate.pass([&](runtime::Requester& requester) {
        requester.workers().post_callback([shared] { (*shared)(); });
      })) {
    (*shared)();
  }
}

/// A completion that hands its result to `done` on a worker.
template <class T>
std::function<void(Result<T>)> on_worker(std::shared_ptr<const RequesterGate> gate,
                                         std::function<void(Result<T>)> done) {
  return [gate = std::move(gate), done = std::move(done)](Result<T> result) {
    if (!done) return;
    call_back(*gate, [done, result = std::move(result)]() mutable { done(std::move(result)); });
  };
}

/// The options with their progress on its way from the loop to the workers, bounded as everywhere.
CallOptions progress_on_worker(std::shared_ptr<const RequesterGate> gate, CallOptions options);

/// Starts something with a completion and waits for it. Every completion comes: the engines' own
/// deadlines see to that. Throws McpError.
template <class T, class Start>
T wait(const RequesterGate& gate, Start&& start) {
  gate.pass([](runtime::Requester& requester) { refuse_to_block(requester); });
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto outcome = promise->get_future();
  std::forward<Start>(start)(std::function<void(Result<T>)>(
      [promise](Result<T> result) { promise->set_value(std::move(result)); }));
  return outcome.get().value();
}

}  // namespace mcp_mqtt::face
