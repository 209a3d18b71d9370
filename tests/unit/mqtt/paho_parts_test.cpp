#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mqtt/async_client.h>

#include <mcp_mqtt/log.hpp>

#include "mqtt/paho/connect_request.hpp"
#include "mqtt/paho/name_lookup.hpp"
#include "mqtt/paho/paho_values.hpp"
#include "mqtt/paho/proxy_environment.hpp"
#include "mqtt/paho/task_thread.hpp"
#include "support/waiting.hpp"

// The parts of the Paho transport that need no broker.
namespace mcp_mqtt::mqtt::paho {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Clock = TaskThread::Clock;
using std::chrono::hours;
using std::chrono::milliseconds;

TEST(TaskThread, CarriesOutTasksInTheirOrder) {
  test::EventLog<int> done;
  TaskThread thread;
  for (int i = 0; i < 100; ++i) thread.post([&done, i] { done.push(i); });
  ASSERT_TRUE(done.wait_for_count(100));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(done.all()[static_cast<std::size_t>(i)], i);
}

TEST(TaskThread, CarriesOutTimedTasksByTheirTimes) {
  test::EventLog<int> done;
  TaskThread thread;
  const auto now = Clock::now();
  thread.post_at(now + milliseconds(20), [&] { done.push(3); });
  thread.post_at(now + milliseconds(10), [&] { done.push(2); });
  thread.post_at(now + hours(1), [&] { done.push(4); });
  thread.post_at(now - hours(1), [&] { done.push(1); });
  ASSERT_TRUE(done.wait_for_count(3));
  EXPECT_THAT(done.all(), ElementsAre(1, 2, 3));
  EXPECT_GE(Clock::now(), now + milliseconds(20));
}

TEST(TaskThread, GoesOnAfterATaskThatThrows) {
  test::EventLog<int> done;
  TaskThread thread;
  set_log_handler([](LogLevel, std::string_view) {});
  thread.post([] { throw std::runtime_error("on purpose"); });
  thread.post([] { throw 1; });
  thread.post([&] { done.push(1); });
  EXPECT_TRUE(done.wait_for_count(1));
  set_log_handler(nullptr);
}

TEST(TaskThread, StopWaitsForTheRunningTaskAndDropsTheRest) {
  std::promise<void> started;
  std::promise<void> go_on;
  const auto held = std::make_shared<int>(0);
  std::atomic<int> ran{0};
  TaskThread thread;
  thread.post([&] {
    started.set_value();
    go_on.get_future().wait();
    ++ran;
  });
  thread.post([&ran, held] { ++ran; });
  thread.post_at(Clock::now() + hours(1), [&ran, held] { ++ran; });
  started.get_future().wait();
  // The task is let go once stop() has dropped the others and waits for it.
  const auto releaser = std::async(std::launch::async, [&] {
    while (held.use_count() > 1) std::this_thread::yield();
    go_on.set_value();
  });
  thread.stop();
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(held.use_count(), 1) << "dropped tasks are destroyed";
  thread.post([&ran] { ++ran; });
  thread.stop();
  EXPECT_EQ(ran, 1);
}

TEST(TaskThread, MayBeStoppedFromInside) {
  test::EventLog<int> done;
  auto thread = std::make_unique<TaskThread>();
  thread->post([&] {
    thread.reset();
    done.push(1);
  });
  EXPECT_TRUE(done.wait_for_count(1));
}

/// Sets a variable for the length of a test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

TEST(HiddenProxyEnvironment, HidesWhatPahoReadsAndBringsItBack) {
  const Variable plain("http_proxy", "http://127.0.0.1:9");
  const Variable secure("https_proxy", "");
  const Variable neighbour("http_proxy_of_another", "stays");
  EXPECT_TRUE(HiddenProxyEnvironment::needed());
  {
    const HiddenProxyEnvironment outer;
    EXPECT_EQ(std::getenv("http_proxy"), nullptr);
    EXPECT_EQ(std::getenv("https_proxy"), nullptr) << "Paho takes an empty one as well";
    EXPECT_STREQ(std::getenv("http_proxy_of_another"), "stays");
    EXPECT_TRUE(HiddenProxyEnvironment::needed()) << "as the first one may be gone any moment";
    { const HiddenProxyEnvironment inner; }
    EXPECT_EQ(std::getenv("http_proxy"), nullptr) << "until the last one goes";
  }
  EXPECT_STREQ(std::getenv("http_proxy"), "http://127.0.0.1:9");
  EXPECT_STREQ(std::getenv("https_proxy"), "");
}

TEST(HiddenProxyEnvironment, SurvivesAProgramThatChangesIt) {
  {
    setenv("http_proxy", "http://127.0.0.1:9", 1);
    const HiddenProxyEnvironment hidden;
    setenv("http_proxy", "http://127.0.0.1:10", 1);
  }
  EXPECT_STREQ(std::getenv("http_proxy"), "http://127.0.0.1:10");
  unsetenv("http_proxy");
  EXPECT_FALSE(HiddenProxyEnvironment::needed());
  const HiddenProxyEnvironment nothing_to_hide;
  EXPECT_EQ(std::getenv("http_proxy"), nullptr);
}

TEST(LookUp, TakesNumericAddressesInsideTheCall) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    bool called = false;
    look_up(host, 1883, [&](Result<std::vector<TcpEndpoint>> found) {
      called = true;
      ASSERT_TRUE(test::succeeded(found));
      ASSERT_EQ(found->size(), 1U);
      EXPECT_EQ(found->front().host(), host);
      EXPECT_EQ(found->front().port(), 1883);
    });
    EXPECT_TRUE(called) << host;
  }
}

