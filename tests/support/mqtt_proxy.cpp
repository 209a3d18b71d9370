#include "support/mqtt_proxy.hpp"

#include <algorithm>
#include <array>
#include <asio.hpp>
#include <future>
#include <set>
#include <thread>
#include <utility>

#include "support/loopback_ports.hpp"

namespace mcp_mqtt::test {

using asio::ip::tcp;
using Direction = MqttProxy::Direction;
using Verdict = MqttProxy::Verdict;

namespace {

/// The rules in force. On the proxy's thread only.
struct Rules {
  MqttProxy::Hook hook;
  mqtt::UserProperties connack_properties;
  std::optional<std::uint8_t> suback_code;
  std::size_t chunk_size = 0;
  bool held_to_broker = false;
  bool held_to_client = false;
  EventLog<ConnectPacket> connects;

  bool& held(Direction direction) {
    return direction == Direction::to_broker ? held_to_broker : held_to_client;
  }

  Verdict apply(Direction direction, std::string& packet) {
    const PacketType type = packet_type(packet);
    if (direction == Direction::to_broker && type == PacketType::connect) {
      connects.push(parse_connect(packet));
    }
    const Verdict verdict = hook ? hook(direction, packet) : Verdict::forward;
    if (verdict != Verdict::forward || direction == Direction::to_broker) return verdict;
    if (type == PacketType::connack && !connack_properties.empty()) {
      packet = with_user_properties(packet, connack_properties);
    }
    if (type == PacketType::suback && suback_code) packet = with_reason_code(packet, *suback_code);
    return verdict;
  }
};

/// One client's connection and its twin to the broker.
class ProxyLink : public std::enable_shared_from_this<ProxyLink> {
 public:
  ProxyLink(tcp::socket client, Rules& rules, std::function<void(ProxyLink*)> ended)
      : rules_(rules),
        ended_(std::move(ended)),
        client_(std::move(client)),
        broker_(client_.get_executor()) {}

  void open(const tcp::endpoint& broker) {
    broker_.async_connect(broker, [self = shared_from_this()](const asio::error_code& error) {
      if (error) return self->cut();
      self->client_.set_option(tcp::no_delay(true));
      self->broker_.set_option(tcp::no_delay(true));
      self->read(self->to_broker_);
      self->read(self->to_client_);
    });
  }

  /// A reset rather than an orderly end, as when a network or a machine dies.
  void cut() {
    if (std::exchange(cut_, true)) return;
    asio::error_code ignored;
    for (tcp::socket* socket : {&client_, &broker_}) {
      socket->set_option(asio::socket_base::linger(true, 0), ignored);
      socket->close(ignored);
    }
    ended_(this);
  }

  void resume() {
    for (Pump* pump : {&to_broker_, &to_client_}) {
      if (std::exchange(pump->waiting, false)) next(*pump);
    }
  }

  void send_to_client(const std::string& bytes) {
    // While a write is under way the bytes follow it.
    to_client_.output += bytes;
    if (!to_client_.writing) write(to_client_);
  }

 private:
  struct Pump {
    Direction direction;
    PacketSplitter splitter = {};
    std::array<char, 65'536> input = {};
    std::string output = {};
    bool reading = false;
    bool writing = false;
    bool waiting = false;
    bool cut_after = false;
    bool source_ended = false;
  };

  tcp::socket& source(const Pump& pump) {
    return pump.direction == Direction::to_broker ? client_ : broker_;
  }
  tcp::socket& target(const Pump& pump) {
    return pump.direction == Direction::to_broker ? broker_ : client_;
  }

  /// Whatever the pump has to do next.
  void next(Pump& pump) {
    if (cut_ || pump.writing) return;
    if (rules_.held(pump.direction)) {
      pump.waiting = true;
    } else if (!pump.output.empty()) {
      write(pump);
    } else if (pump.cut_after) {
      cut();
    } else if (pump.source_ended) {
      end(pump);
    } else if (!pump.reading) {
      read(pump);
    }
  }

  void read(Pump& pump) {
    if (rules_.held(pump.direction)) {
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
          pump.splitter.push({pump.input.data(), count});
          self->take_packets(pump);
          self->next(pump);
        });
  }

