#include "mqtt/paho/paho_transport.hpp"

#include <algorithm>
#include <cstdlib>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <mcp_mqtt/log.hpp>

#include "integration/scripted_broker.hpp"
#include "mqtt/socket_latency.hpp"
#include "support/loopback_ports.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/waiting.hpp"

// What is Paho's own: its global lock and threads, its sockets, its environment. What every
// transport has to do is in tests/contract.
namespace mcp_mqtt::test {
namespace {

using namespace std::chrono_literals;
using mqtt::ConnectionInfo;
using mqtt::Message;
using mqtt::PahoTransport;
using mqtt::Qos;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

/// A client, its messages and how its connection ended.
struct Client {
  explicit Client(mqtt::paho::QueueLimits limits = {})
      : transport(std::make_unique<PahoTransport>(limits)) {}

  Result<ConnectionInfo> connect(const std::string& url, std::chrono::milliseconds timeout = 10s) {
    options.broker = mqtt::parse_broker_url(url).value();
    if (options.client_id.empty()) options.client_id = "client-" + std::to_string(++count);
    options.connect_timeout = timeout;
    mqtt::ConnectionEvents events;
    events.on_message = [messages = messages, handler = handler](Message message) {
      if (handler) handler(message);
      messages.push(std::move(message));
    };
    events.on_connection_lost = [lost = lost](Error error) { lost.push(std::move(error)); };
    return outcome_of<ConnectionInfo>(
        [&](auto done) { transport->connect(options, std::move(events), std::move(done)); });
  }
  Result<void> subscribe(const std::string& filter, Qos qos = Qos::at_least_once) {
    return outcome_of<void>([&](auto done) {
      transport->subscribe({filter, qos, false}, std::move(done));
    });
  }
  Result<void> publish(const std::string& topic, std::string payload,
                       Qos qos = Qos::at_least_once) {
    return outcome_of<void>([&](auto done) {
      transport->publish({topic, std::move(payload), qos, false, {}}, std::move(done));
    });
  }
  Result<void> disconnect() {
    return outcome_of<void>([&](auto done) { transport->disconnect(std::move(done)); });
  }

  static inline int count = 0;
  mqtt::ConnectOptions options;
  std::function<void(const Message&)> handler;
  EventLog<Message> messages;
  EventLog<Error> lost;
  std::unique_ptr<PahoTransport> transport;
};

class Paho : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  }
};

// Trap 1: one lock and one receiving thread for all clients.
TEST_F(Paho, ASlowCallbackOfOneDelaysNoOther) {
  const MosquittoBroker broker;
  Client slow;
  Client quick;
  std::promise<void> entered;
  std::promise<void> go_on;
  slow.handler = [&, future = go_on.get_future().share()](const Message&) {
    entered.set_value();
    future.wait();
  };
  ASSERT_TRUE(succeeded(slow.connect(broker.url())));
  ASSERT_TRUE(succeeded(quick.connect(broker.url())));
  ASSERT_TRUE(succeeded(slow.subscribe("slow")));
  ASSERT_TRUE(succeeded(quick.subscribe("quick")));
  ASSERT_TRUE(succeeded(quick.publish("slow", "x")));
  entered.get_future().wait();
  EXPECT_TRUE(succeeded(quick.publish("quick", "x")));
  EXPECT_TRUE(quick.messages.wait_for_count(1));
  go_on.set_value();
}

// Trap 2: what leaves a callback of Paho's ends the process.
TEST_F(Paho, ACallbackThatThrowsHarmsNothing) {
  EventLog<std::string> log;
  set_log_handler([log](LogLevel, std::string_view line) { log.push(std::string(line)); });
  const MosquittoBroker broker;
  Client client;
  client.handler = [](const Message& message) {
    if (message.payload == "bad") throw std::runtime_error("the handler is at fault");
  };
  ASSERT_TRUE(succeeded(client.connect(broker.url())));
  ASSERT_TRUE(succeeded(client.subscribe("a")));
  ASSERT_TRUE(succeeded(client.publish("a", "bad")));
  ASSERT_TRUE(succeeded(client.publish("a", "good")));
  EXPECT_TRUE(client.messages.wait_for_count(1));
  EXPECT_TRUE(log.wait_for(
      [](const auto& line) { return line.find("the handler is at fault") != line.npos; }));
  set_log_handler(nullptr);
}

// Trap 3: it takes Paho 1.8 s without the bell.
TEST_F(Paho, ConnectingBesideAnIdleConnectionIsQuick) {
  const MosquittoBroker broker;
  Client idle;
  ASSERT_TRUE(succeeded(idle.connect(broker.url())));
  for (int i = 0; i < 3; ++i) {
    Client next;
    const auto before = Clock::now();
    ASSERT_TRUE(succeeded(next.connect(broker.url())));
    EXPECT_LT(Clock::now() - before, 700ms);
    ASSERT_TRUE(succeeded(next.disconnect()));
  }
}

