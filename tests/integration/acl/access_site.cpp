#include "integration/acl/access_site.hpp"

#include <fstream>
#include <iostream>
#include <sstream>

namespace mcp_mqtt::test {
namespace {

/// Prints the figures when the program's tests are over.
class DenialFigures : public ::testing::Environment {
 public:
  void TearDown() override {
    std::cout << "reliability: denials_named=" << named << " unnamed=" << unnamed << '\n';
  }

  std::size_t named = 0;
  std::size_t unnamed = 0;
};

DenialFigures& denial_figures() {
  static auto& figures =
      static_cast<DenialFigures&>(*::testing::AddGlobalTestEnvironment(new DenialFigures));
  return figures;
}
[[maybe_unused]] const DenialFigures& registered_before_the_tests = denial_figures();

std::string broker_file(const std::string& name) {
  std::ifstream file(std::string(MCP_MQTT_BROKER_FILES) + "/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

}  // namespace

void AccessSite::SetUp() {
  if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
}

void AccessSite::start_broker(const std::string& acl_file) {
  MosquittoOptions options;
  options.configuration = broker_file("mosquitto.conf");
  options.acl = broker_file(acl_file);
  for (const char* user :
       {"desk-1", "desk-2", "plant-1", "host-1", "host-2", "monitor", "mallory"}) {
    options.passwords[user] = password_of(user);
  }
  broker_ = std::make_unique<MosquittoBroker>(std::move(options));
}

ConnectionOptions AccessSite::connection(const std::string& user) const {
  ConnectionOptions options;
  options.username = user;
  options.password = password_of(user);
  options.transport = GetParam();
  options.backoff.initial = 20ms;
  return options;
}

ServerOptions AccessSite::server_options(const std::string& user, std::string name) const {
  ServerOptions options{.name = std::move(name), .version = "1.2.3"};
  options.server_id = user;
  options.connection = connection(user);
  return options;
}

ClientOptions AccessSite::client_options(const std::string& user) const {
  ClientOptions options{.name = "host"};
  options.client_id = user;
  options.fixed_client_id = true;
  options.connection = connection(user);
  return options;
}

Intruder::Intruder(const std::string& url, const std::string& user, const std::string& password,
                   std::optional<mqtt::Message> will) {
  mqtt::ConnectOptions options;
  options.broker = mqtt::parse_broker_url(url).value();
  options.broker.username = user;
  options.broker.password = password;
  options.client_id = user;
  options.will = std::move(will);
  transport_ = mqtt::make_transport(mqtt::TransportKind::mosquitto, options.broker).value();
  mqtt::ConnectionEvents events;
  events.on_message = [heard = heard_](mqtt::Message message) { heard.push(std::move(message)); };
  EXPECT_TRUE(succeeded(outcome_of<mqtt::ConnectionInfo>([&](auto done) {
    transport_->connect(std::move(options), std::move(events), std::move(done));
  })));
}

Result<void> Intruder::publish(const std::string& topic, const std::string& payload, bool retain) {
  const mqtt::Message message{topic, payload, mqtt::Qos::at_least_once, retain, {}};
  return outcome_of<void>([&](auto done) { transport_->publish(message, std::move(done)); });
}

Result<void> Intruder::subscribe(const std::string& filter) {
  return outcome_of<void>([&](auto done) {
    transport_->subscribe({filter, mqtt::Qos::at_least_once, false}, std::move(done));
  });
}

::testing::AssertionResult refused_for(const Error& error, const std::string& topic) {
  if (error.code != not_authorized) {
    return ::testing::AssertionFailure() << "code " << error.code << ": " << error.message;
  }
  return names(error, ErrorKind::refused, topic);
}

::testing::AssertionResult names(const Error& error, ErrorKind kind, const std::string& topic) {
  if (error.kind == kind && error.message.find("'" + topic + "'") != std::string::npos) {
    ++denial_figures().named;
    return ::testing::AssertionSuccess();
  }
  ++denial_figures().unnamed;
  return ::testing::AssertionFailure()
         << to_string(error.kind) << ": " << error.message << "; " << to_string(kind)
         << " wanted, with the topic '" << topic << "'";
}

}  // namespace mcp_mqtt::test