  void take_packets(Pump& pump) {
    try {
      while (!pump.cut_after) {
        std::optional<std::string> packet = pump.splitter.next();
        if (!packet) return;
        const Verdict verdict = rules_.apply(pump.direction, *packet);
        if (verdict != Verdict::drop) pump.output += *packet;
        pump.cut_after = verdict == Verdict::cut;
      }
    } catch (const std::exception& fault) {
      ADD_FAILURE() << "the proxy cannot read what it was sent: " << fault.what();
      cut();
    }
  }

  void write(Pump& pump) {
    pump.writing = true;
    const std::size_t limit = rules_.chunk_size == 0 ? pump.output.size() : rules_.chunk_size;
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
  void end(Pump& pump) {
    asio::error_code ignored;
    target(pump).shutdown(tcp::socket::shutdown_send, ignored);
    if (++ends_ == 2) {
      cut_ = true;
      client_.close(ignored);
      broker_.close(ignored);
      ended_(this);
    }
  }

  Rules& rules_;
  std::function<void(ProxyLink*)> ended_;
  tcp::socket client_;
  tcp::socket broker_;
  Pump to_broker_{Direction::to_broker};
  Pump to_client_{Direction::to_client};
  bool cut_ = false;
  int ends_ = 0;
};

}  // namespace

struct MqttProxy::State {
  explicit State(std::uint16_t broker_port)
      : broker(asio::ip::address_v4::loopback(), broker_port),
        acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), free_port())) {
    accept();
    thread = std::thread([this] { io.run(); });
  }

  ~State() {
    on_thread([this] {
      acceptor.close();
      for (const auto& link : std::set(links)) link->cut();
    });
    io.stop();
    thread.join();
  }

  void accept() {
    acceptor.async_accept([this](const asio::error_code& error, tcp::socket socket) {
      if (error) return;
      const auto link =
          std::make_shared<ProxyLink>(std::move(socket), rules, [this](ProxyLink* ended) {
            std::erase_if(links, [&](const auto& other) { return other.get() == ended; });
          });
      links.insert(link);
      link->open(broker);
      accept();
    });
  }

  template <class Code>
  void on_thread(Code code) {
    std::promise<void> done;
    asio::post(io, [&] {
      code();
      done.set_value();
    });
    done.get_future().wait();
  }

  asio::io_context io;
  tcp::endpoint broker;
  tcp::acceptor acceptor;
  Rules rules;
  std::set<std::shared_ptr<ProxyLink>> links;
  std::thread thread;
};

MqttProxy::MqttProxy(std::uint16_t broker_port) : state_(std::make_unique<State>(broker_port)) {}

MqttProxy::~MqttProxy() = default;

std::uint16_t MqttProxy::port() const noexcept { return state_->acceptor.local_endpoint().port(); }

std::string MqttProxy::url() const { return "mqtt://127.0.0.1:" + std::to_string(port()); }

void MqttProxy::add_connack_properties(mqtt::UserProperties properties) {
  state_->on_thread([&] { state_->rules.connack_properties = std::move(properties); });
}

void MqttProxy::refuse_subscriptions(std::uint8_t reason_code) {
  state_->on_thread([&] { state_->rules.suback_code = reason_code; });
}

void MqttProxy::on_packet(Hook hook) {
  state_->on_thread([&] { state_->rules.hook = std::move(hook); });
}

void MqttProxy::set_chunk_size(std::size_t bytes) {
  state_->on_thread([&] { state_->rules.chunk_size = bytes; });
}

void MqttProxy::cut() {
  state_->on_thread([&] {
    for (const auto& link : std::set(state_->links)) link->cut();
  });
}

void MqttProxy::hold(Direction direction) {
  state_->on_thread([&] { state_->rules.held(direction) = true; });
}

void MqttProxy::hold() {
  hold(Direction::to_broker);
  hold(Direction::to_client);
}

void MqttProxy::release() {
  state_->on_thread([&] {
    state_->rules.held_to_broker = state_->rules.held_to_client = false;
    for (const auto& link : std::set(state_->links)) link->resume();
  });
}

void MqttProxy::send_to_clients(const std::string& bytes) {
  state_->on_thread([&] {
    for (const auto& link : state_->links) link->send_to_client(bytes);
  });
}

const EventLog<ConnectPacket>& MqttProxy::connects() const noexcept {
  return state_->rules.connects;
}

std::size_t MqttProxy::links() const {
  std::size_t count = 0;
  state_->on_thread([&] { count = state_->links.size(); });
  return count;
}

}  // namespace mcp_mqtt::test
