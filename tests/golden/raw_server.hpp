#pragma once

#include "golden/raw_peer.hpp"

namespace mcp_mqtt::golden {

/// A server that answers what a scenario tells it to. It stands in for the stage's own.
class RawServer {
 public:
  /// At the broker, and announced.
  explicit RawServer(Stage& stage);

  /// The stage's client asks for a session; what it gets is the scenario's to say.
  void let_client_ask(test::Outcome<ClientSession> opened);
  /// The whole handshake, in the stage's revision. The record begins with it.
  ClientSession open();

  Json next() { return peer_.next(); }
  void send(const Json& message);
  void answer(const Json& request, const Json& result);

 private:
  Stage& stage_;
  RawPeer peer_;
  std::string rpc_;
};

}  // namespace mcp_mqtt::golden
