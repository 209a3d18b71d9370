#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "mcp-mqtt/relay/host_session.hpp"
#include "mcp-mqtt/stdio/line_reader.hpp"
#include "mcp-mqtt/stdio/line_writer.hpp"

namespace mcp_mqtt::command_line {

/// What a host on standard streams may do to us.
struct StdioLimits {
  MessageLimits message = {};
  /// Bytes that the host has not read: from here on nothing of it is read, and notifications are
  /// dropped.
  std::size_t slow = 16U << 20;
  /// From here on the host is given up.
  std::size_t most = 64U << 20;
};

/// An MCP host at the other end of two descriptors, in MCP's stdio transport: a message in each
/// line. Made as a shared_ptr: the session holds it.
class StdioHost final : public HostLink {
 public:
  struct Streams {
    int input = 0;
    int output = 1;
  };
  /// `note`: a line about what is wrong, for standard error; any thread.
  StdioHost(Streams streams, const StdioLimits& limits,
            std::function<void(const std::string&)> note);

  /// Serves the host until it leaves, `stop` is requested or the session ends. A host that closed
  /// its end still gets the answers under way, for at most so long. Then the session is over, and
  /// what it said is written. The result: why, where it was not the host's wish.
  std::optional<Error> serve(std::unique_ptr<HostSession> session, const std::stop_token& stop,
                             std::chrono::milliseconds last_answers);

  void send(wire::RpcMessage message, const std::optional<RequestId>& related) override;
  void ended(const Error& reason) override;

 private:
  /// Requests of one array, which are answered in one (2025-03-26).
  struct Batch {
    std::size_t missing = 0;
    std::vector<wire::RpcMessage> answers = {};
  };
  using BatchPointer = std::shared_ptr<Batch>;

  void on_line(const std::string& line, HostSession& session);
  void on_rejected(const wire::Rejected& rejected, const BatchPointer& batch);
  /// False: not for the session.
  bool begin(const wire::RpcMessage& message, const BatchPointer& batch);
  void wait_for_initialize();
  void wait_for_slow_host();
  void fail(Error reason);

  // Under the lock.
  void refuse(wire::ErrorResponse answer, const BatchPointer& batch);
  void finish(const wire::RpcMessage& answer, const RequestId& id);
  void add_to_batch(Batch& batch, const wire::RpcMessage& answer);
  void write(const wire::RpcMessage& message);
  void write_line(std::string line);

  Streams streams_;
  StdioLimits limits_;
  std::function<void(const std::string&)> note_;
  std::mutex mutex_;
  std::condition_variable changed_;
  /// Requests of the host without an answer, and their batches.
  std::map<RequestId, BatchPointer> under_way_;
  std::optional<RequestId> initialize_;
  bool batches_ = false;  ///< The revision has them.
  bool refused_ = false;  ///< `initialize` got an error.
  bool host_left_ = false;
  bool stopped_ = false;
  std::size_t dropped_ = 0;
  std::optional<Error> failed_;
  LineWriter writer_;
};

}  // namespace mcp_mqtt::command_line