// Trap 9: beyond 100 a publish fails in Paho unless its buffer is larger.
TEST_F(Paho, ThousandsOfPublishesAtOnceAreAllAcknowledged) {
  constexpr std::size_t count = 5'000;
  const MosquittoBroker broker;
  Client client;
  const auto info = client.connect(broker.url());
  ASSERT_TRUE(succeeded(info));
  EXPECT_EQ(info->receive_maximum, 20) << "a stock mosquitto's: most of them wait in our queue";
  EventLog<Result<void>> results;
  for (std::size_t i = 0; i < count; ++i) {
    client.transport->publish(
        {"a", "x", i % 2 == 0 ? Qos::at_least_once : Qos::at_most_once, false, {}},
        [results](Result<void> result) { results.push(std::move(result)); });
  }
  ASSERT_TRUE(results.wait_for_count(count));
  for (const auto& result : results.all()) ASSERT_TRUE(succeeded(result));
}

TEST_F(Paho, QueuesAreBoundedWhenTheBrokerStopsReading) {
  MosquittoBroker broker;
  Client client;
  ASSERT_TRUE(succeeded(client.connect(broker.url())));
  broker.signal(SIGSTOP);
  EventLog<Result<void>> results;
  constexpr std::size_t count = 20'000;
  for (std::size_t i = 0; i < count; ++i) {
    client.transport->publish({"a", std::string(2'000, 'x'), Qos::at_most_once, false, {}},
                              [results](Result<void> result) { results.push(std::move(result)); });
  }
  EXPECT_TRUE(results.wait_for([](const Result<void>& result) {
    return !result && result.error().kind == ErrorKind::busy;
  }));
  const auto before = Clock::now();
  client.transport.reset();
  EXPECT_LT(Clock::now() - before, 2s) << "bounded with a peer that takes nothing";
  broker.signal(SIGCONT);
}

TEST_F(Paho, MessagesThatNobodyTakesAreDroppedOrEndTheConnection) {
  set_log_handler([](LogLevel, std::string_view) {});
  const MosquittoBroker broker;
  mqtt::paho::QueueLimits limits;
  limits.inbound_messages = 3;
  Client slow(limits);
  Client sender;
  std::promise<void> entered;
  std::promise<void> go_on;
  bool first = true;
  slow.handler = [&, future = go_on.get_future().share()](const Message&) {
    if (std::exchange(first, false)) {
      entered.set_value();
      future.wait();
    }
  };
  ASSERT_TRUE(succeeded(slow.connect(broker.url())));
  ASSERT_TRUE(succeeded(sender.connect(broker.url())));
  ASSERT_TRUE(succeeded(slow.subscribe("a")));
  ASSERT_TRUE(succeeded(sender.subscribe("a")));
  ASSERT_TRUE(succeeded(sender.publish("a", "0", Qos::at_most_once)));
  entered.get_future().wait();
  for (int i = 1; i < 10; ++i) {
    ASSERT_TRUE(succeeded(sender.publish("a", std::to_string(i), Qos::at_most_once)));
  }
  ASSERT_TRUE(sender.messages.wait_for_count(10));
  ASSERT_TRUE(succeeded(sender.publish("a", "acknowledged", Qos::at_least_once)));
  ASSERT_TRUE(sender.messages.wait_for_count(11));
  // The broker had sent all of them to the slow client before.
  go_on.set_value();
  ASSERT_TRUE(slow.lost.wait_for_count(1));
  EXPECT_EQ(slow.lost.all().front().kind, ErrorKind::connection_lost);
  EXPECT_THAT(slow.lost.all().front().message, HasSubstr("queue is full"));
  EXPECT_LE(slow.messages.size(), 4U);
  set_log_handler(nullptr);
}

// Trap 11.
TEST_F(Paho, ProxiesOfTheEnvironmentAreNotUsed) {
  const ClosedPort nobody;
  const std::string proxy = "http://127.0.0.1:" + std::to_string(nobody.port());
  MosquittoOptions rules;
  rules.websockets = true;
  CertificateAuthority authority;
  rules.certificate = authority.server({"localhost"});
  const MosquittoBroker broker(rules);
  setenv("http_proxy", proxy.c_str(), 1);
  setenv("https_proxy", proxy.c_str(), 1);
  for (const std::string& url :
       {broker.url(), broker.websocket_url(), broker.tls_url(), broker.secure_websocket_url()}) {
    Client client;
    client.options.tls.ca_file = authority.ca_file();
    EXPECT_TRUE(succeeded(client.connect(url))) << url;
    EXPECT_TRUE(succeeded(client.publish("a", "x"))) << url;
    EXPECT_STREQ(std::getenv("http_proxy"), proxy.c_str());
    EXPECT_STREQ(std::getenv("https_proxy"), proxy.c_str());
  }
  // Also while a connection cannot be made, the rest of the program keeps them.
  Client client;
  const SilentPort silent;
  EXPECT_FALSE(client.connect("mqtt://127.0.0.1:" + std::to_string(silent.port()), 300ms));
  EXPECT_STREQ(std::getenv("http_proxy"), proxy.c_str());
  unsetenv("http_proxy");
  unsetenv("https_proxy");
}

// mosquitto sends 4 KB in a frame, and a frame every 100 ms, whoever the client is.
TEST_F(Paho, LargeMessagesPassAWebSocket) {
  MosquittoOptions rules;
  rules.websockets = true;
  const MosquittoBroker broker(rules);
  Client client;
  ASSERT_TRUE(succeeded(client.connect(broker.websocket_url())));
  ASSERT_TRUE(succeeded(client.subscribe("a")));
  std::string payload(20'000, '0');
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 31 >> 7);
  ASSERT_TRUE(succeeded(client.publish("a", payload)));
  const auto message = client.messages.take();
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->payload == payload);
}

TEST_F(Paho, NagleIsOffForItsSocketOnly) {
  const MosquittoBroker broker;
  const auto port = broker.port();
  const auto url = mqtt::parse_broker_url(broker.url()).value();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto peer =
      mqtt::TcpEndpoint::from(reinterpret_cast<sockaddr*>(&address), sizeof address).value();
  // Somebody else's connection to the same broker.
  const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::connect(other, peer.address(), peer.length()), 0);

  Client client;
  ASSERT_TRUE(succeeded(client.connect(broker.url())));
  int found = 0;
  for (const mqtt::TcpSocket& socket : mqtt::tcp_sockets_to({peer}, {})) {
    int value = 0;
    socklen_t length = sizeof value;
    ASSERT_EQ(getsockopt(socket.descriptor, IPPROTO_TCP, TCP_NODELAY, &value, &length), 0);
    EXPECT_EQ(value != 0, socket.descriptor != other);
    ++found;
  }
  EXPECT_EQ(found, 2);
  ::close(other);
}

