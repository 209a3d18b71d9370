#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <mcp_mqtt/peer_request.hpp>
#include <mcp_mqtt/wire/json_rpc.hpp>

#include "mcp-mqtt/child/children.hpp"
#include "mcp-mqtt/child/line_rate.hpp"
#include "mcp-mqtt/relay/host_requests.hpp"

namespace mcp_mqtt::command_line {

/// Takes a line for the log, which need not be safe to show. Any thread; does not wait.
using LogLine = std::function<void(std::string line)>;

/// Which program serves, and how it is started.
struct ChildSetup {
  ChildCommand command;
  ChildLimits limits = {};
  /// How long it may take to answer the first `initialize`.
  std::chrono::milliseconds start_timeout{30'000};
  LogLine log;
};

/// An MCP server behind its standard streams. What it writes to standard error goes to the log, and
/// so does what it writes to standard output and is no message. Any thread.
class ChildPeer : public std::enable_shared_from_this<ChildPeer> {
 public:
  /// What it asks and tells, on a thread of its own and in order.
  struct Events {
    std::function<void(wire::Request)> on_request;
    std::function<void(wire::Notification)> on_notification;
    /// The last one, always. What it was asked has failed by then.
    std::function<void(const ChildEnd&)> on_end;
  };

  /// Does not start it yet. `who`: in front of its lines in the log.
  static std::shared_ptr<ChildPeer> make(const ChildSetup& setup, std::string who, Events events);

  /// Starts it after the pause; it gets what it was asked and told before. Once.
  void run(Children& children, std::chrono::milliseconds pause = std::chrono::milliseconds(0));

  /// Asks it under an id of ours; a cancellation follows when the request is cancelled. The answer
  /// is its own, or says that the child takes no more or has ended.
  void ask(PeerRequest request);
  void tell(std::string method, Json params = Json::object());
  void answer(const RequestId& id, Result<Json> answer);

  /// It answered `initialize`.
  void ready() { child_->ready(); }
  void end() { child_->end(); }
  /// It has ended by itself, or never started: its requests fail for that reason.
  bool ended() const { return ended_; }
  /// A line about it. On its thread.
  void log(const std::string& line) const;

 private:
  ChildPeer(const ChildSetup& setup, std::string who, Events events);
  ChildEvents child_events();
  void send(wire::RpcMessage message);
  void on_line(const std::string& line);
  void on_message(wire::RpcMessage message);
  void on_rejected(const wire::Rejected& rejected, const std::string& line);
  void on_end(const ChildEnd& end);
  /// A line that the child is the cause of, as long as it is not one of too many.
  void log_rated(const std::string& line);

  std::shared_ptr<Child> child_;
  MessageLimits limits_;
  LogLine log_;
  std::string who_;
  std::string program_;
  Events events_;
  HostRequests asked_;
  std::chrono::milliseconds start_timeout_;
  LineRate rate_;
  std::atomic<bool> ended_ = false;
};

}  // namespace mcp_mqtt::command_line
