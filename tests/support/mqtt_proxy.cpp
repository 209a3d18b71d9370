#include "support/mqtt_proxy.hpp"

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
struct Rules final : ProxyRules {
  MqttProxy::LinkHook hook;
  mqtt::UserProperties connack_properties;
  std::optional<std::uint8_t> suback_code;
  std::size_t chunk = 0;
  bool held_to_broker = false;
  bool held_to_client = false;
  EventLog<ConnectPacket> connects;

  bool& hold(Direction direction) {
    return direction == Direction::to_broker ? held_to_broker : held_to_client;
  }
  bool held(Direction direction) const override {
    return direction == Direction::to_broker ? held_to_broker : held_to_client;
  }
  std::size_t chunk_size() const override { return chunk; }

  Verdict apply(const ProxyLinkInfo& link, Direction direction, std::string& packet) override {
    const PacketType type = packet_type(packet);
    if (direction == Direction::to_broker && type == PacketType::connect) {
      connects.push(parse_connect(packet));
    }
    const Verdict verdict = hook ? hook(link, direction, packet) : Verdict::forward;
    if (verdict != Verdict::forward || direction == Direction::to_broker) return verdict;
    if (type == PacketType::connack && !connack_properties.empty()) {
      packet = with_user_properties(packet, connack_properties);
    }
    if (type == PacketType::suback && suback_code) packet = with_reason_code(packet, *suback_code);
    return verdict;
  }
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
      const auto link = std::make_shared<ProxyLink>(
          ++last_link, std::move(socket), rules, [this](ProxyLink* ended) {
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

  /// The links of one MQTT client.
  std::vector<std::shared_ptr<ProxyLink>> links_of(const std::string& client_id) const {
    std::vector<std::shared_ptr<ProxyLink>> found;
    for (const auto& link : links) {
      const auto& connect = link->info().connect;
      if (connect && connect->client_id == client_id) found.push_back(link);
    }
    return found;
  }

  asio::io_context io;
  tcp::endpoint broker;
  tcp::acceptor acceptor;
  Rules rules;
  std::set<std::shared_ptr<ProxyLink>> links;
  std::size_t last_link = 0;
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
  on_link_packet([hook = std::move(hook)](const ProxyLinkInfo&, Direction direction,
                                          std::string& packet) { return hook(direction, packet); });
}

void MqttProxy::on_link_packet(LinkHook hook) {
  state_->on_thread([&] { state_->rules.hook = std::move(hook); });
}

void MqttProxy::set_chunk_size(std::size_t bytes) {
  state_->on_thread([&] { state_->rules.chunk = bytes; });
}

void MqttProxy::cut() {
  state_->on_thread([&] {
    for (const auto& link : std::set(state_->links)) link->cut();
  });
}

void MqttProxy::cut(const std::string& client_id) {
  state_->on_thread([&] {
    for (const auto& link : state_->links_of(client_id)) link->cut();
  });
}

void MqttProxy::freeze(const std::string& client_id) {
  state_->on_thread([&] {
    for (const auto& link : state_->links_of(client_id)) link->freeze();
  });
}

void MqttProxy::hold(Direction direction) {
  state_->on_thread([&] { state_->rules.hold(direction) = true; });
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
