#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Peers below MQTT, for what no real broker does on demand.
namespace mcp_mqtt::test {

/// A port of 127.0.0.1 whose queue of connections is full: TCP connections to it neither open nor
/// fail.
class BlackHole {
 public:
  BlackHole();
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;
  ~BlackHole();
  std::uint16_t port() const noexcept { return port_; }

 private:
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::vector<int> fillers_;
};

/// A broker for one connection that says what the test tells it to. The calls block, up to ten
/// seconds, and throw std::runtime_error where the client does not do its part.
class ScriptedBroker {
 public:
  ScriptedBroker();
  ScriptedBroker(const ScriptedBroker&) = delete;
  ScriptedBroker& operator=(const ScriptedBroker&) = delete;
  ~ScriptedBroker();

  std::string url() const;
  /// Takes the connection and its CONNECT.
  void accept();
  /// The next whole packet of the client: its first byte and its body.
  std::string receive();
  void send(std::string_view bytes);
  void close();

 private:
  std::string read_exactly(std::size_t size);

  std::uint16_t port_ = 0;
  int listener_ = -1;
  int connection_ = -1;
};

}  // namespace mcp_mqtt::test
