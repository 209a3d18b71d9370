#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <mcp_mqtt/call.hpp>
#include <mcp_mqtt/timeouts.hpp>

#include "face/call_control.hpp"
#include "face/requester_gate.hpp"

namespace mcp_mqtt::face {

/// What all handles to one session share, at either end: the way to the peer, and whether it is
/// still there.
class SessionLink {
 public:
  SessionLink(std::shared_ptr<const RequesterGate> gate, engine::SessionNumber number,
              Timeouts timeouts)
      : gate_(std::move(gate)), number_(number), timeouts_(timeouts) {}

  engine::SessionNumber number() const noexcept { return number_; }
  const std::shared_ptr<const RequesterGate>& gate() const noexcept { return gate_; }

  void mark_closed(const Error& reason);
  /// Why it is over; nullopt while it is open.
  std::optional<Error> close_reason() const;

  engine::RequestTiming timing_of(std::string_view method, const CallOptions& options) const;

  /// Sends a request under `control`, for the handler run `origin`; `on_progress` and `done` on the
  /// loop, or `done` at once where the session is over or the runtime gone.
  void request(std::string method, Json params, const CallOptions& options,
               const std::shared_ptr<CallControl>& control, std::function<void(Result<Json>)> done,
               std::uint64_t origin = 0) const;

 private:
  std::shared_ptr<const RequesterGate> gate_;
  engine::SessionNumber number_;
  Timeouts timeouts_;
  mutable std::mutex mutex_;
  std::optional<Error> reason_;
};

/// To cancel what runs under `control`.
PendingCall pending(const std::shared_ptr<CallControl>& control);

/// One request with its own control; `read` makes the Result<T> of the answer. `done` on the loop.
template <class T, class Read>
PendingCall start(const SessionLink& link, std::string method, Json params,
                  const CallOptions& options, Read read, std::function<void(Result<T>)> done,
                  std::uint64_t origin = 0) {
  auto control = std::make_shared<CallControl>(link.gate());
  control->watch(options.stop);
  link.request(
      std::move(method), std::move(params), options, control,
      [control, read = std::move(read), done = std::move(done)](Result<Json> answer) {
        control->finish();
        if (answer) {
          done(read(*std::move(answer)));
        } else {
          done(std::move(answer).error());
        }
      },
      origin);
  return pending(control);
}

}  // namespace mcp_mqtt::face
