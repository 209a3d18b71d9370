#include "support/proxy_link.hpp"

#include <algorithm>
#include <asio.hpp>
#include <chrono>
#include <gtest/gtest.h>
#include <utility>

namespace mcp_mqtt::test {

using asio::ip::tcp;

namespace {

/// Long against a round trip, short against every timeout.
constexpr std::chrono::milliseconds delay_time{60};

}  // namespace

ProxyLink::ProxyLink(std::size_t number, tcp::socket client, ProxyRules& rules,
                     std::function<void(ProxyLink*)> ended)
    : rules_(rules),
      ended_(std::move(ended)),
      info_{number, std::nullopt},
      client_(std::move(client)),
      broker_(client_.get_executor()),
      to_broker_{ProxyDirection::to_broker, asio::steady_timer(client_.get_executor())},
      to_client_{ProxyDirection::to_client, asio::steady_timer(client_.get_executor())} {}

void ProxyLink::open(const tcp::endpoint& broker) {
  broker_.async_connect(broker, [self = shared_from_this()](const asio::error_code& error) {
    if (error) return self->cut();
    if (self->cut_) return;
    self->client_.set_option(tcp::no_delay(true));
    self->broker_.set_option(tcp::no_delay(true));
    self->read(self->to_broker_);
    self->read(self->to_client_);
  });
}

void ProxyLink::cut() {
  if (std::exchange(cut_, true)) return;
  asio::error_code ignored;
  for (tcp::socket* socket : {&client_, &broker_}) {
    socket->set_option(asio::socket_base::linger(true, 0), ignored);
    socket->close(ignored);
  }
  to_broker_.rest.cancel();
  to_client_.rest.cancel();
  ended_(this);
}

void ProxyLink::freeze() { frozen_ = true; }

void ProxyLink::resume() {
  frozen_ = false;
  for (Pump* pump : {&to_broker_, &to_client_}) {
    if (std::exchange(pump->waiting, false)) next(*pump);
  }
}

void ProxyLink::send_to_client(const std::string& bytes) {
  to_client_.output += bytes;
  if (!to_client_.writing) write(to_client_);
}

tcp::socket& ProxyLink::source(const Pump& pump) {
  return pump.direction == ProxyDirection::to_broker ? client_ : broker_;
}

tcp::socket& ProxyLink::target(const Pump& pump) {
  return pump.direction == ProxyDirection::to_broker ? broker_ : client_;
}

/// Whatever the pump has to do next.
void ProxyLink::next(Pump& pump) {
  if (cut_ || pump.writing || pump.resting) return;
  if (held(pump)) {
    pump.waiting = true;
    return;
  }
  take_packets(pump);
  if (cut_ || pump.resting) return;
  if (!pump.output.empty()) {
    write(pump);
  } else if (held(pump)) {
    pump.waiting = true;
  } else if (pump.afterwards == Afterwards::cut) {
    cut();
  } else if (pump.afterwards == Afterwards::end) {
    pump.afterwards = Afterwards::goes_on;
    end_both();
  } else if (pump.source_ended) {
    end(pump);
  } else if (!pump.reading) {
    read(pump);
  }
}

void ProxyLink::read(Pump& pump) {
  if (held(pump)) {
    pump.waiting = true;
    return;
  }
  pump.reading = true;
  source(pump).async_read_some(
      asio::buffer(pump.input),
      [self = shared_from_this(), &pump](const asio::error_code& error, std::size_t count) {
        pump.reading = false;
        if (self->cut_) return;
        if (error && error != asio::error::eof) return self->cut();
        pump.source_ended = error == asio::error::eof;
        if (!pump.muted) pump.splitter.push({pump.input.data(), count});
        self->next(pump);
      });
}

void ProxyLink::take_packets(Pump& pump) {
  try {
    while (!cut_ && !pump.muted && !pump.resting && !held(pump) &&
           pump.afterwards == Afterwards::goes_on) {
      std::optional<std::string> packet = pump.splitter.next();
      if (!packet) return;
      take_packet(pump, *std::move(packet));
    }
  } catch (const std::exception& fault) {
    ADD_FAILURE() << "the proxy cannot read what it was sent: " << fault.what();
    cut();
  }
}

void ProxyLink::take_packet(Pump& pump, std::string packet) {
  if (!info_.connect && packet_type(packet) == PacketType::connect) {
    info_.connect = parse_connect(packet);
  }
  const ProxyVerdict verdict = rules_.apply(info_, pump.direction, packet);
  switch (verdict) {
    case ProxyVerdict::forward:
      break;
    case ProxyVerdict::drop:
      return;
    case ProxyVerdict::cut:
      pump.afterwards = Afterwards::cut;
      break;
    case ProxyVerdict::end:
      pump.afterwards = Afterwards::end;
      break;
    case ProxyVerdict::freeze:
      frozen_ = true;
      break;
    case ProxyVerdict::mute:
      pump.muted = true;
      return;
    case ProxyVerdict::trickle:
      trickles_ = true;
      break;
    case ProxyVerdict::delay:
      rest(pump);
      break;
  }
  // A frozen or resting packet is written when the link goes on.
  pump.output += packet;
}

void ProxyLink::rest(Pump& pump) {
  pump.resting = true;
  pump.rest.expires_after(delay_time);
  pump.rest.async_wait([self = shared_from_this(), &pump](const asio::error_code&) {
    pump.resting = false;
    self->next(pump);
  });
}

void ProxyLink::write(Pump& pump) {
  if (held(pump)) {
    pump.waiting = true;
    return;
  }
  pump.writing = true;
  const std::size_t wanted = trickles_ ? 1 : rules_.chunk_size();
  const std::size_t limit = wanted == 0 ? pump.output.size() : wanted;
  const std::size_t size = std::min(limit, pump.output.size());
  auto chunk = std::make_shared<std::string>(pump.output, 0, size);
  pump.output.erase(0, size);
  asio::async_write(
      target(pump), asio::buffer(*chunk),
      [self = shared_from_this(), &pump, chunk](const asio::error_code& error, std::size_t) {
        pump.writing = false;
        if (self->cut_) return;
        if (error) return self->cut();
        self->next(pump);
      });
}

/// The orderly end of one direction; the link ends with the second.
void ProxyLink::end(Pump& pump) {
  asio::error_code ignored;
  target(pump).shutdown(tcp::socket::shutdown_send, ignored);
  pump.ended = true;
  if (to_broker_.ended && to_client_.ended) {
    cut_ = true;
    client_.close(ignored);
    broker_.close(ignored);
    ended_(this);
  }
}

/// Both sides see the other one end. What they still say is read, since closing a socket with
/// something to read would reset it.
void ProxyLink::end_both() {
  asio::error_code ignored;
  client_.shutdown(tcp::socket::shutdown_send, ignored);
  broker_.shutdown(tcp::socket::shutdown_send, ignored);
  for (Pump* pump : {&to_broker_, &to_client_}) {
    pump->muted = true;
    pump->output.clear();
    if (!pump->reading && !pump->writing && !pump->resting) next(*pump);
  }
}

}  // namespace mcp_mqtt::test