TEST(LookUp, FindsNamesAndSaysWhichItDoesNot) {
  test::EventLog<Result<std::vector<TcpEndpoint>>> results;
  look_up("localhost", 1, [results](auto found) { results.push(std::move(found)); });
  const auto known = results.take();
  ASSERT_TRUE(known);
  ASSERT_TRUE(test::succeeded(*known));
  EXPECT_FALSE((*known)->empty());
  look_up("no-such-host.invalid", 1, [results](auto found) { results.push(std::move(found)); });
  const auto unknown = results.take();
  ASSERT_TRUE(unknown);
  EXPECT_TRUE(test::failed_with(*unknown, ErrorKind::not_connected));
  EXPECT_THAT(unknown->error().message, HasSubstr("no-such-host.invalid"));
}

TEST(UriOf, IsWhatPahoTakes) {
  const auto uri = [](const char* url) {
    const BrokerUrl broker = parse_broker_url(url).value();
    return uri_of(broker, broker.host);
  };
  EXPECT_EQ(uri("mqtt://example.org"), "tcp://example.org:1883");
  EXPECT_EQ(uri("mqtts://example.org"), "ssl://example.org:8883");
  EXPECT_EQ(uri("ws://example.org/mqtt"), "ws://example.org:80/mqtt");
  EXPECT_EQ(uri("wss://user:pass@example.org:8084/a/b"), "wss://example.org:8084/a/b");
  EXPECT_EQ(uri("mqtt://[::1]:1884"), "tcp://[::1]:1884");
}

/// Paho keeps account of its memory, and leaks some where there is no client yet.
class WithPaho : public ::testing::Test {
 private:
  ::mqtt::async_client client_{"tcp://127.0.0.1:1", "unit"};
};
class ConnectRequestTest : public WithPaho {};
class PahoValues : public WithPaho {};

TEST_F(ConnectRequestTest, LeavesUnsetWhatIsNotAskedFor) {
  ConnectOptions options;
  options.broker = parse_broker_url("mqtt://localhost").value();
  const ConnectRequest request(options, {});
  EXPECT_EQ(request.get()->will, nullptr);
  EXPECT_EQ(request.get()->ssl, nullptr);
  EXPECT_EQ(request.get()->username, nullptr);
  EXPECT_EQ(request.get()->binarypwd.data, nullptr);
  EXPECT_EQ(request.get()->automaticReconnect, 0);
  EXPECT_EQ(request.get()->cleanstart, 1);
  EXPECT_EQ(request.get()->keepAliveInterval, 30);
}

