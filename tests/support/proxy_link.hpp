#pragma once

#include <array>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "support/mqtt_packet.hpp"

namespace mcp_mqtt::test {

enum class ProxyDirection { to_broker, to_client };

/// What the proxy does with a packet, and from this packet on.
enum class ProxyVerdict {
  forward,
  drop,     ///< Only this packet is lost: what a broker with a full queue does.
  cut,      ///< What is left of the packet is sent, then the link is reset.
  end,      ///< The same, but both sides see an orderly end (FIN).
  freeze,   ///< Neither direction moves any more, and nobody notices.
  mute,     ///< This direction is read and thrown away from now on.
  trickle,  ///< The link writes one byte at a time from now on.
  delay,    ///< This direction rests for a while first.
};

/// Which link a packet belongs to.
struct ProxyLinkInfo {
  std::size_t number = 0;  ///< Counted from 1, in the order in which they were opened.
  std::optional<ConnectPacket> connect = {};
};

/// What a link asks of its proxy. On the proxy's thread.
class ProxyRules {
 public:
  virtual ~ProxyRules() = default;
  /// May change the packet.
  virtual ProxyVerdict apply(const ProxyLinkInfo& link, ProxyDirection direction,
                             std::string& packet) = 0;
  virtual bool held(ProxyDirection direction) const = 0;
  /// Bytes that are written at a time; 0: all.
  virtual std::size_t chunk_size() const = 0;
};

/// One client's connection and its twin to the broker. On the proxy's thread only.
class ProxyLink : public std::enable_shared_from_this<ProxyLink> {
 public:
  ProxyLink(std::size_t number, asio::ip::tcp::socket client, ProxyRules& rules,
            std::function<void(ProxyLink*)> ended);

  void open(const asio::ip::tcp::endpoint& broker);
  /// A reset rather than an orderly end, as when a network or a machine dies.
  void cut();
  void freeze();
  /// Goes on after a freeze, or where the rules held it.
  void resume();
  /// While a write is under way the bytes follow it.
  void send_to_client(const std::string& bytes);

  const ProxyLinkInfo& info() const noexcept { return info_; }

 private:
  enum class Afterwards { goes_on, cut, end };

  struct Pump {
    ProxyDirection direction;
    asio::steady_timer rest;
    PacketSplitter splitter = {};
    std::array<char, 65'536> input = {};
    std::string output = {};
    bool reading = false;
    bool writing = false;
    bool waiting = false;
    bool resting = false;
    bool muted = false;
    bool source_ended = false;
    bool ended = false;
    Afterwards afterwards = Afterwards::goes_on;
  };

  asio::ip::tcp::socket& source(const Pump& pump);
  asio::ip::tcp::socket& target(const Pump& pump);
  bool held(const Pump& pump) const { return frozen_ || rules_.held(pump.direction); }
  void next(Pump& pump);
  void read(Pump& pump);
  void take_packets(Pump& pump);
  void take_packet(Pump& pump, std::string packet);
  void rest(Pump& pump);
  void write(Pump& pump);
  void end(Pump& pump);
  void end_both();

  ProxyRules& rules_;
  std::function<void(ProxyLink*)> ended_;
  ProxyLinkInfo info_;
  asio::ip::tcp::socket client_;
  asio::ip::tcp::socket broker_;
  Pump to_broker_;
  Pump to_client_;
  bool cut_ = false;
  bool frozen_ = false;
  bool trickles_ = false;
};

}  // namespace mcp_mqtt::test
