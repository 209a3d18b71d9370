#pragma once

#include <memory>
#include <mqtt/async_client.h>

namespace mcp_mqtt::mqtt::paho {

/// Wakes the one thread with which Paho receives for all its clients.
///
/// That thread looks at a new socket, or again at one that is connecting, only after poll() has
/// returned, for which it waits a second; and after a second of silence it sleeps for another
/// 100 ms. Nothing in Paho can wake it but a packet that arrives. So one client is connected to a
/// socket of this process, and to ring is to send it a PINGRESP, which Paho takes and forgets.
///
/// The client also keeps Paho's threads running: with the last connection Paho would stop them, and
/// a connect in that moment can be left without any.
class ReceiverBell {
 public:
  /// Connects the client over 127.0.0.1; the listening socket is closed again at once. Where that
  /// is not possible the bell stays silent, and everything works, more slowly. Blocks for a few
  /// milliseconds.
  ReceiverBell();
  ReceiverBell(const ReceiverBell&) = delete;
  ReceiverBell& operator=(const ReceiverBell&) = delete;
  ~ReceiverBell();

  void ring() noexcept;

 private:
  bool connect();
  bool accept_own(int listener);

  std::unique_ptr<::mqtt::async_client> client_;
  int socket_ = -1;
};

}  // namespace mcp_mqtt::mqtt::paho