TEST_F(ConnectRequestTest, ChecksCertificatesAndNeverAsksForAPassword) {
  ConnectOptions options;
  options.broker = parse_broker_url("mqtts://localhost").value();
  const ConnectRequest strict(options, {});
  ASSERT_NE(strict.get()->ssl, nullptr);
  EXPECT_EQ(strict.get()->ssl->enableServerCertAuth, 1);
  EXPECT_EQ(strict.get()->ssl->verify, 1) << "off by default in Paho: the name of the host";
  EXPECT_EQ(strict.get()->ssl->trustStore, nullptr) << "the system's authorities";
  EXPECT_EQ(strict.get()->ssl->disableDefaultTrustStore, 0);
  EXPECT_STREQ(strict.get()->ssl->privateKeyPassword, "")
      << "null would make OpenSSL ask at the terminal";
  options.tls.verify = false;
  const ConnectRequest lenient(options, {});
  EXPECT_EQ(lenient.get()->ssl->enableServerCertAuth, 0);
  EXPECT_EQ(lenient.get()->ssl->verify, 0);
}

TEST_F(PahoValues, PropertiesSurviveTheWayThereAndBack) {
  const UserProperties properties{{"b", "1"}, {"a", "2"}, {"b", "1"}, {"", ""}, {"k", "ü"}};
  EXPECT_EQ(user_properties_of(to_properties(properties).c_struct()), properties);
  EXPECT_THAT(user_properties_of(to_properties({}).c_struct()), ElementsAre());
}

TEST_F(PahoValues, ReadEverythingOfAConnack) {
  using ::mqtt::property;
  ::mqtt::properties connack{{property::ASSIGNED_CLIENT_IDENTIFER, "given"},
                             {property::MAXIMUM_PACKET_SIZE, 1000},
                             {property::RECEIVE_MAXIMUM, 20},
                             {property::MAXIMUM_QOS, 1},
                             {property::RETAIN_AVAILABLE, 0},
                             {property::WILDCARD_SUBSCRIPTION_AVAILABLE, 0},
                             {property::SERVER_KEEP_ALIVE, 10},
                             {property::USER_PROPERTY, "MCP-SERVER-NAME", "a/b"}};
  const ConnectionInfo info = connection_info_of(connack.c_struct());
  EXPECT_EQ(info.assigned_client_id, "given");
  EXPECT_EQ(info.maximum_packet_size, 1000U);
  EXPECT_EQ(info.receive_maximum, 20);
  EXPECT_EQ(info.maximum_qos, Qos::at_least_once);
  EXPECT_FALSE(info.retain_available);
  EXPECT_FALSE(info.wildcard_subscription_available);
  EXPECT_EQ(info.server_keep_alive, std::chrono::seconds(10));
  EXPECT_EQ(info.user_properties, (UserProperties{{"MCP-SERVER-NAME", "a/b"}}));
}

TEST_F(PahoValues, AConnackWithoutPropertiesHasTheDefaults) {
  const ConnectionInfo info = connection_info_of(::mqtt::properties().c_struct());
  EXPECT_EQ(info.maximum_packet_size, 0U);
  EXPECT_EQ(info.receive_maximum, 65'535);
  EXPECT_EQ(info.maximum_qos, Qos::exactly_once);
  EXPECT_TRUE(info.retain_available);
  EXPECT_FALSE(info.server_keep_alive);
}

TEST_F(PahoValues, RefusalsNameTheirReason) {
  const Error error = refused("the broker refused to subscribe", 0x87, "no\nentry");
  EXPECT_EQ(error.kind, ErrorKind::refused);
  EXPECT_EQ(error.code, 0x87);
  EXPECT_THAT(error.message, HasSubstr("0x87"));
  EXPECT_THAT(error.message, HasSubstr("no\\x0aentry")) << "a broker's text is not trusted";
  EXPECT_THAT(reason_code_text(0xfe), HasSubstr("0xfe")) << "an unknown one";
}

}  // namespace
}  // namespace mcp_mqtt::mqtt::paho
