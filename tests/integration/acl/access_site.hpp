#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "support/mosquitto_broker.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::test {

using namespace std::chrono_literals;

/// A mosquitto with the very files of examples/broker, and programs that are users of it, over each
/// real transport. The users' names are those of the files; `mallory` is one more.
class AccessSite : public ::testing::TestWithParam<mqtt::TransportKind> {
 protected:
  void SetUp() override;
  /// With `acl_per_user` or `acl_per_service`.
  void start_broker(const std::string& acl_file);

  std::string url() const { return broker_->url(); }
  MosquittoBroker& broker() { return *broker_; }

  static std::string password_of(const std::string& user) { return "the password of " + user; }
  ConnectionOptions connection(const std::string& user) const;
  /// As docs/guides/access_control.md tells: the user name is the id.
  ServerOptions server_options(const std::string& user, std::string name = "desk/companion") const;
  ClientOptions client_options(const std::string& user) const;

 private:
  std::unique_ptr<MosquittoBroker> broker_;
};

inline std::string transport_name(const ::testing::TestParamInfo<mqtt::TransportKind>& kind) {
  return kind.param == mqtt::TransportKind::paho ? "paho" : "mosquitto";
}

#define MCP_MQTT_OVER_EVERY_TRANSPORT(Suite)                                        \
  INSTANTIATE_TEST_SUITE_P(                                                         \
      Transports, Suite,                                                            \
      ::testing::Values(mqtt::TransportKind::mosquitto, mqtt::TransportKind::paho), \
      transport_name)

/// A program without manners, one user among others: what it says and hears is up to the test.
class Intruder {
 public:
  /// Connects as `user`, under any id, and expects to get in.
  Intruder(const std::string& url, const std::string& user, const std::string& password,
           std::optional<mqtt::Message> will = {});

  Result<void> publish(const std::string& topic, const std::string& payload, bool retain = false);
  Result<void> subscribe(const std::string& filter);
  const EventLog<mqtt::Message>& heard() const { return heard_; }
  /// Goes away as if its network had broken: the broker publishes the will.
  void vanish() { transport_.reset(); }

 private:
  EventLog<mqtt::Message> heard_;
  std::shared_ptr<mqtt::Transport> transport_;
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

/// The broker's own refusal, with the topic that it is about.
::testing::AssertionResult refused_for(const Error& error, const std::string& topic);
/// An error that says so, and names the topic.
::testing::AssertionResult names(const Error& error, ErrorKind kind, const std::string& topic);

inline constexpr int not_authorized = 0x87;

}  // namespace mcp_mqtt::test
