#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include <mcp_mqtt/peer_request.hpp>
#include <mcp_mqtt/wire/json_rpc.hpp>

namespace mcp_mqtt::command_line {

/// What servers ask the host, under ids of its own, until the host answers. Any thread.
class HostRequests {
 public:
  using Send = std::function<void(wire::RpcMessage, const std::optional<RequestId>& related)>;

  explicit HostRequests(Send send) : send_(std::move(send)) {}
  HostRequests(const HostRequests&) = delete;
  HostRequests& operator=(const HostRequests&) = delete;
  ~HostRequests();

  /// Sends it to the host, and a cancellation when the server cancels it.
  void ask(PeerRequest request, const std::optional<RequestId>& related);
  /// The host's answer. False: nobody waits for one under this id.
  bool answer(const RequestId& id, Result<Json> answer);
  /// There will be no answers any more: all that wait get this error.
  void fail(const Error& reason);

 private:
  using Watch = std::stop_callback<std::function<void()>>;
  struct Waiting {
    PeerRequest request;
    std::unique_ptr<Watch> watch;
  };

  void cancel(std::int64_t id);

  Send send_;
  std::mutex mutex_;
  std::map<std::int64_t, Waiting> waiting_;
  std::int64_t last_id_ = 0;
};

}  // namespace mcp_mqtt::command_line
