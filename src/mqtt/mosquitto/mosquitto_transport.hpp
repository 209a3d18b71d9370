#pragma once

#include <asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include <mcp_mqtt/mqtt/transport.hpp>

// The transport on libmosquitto, for `mqtt` and `mqtts`. The library runs no threads: an event loop
// drives it through its socket. Beyond the rules of Transport:
//
// - A keep-alive of 1 to 4 seconds becomes 5, the shortest that libmosquitto takes.
// - UNSUBACK reason codes do not pass through libmosquitto: an unsubscribe never fails as refused.
// - A client id that the broker assigns is reported only where none was asked for; libmosquitto
//   takes any other as a protocol error.
// - A DISCONNECT without a reason code is `connection_lost` instead of `refused`: libmosquitto
// takes
//   it as malformed.
// - connect() looks the host up on a short-lived thread, because libmosquitto blocks there; after
//   the timeout it is left to end by itself.
namespace mcp_mqtt::mqtt {

namespace libmosquitto {
class Connection;
}

class MosquittoTransport final : public Transport {
 public:
  /// On a loop and a thread of its own.
  MosquittoTransport();

  /// On the caller's loop, where all callbacks run. Its handlers must run one at a time, and it
  /// must outlive the transport. On the loop calls act at once, and their completions still come
  /// later; `on_loop`, if given, says whether the calling thread is there, which makes publish()
  /// cheaper. Destroying the transport is for the loop's thread, or any other outside its
  /// callbacks.
  explicit MosquittoTransport(asio::any_io_executor loop, std::function<bool()> on_loop = {});

  ~MosquittoTransport() override;

  void connect(ConnectOptions options, ConnectionEvents events, ConnectCompletion done) override;
  void disconnect(Completion done) override;
  void subscribe(Subscription subscription, Completion done) override;
  void unsubscribe(std::string filter, Completion done) override;
  void publish(Message message, Completion done) override;

 private:
  class OwnLoop;

  std::unique_ptr<OwnLoop> own_loop_;
  std::shared_ptr<libmosquitto::Connection> connection_;
};

std::shared_ptr<Transport> make_mosquitto_transport();
std::shared_ptr<Transport> make_mosquitto_transport(asio::any_io_executor loop,
                                                    std::function<bool()> on_loop = {});

}  // namespace mcp_mqtt::mqtt
