#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>
#include <mcp_mqtt/mqtt/loopback.hpp>

#include "support/mosquitto_broker.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::test {

using namespace std::chrono_literals;

enum class SiteKind { loopback, mosquitto, paho };

/// A broker, and how servers and clients of one kind reach it: each face test runs on the broker in
/// the process and, over both real transports, on a real mosquitto with its stock settings.
class Site : public ::testing::TestWithParam<SiteKind> {
 protected:
  void SetUp() override {
    if (GetParam() == SiteKind::loopback) {
      loopback_ = std::make_unique<mqtt::LoopbackBroker>();
    } else if (MosquittoBroker::available()) {
      mosquitto_ = std::make_unique<MosquittoBroker>();
    } else {
      GTEST_SKIP() << "mosquitto is not installed";
    }
  }

  std::string url() const { return mosquitto_ ? mosquitto_->url() : "mqtt://loopback"; }

  ConnectionOptions connection() const {
    ConnectionOptions options;
    if (loopback_) options.make_transport = [this] { return loopback_->make_transport(); };
    options.transport =
        GetParam() == SiteKind::paho ? mqtt::TransportKind::paho : mqtt::TransportKind::mosquitto;
    return options;
  }

  ServerOptions server_options(std::string id = {}, std::string name = "desk/companion") const {
    ServerOptions options{.name = std::move(name), .version = "1.2.3", .description = "A desk"};
    options.server_id = std::move(id);
    options.connection = connection();
    return options;
  }

  ClientOptions client_options() const {
    ClientOptions options{.name = "host"};
    options.connection = connection();
    return options;
  }

  std::unique_ptr<mqtt::LoopbackBroker> loopback_;
  std::unique_ptr<MosquittoBroker> mosquitto_;
};

inline std::string site_name(const ::testing::TestParamInfo<SiteKind>& info) {
  switch (info.param) {
    case SiteKind::loopback:
      return "loopback";
    case SiteKind::mosquitto:
      return "mosquitto";
    case SiteKind::paho:
      break;
  }
  return "paho";
}

#define MCP_MQTT_ON_EVERY_SITE(Suite)                                                           \
  INSTANTIATE_TEST_SUITE_P(                                                                     \
      Sites, Suite, ::testing::Values(SiteKind::loopback, SiteKind::mosquitto, SiteKind::paho), \
      site_name)

/// The tools that the face tests call.
inline void add_desk_tools(ServerFeatures& server) {
  server.add_tool("set_volume", "Set the volume", {arg("volume", "Volume level").range(0, 100)},
                  [](int volume) { return "volume is " + std::to_string(volume); });
  server.add_tool("count", "Count with progress", {arg("to", "How far").range(1, 1000)},
                  [](int to, RequestContext& context) {
                    for (int i = 1; i <= to; ++i) {
                      context.report_progress(i, to, "step " + std::to_string(i));
                    }
                    return "counted to " + std::to_string(to);
                  });
}

/// A handler that runs until its call is cancelled, and says so.
class EndlessTool {
 public:
  void add_to(ServerFeatures& server) {
    server.add_tool("endless", "Runs until it is cancelled",
                    [started = started_, ended = ended_](RequestContext& context) {
                      started.push(context.client().client_id);
                      std::mutex mutex;
                      std::condition_variable_any wake;
                      std::unique_lock lock(mutex);
                      const bool cancelled = wake.wait_for(lock, context.stop_token(), patience,
                                                           [&] { return context.cancelled(); });
                      ended.push(cancelled);
                      return std::string("ended");
                    });
  }
  bool wait_until_started(std::size_t count = 1) const { return started_.wait_for_count(count); }
  /// Whether each run that ended by now was cancelled, and at least one did.
  bool wait_until_cancelled() const {
    const auto ended = ended_.wait_for([](bool) { return true; });
    return ended && *ended;
  }

 private:
  EventLog<std::string> started_;
  EventLog<bool> ended_;
};

/// What a call throws; a test failure where it returns.
template <class F>
Error error_of(F&& call) {
  try {
    call();
  } catch (const McpError& error) {
    return error.error();
  }
  ADD_FAILURE() << "an McpError was expected";
  return {};
}

}  // namespace mcp_mqtt::test
