#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "mqtt/paho/receiver_bell.hpp"
#include "mqtt/paho/task_thread.hpp"
#include "mqtt/socket_latency.hpp"

namespace mcp_mqtt::mqtt::paho {

class PahoConnection;

/// What all Paho connections of a process share, because Paho shares it: one lock, one thread that
/// sends and one that receives. Every call into Paho is made on one lane here, so that a call which
/// has to wait for that lock holds up neither a caller nor a callback nor a deadline of ours.
///
/// There is one, and it is never destroyed: Paho's threads have no end that could be waited for.
class PahoRuntime {
 public:
  static PahoRuntime& instance();

  TaskThread& lane() noexcept { return lane_; }

  // The rest only on the lane.

  /// Before anything else is asked of Paho.
  void prepare();

  void opened(const std::shared_ptr<PahoConnection>& connection);
  void closed(const PahoConnection* connection) noexcept;

  /// Makes Paho's receiving thread look at its sockets now.
  void wake_receiver() noexcept { bell_->ring(); }

  /// The sockets that are known to belong to an open connection.
  std::vector<TcpSocket> claimed_sockets() const;

 private:
  PahoRuntime() = default;
  void keep_receiver_awake();

  TaskThread lane_;
  std::vector<std::weak_ptr<PahoConnection>> open_;
  std::optional<ReceiverBell> bell_;
  bool keeping_awake_ = false;
};

}  // namespace mcp_mqtt::mqtt::paho