// 44 or 88 ms where nothing is done against it.
TEST_F(Paho, ARoundTripIsNotDelayed) {
  const MosquittoBroker broker;
  Client client;
  ASSERT_TRUE(succeeded(client.connect(broker.url())));
  ASSERT_TRUE(succeeded(client.subscribe("a")));
  std::vector<Clock::duration> times;
  for (int i = 0; i < 101; ++i) {
    const auto before = Clock::now();
    client.transport->publish({"a", "x", Qos::at_least_once, false, {}}, nullptr);
    ASSERT_TRUE(client.messages.take());
    times.push_back(Clock::now() - before);
  }
  std::nth_element(times.begin(), times.begin() + 50, times.end());
  EXPECT_LT(times[50], 20ms) << "the median; 0.2 ms on a quiet machine";
}

TEST_F(Paho, EachAddressOfANameIsTried) {
  // mosquitto listens on 127.0.0.1 alone, and the name may have ::1 first.
  const MosquittoBroker broker;
  Client client;
  EXPECT_TRUE(succeeded(client.connect("mqtt://localhost:" + std::to_string(broker.port()))));
  EXPECT_TRUE(succeeded(client.publish("a", "x")));
}

TEST_F(Paho, TlsErrorsSayWhatIsWrong) {
  CertificateAuthority authority;
  MosquittoOptions rules;
  rules.certificate = authority.server({"elsewhere.example"});
  const MosquittoBroker broker(rules);
  {
    Client client;
    const auto untrusted = client.connect(broker.tls_url());
    ASSERT_TRUE(failed_with(untrusted, ErrorKind::tls));
    EXPECT_THAT(untrusted.error().message, HasSubstr("certificate verify failed"));
  }
  {
    Client client;
    client.options.tls.ca_file = authority.ca_file();
    const auto misnamed = client.connect(broker.tls_url());
    ASSERT_TRUE(failed_with(misnamed, ErrorKind::tls));
    EXPECT_THAT(misnamed.error().message, HasSubstr("\"localhost\""));
  }
  {
    EventLog<std::string> log;
    set_log_handler([log](LogLevel, std::string_view line) { log.push(std::string(line)); });
    Client client;
    client.options.tls.verify = false;
    EXPECT_TRUE(succeeded(client.connect(broker.tls_url())));
    EXPECT_TRUE(
        log.wait_for([](const auto& line) { return line.find("not verified") != line.npos; }));
    set_log_handler(nullptr);
  }
}

// Trap 12: Paho would notice after its own timeout, rounded up.
TEST_F(Paho, TheConnectTimeoutHoldsWhereTcpNeverOpens) {
  const BlackHole nothing;
  Client client;
  const auto before = Clock::now();
  const auto result = client.connect("mqtt://127.0.0.1:" + std::to_string(nothing.port()), 300ms);
  EXPECT_TRUE(failed_with(result, ErrorKind::timeout));
  EXPECT_LT(Clock::now() - before, 1s);
}

}  // namespace
}  // namespace mcp_mqtt::test
