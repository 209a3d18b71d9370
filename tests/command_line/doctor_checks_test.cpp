#include <atomic>
#include <ctime>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <mutex>
#include <set>

#include <mcp_mqtt/mqtt/loopback.hpp>

#include "mcp-mqtt/doctor/checks.hpp"
#include "mcp-mqtt/failure.hpp"

// The doctor's checks against a broker inside the process, which can be told to misbehave.
namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// A broker, and the findings of one run.
class DoctorChecks : public ::testing::Test {
 protected:
  DoctorChecks() {
    broker.on_publish([this](const std::string& id, const mqtt::Message& message) -> Result<void> {
      const std::lock_guard lock(mutex);
      if (message.retain && !message.payload.empty()) kept.insert(message.topic);
      if (on_publish) return on_publish(id, message);
      return {};
    });
  }

  Route route() {
    Route route;
    route.broker.host = "127.0.0.1";
    route.make_transport = [this](const mqtt::BrokerUrl&) { return broker.make_transport(); };
    route.patience = patience;
    // The loopback broker keeps the order.
    route.grace = 1ms;
    route.stop = stop.get_token();
    return route;
  }

  /// All checks but the stall, which is about sockets.
  void examine(Examination examination = {}) {
    examination.round_trips = 5;
    examination.burst = 60;
    Site site(examination, route(), report, [](const std::string&) {});
    const auto opened = site.open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    ClockWatch clocks;
    check_connection(site);
    clocks.ask_broker(site);
    check_topics(site);
    check_messages(site);
    check_round_trips(site);
    clocks.hear_broker(site);
    check_burst(site);
    check_will(site);
    clock_seen = clocks.seen();
    name = site.server_name();
  }

  /// What has this verdict, in order.
  std::vector<std::string> with(Verdict verdict) const {
    std::vector<std::string> checks;
    for (const Finding& finding : report.findings()) {
      if (finding.verdict == verdict) checks.push_back(finding.check);
    }
    return checks;
  }

  Finding found(const std::string& check) const {
    for (const Finding& finding : report.findings()) {
      if (finding.check == check) return finding;
    }
    ADD_FAILURE() << "no finding " << check;
    return {};
  }

  std::vector<std::string> left_on_broker() const {
    std::vector<std::string> left;
    for (const std::string& topic : kept) {
      if (broker.retained(topic)) left.push_back(topic);
    }
    return left;
  }

  std::mutex mutex;
  std::set<std::string> kept;
  std::function<Result<void>(const std::string&, const mqtt::Message&)> on_publish;
  mqtt::LoopbackBroker broker;
  std::stop_source stop;
  std::chrono::milliseconds patience{30'000};
  Report report{[](const Finding&) {}};
  ClockSeen clock_seen;
  std::string name;
  std::string time_text;
  std::atomic<bool> told = false;
  std::shared_ptr<mqtt::Transport> broker_clock;
};

const Error not_authorized{ErrorKind::refused, 0x87, "Not authorized"};

TEST_F(DoctorChecks, FindsNothingWrongWithAGoodBroker) {
  examine();
  EXPECT_THAT(with(Verdict::failed), IsEmpty());
  EXPECT_THAT(with(Verdict::warning), IsEmpty());
  EXPECT_THAT(with(Verdict::skipped), ElementsAre("broker version"));
  EXPECT_EQ(found("round trip QoS 1").data.at("count"), 5);
  EXPECT_EQ(found("retained burst").data, Json({{"sent", 60}, {"came", 60}}));
  EXPECT_GE(kept.size(), 62U);
  EXPECT_THAT(left_on_broker(), IsEmpty());
  EXPECT_EQ(broker.connections(), 0U);
}

TEST_F(DoctorChecks, SpeaksAsTheProtocolWantsIt) {
  std::vector<std::string> faults;
  on_publish = [&](const std::string& id, const mqtt::Message& message) -> Result<void> {
    const auto& properties = message.user_properties;
    const bool right =
        properties.size() >= 2 && properties[0].first == "MCP-COMPONENT-TYPE" &&
        properties[1] == std::pair<std::string, std::string>("MCP-MQTT-CLIENT-ID", id);
    if (!right && message.payload != "gone") faults.push_back(message.topic);
    // Nobody finds a server there, or hears of a client.
    if (message.topic.starts_with("$mcp-server/presence/") && !message.payload.empty()) {
      faults.push_back(message.topic);
    }
    return {};
  };
  broker.on_connect([&](const mqtt::ConnectOptions& options) -> Result<mqtt::ConnectionInfo> {
    const auto& properties = options.user_properties;
    if (properties.size() != 2 || properties[0].first != "MCP-COMPONENT-TYPE" ||
        !Json::parse(properties[1].second, nullptr, false).is_object()) {
      faults.emplace_back("CONNECT");
    }
    return mqtt::ConnectionInfo();
  });
  examine();
  EXPECT_THAT(faults, IsEmpty());
}

TEST_F(DoctorChecks, TellsWhatConnackSays) {
  broker.on_connect([](const mqtt::ConnectOptions&) {
    mqtt::ConnectionInfo info;
    info.receive_maximum = 2;
    info.maximum_packet_size = 5'000;
    info.server_keep_alive = std::chrono::seconds(3);
    info.user_properties = {{"MCP-SERVER-NAME", "given/name"},
                            {"MCP-SERVER-NAME-FILTERS", R"(["given/#"])"},
                            {"MCP-RBAC", R"([{"server_name": "given/name"}])"}};
    return info;
  });
  examine();
  EXPECT_EQ(name, "given/name");
  EXPECT_THAT(with(Verdict::warning),
              ElementsAre("receive maximum", "keep-alive", "maximum packet"));
  EXPECT_THAT(with(Verdict::failed), ElementsAre("MCP-RBAC"));
  EXPECT_THAT(found("MCP-SERVER-NAME").seen, HasSubstr("'given/name'"));
  EXPECT_EQ(found("MCP-SERVER-NAME-FILTERS").data, Json({"given/#"}));
  EXPECT_EQ(found("maximum packet").data, 5'000);
}

TEST_F(DoctorChecks, TellsWhatABrokerLacks) {
  broker.on_connect([](const mqtt::ConnectOptions&) {
    mqtt::ConnectionInfo info;
    info.retain_available = false;
    info.wildcard_subscription_available = false;
    info.maximum_qos = mqtt::Qos::at_most_once;
    return info;
  });
  examine();
  EXPECT_THAT(with(Verdict::failed), ElementsAre("maximum QoS", "retained messages", "wildcards"));
  EXPECT_THAT(with(Verdict::skipped),
              ElementsAre("broker version", "round trip QoS 1", "retained burst", "will"));
  for (const Finding& finding : report.findings()) {
    EXPECT_TRUE(finding.verdict != Verdict::failed || !finding.advice.empty()) << finding.check;
  }
}

TEST_F(DoctorChecks, TellsOfRetainedMessagesThatAreNotGiven) {
  broker.on_deliver(
      [](const std::string&, const mqtt::Message& message) { return !message.retain; });
  examine();
  EXPECT_THAT(with(Verdict::failed), ElementsAre("retained messages"));
  EXPECT_THAT(left_on_broker(), IsEmpty());
}

TEST_F(DoctorChecks, TellsOfAWillThatIsNotPublished) {
  patience = 1s;
  on_publish = [](const std::string&, const mqtt::Message& message) -> Result<void> {
    if (message.payload == "gone") return not_authorized;
    return {};
  };
  examine();
  EXPECT_THAT(with(Verdict::failed), ElementsAre("will"));
}

/// The checks of topics, and how the topic of each begins.
const std::vector<std::pair<std::string, std::string>> checked_topics{
    {"presence topic", "$mcp-server/presence/"},
    {"capability topic", "$mcp-server/capability/"},
    {"control topic", "$mcp-server/mcp-mqtt-doctor-"},
    {"client presence topic", "$mcp-client/presence/"},
    {"client capability topic", "$mcp-client/capability/"}};

TEST_F(DoctorChecks, NamesEachTopicThatMayNotBeWritten) {
  for (const auto& [check, front] : checked_topics) {
    report = Report([](const Finding&) {});
    on_publish = [front = front](const std::string&, const mqtt::Message& message) -> Result<void> {
      if (message.topic.starts_with(front)) return not_authorized;
      return {};
    };
    examine();
    EXPECT_THAT(with(Verdict::failed), ElementsAre(check));
    EXPECT_THAT(found(check).seen, HasSubstr("may not publish to " + front));
    EXPECT_THAT(found(check).advice, HasSubstr("topic write " + front));
  }
}

TEST_F(DoctorChecks, NamesEachTopicThatIsGrantedAndNotHeard) {
  for (const auto& [check, front] : checked_topics) {
    report = Report([](const Finding&) {});
    broker.on_deliver([front = front](const std::string&, const mqtt::Message& message) {
      return !message.topic.starts_with(front);
    });
    examine();
    EXPECT_THAT(with(Verdict::failed), ElementsAre(check));
    EXPECT_THAT(found(check).seen, HasSubstr("hears nothing, though its subscription was granted"));
    EXPECT_THAT(found(check).advice, HasSubstr("topic read " + front));
  }
}

TEST_F(DoctorChecks, NamesASubscriptionThatIsRefused) {
  broker.on_subscribe(
      [](const std::string& id, const mqtt::Subscription& subscription) -> Result<void> {
        if (id.ends_with("-c") && subscription.filter.starts_with("$mcp-server/presence/")) {
          return not_authorized;
        }
        return {};
      });
  examine();
  EXPECT_THAT(with(Verdict::failed), ElementsAre("presence topic"));
  EXPECT_THAT(found("presence topic").seen,
              AllOf(StartsWith("the client '"),
                    HasSubstr("may not subscribe to $mcp-server/presence/+/" + name)));
}

TEST_F(DoctorChecks, LooksBesideTheTopicsOfMcpWhereTheseAreDenied) {
  patience = 1s;
  broker.on_deliver([](const std::string&, const mqtt::Message& message) {
    return !message.topic.starts_with("$mcp-rpc/");
  });
  examine();
  EXPECT_THAT(with(Verdict::failed), ElementsAre("RPC topic to server", "RPC topic to client"));
  EXPECT_EQ(found("No Local").verdict, Verdict::ok);
  EXPECT_EQ(found("retained messages").verdict, Verdict::ok);
  EXPECT_EQ(found("will").verdict, Verdict::ok);
  EXPECT_EQ(found("round trip QoS 0").verdict, Verdict::skipped);
}

TEST_F(DoctorChecks, TellsOfASecondConnectionThatIsRefused) {
  broker.on_connect([](const mqtt::ConnectOptions& options) -> Result<mqtt::ConnectionInfo> {
    if (options.client_id.ends_with("-c")) return Error{ErrorKind::refused, 0x97, "Quota exceeded"};
    return mqtt::ConnectionInfo();
  });
  examine();
  EXPECT_THAT(with(Verdict::failed), ElementsAre("second connection"));
  EXPECT_EQ(found("retained messages").verdict, Verdict::ok);
}

TEST_F(DoctorChecks, LearnsThatTheUserNameIsTheClientId) {
  // As mosquitto does with use_username_as_clientid: it throws out whoever is there, and is silent.
  std::mutex ids_mutex;
  std::set<std::string> ids;
  broker.on_connect([&](const mqtt::ConnectOptions& options) {
    const std::lock_guard lock(ids_mutex);
    for (const std::string& id : ids) {
      if (id != options.client_id) broker.cut(id);
    }
    ids = {options.client_id};
    return mqtt::ConnectionInfo();
  });
  Examination examination;
  examination.round_trips = 1;
  Route named = route();
  named.broker.username = "desk-1";
  Site site(examination, named, report, [](const std::string&) {});
  ASSERT_TRUE(site.open().has_value());
  EXPECT_TRUE(site.id_is_user_name());
  EXPECT_EQ(site.server(), site.client());
  EXPECT_EQ(site.rpc_topic(), "$mcp-rpc/desk-1/desk-1/" + site.server_name());
  check_connection(site);
  check_topics(site);
  EXPECT_THAT(with(Verdict::failed), IsEmpty());
  EXPECT_THAT(found("client id").seen, HasSubstr("makes the user name the client id"));
}

TEST_F(DoctorChecks, TakesBackWhatItKeptWhenItIsInterrupted) {
  std::atomic<int> bursts = 0;
  on_publish = [&](const std::string&, const mqtt::Message& message) -> Result<void> {
    // In the middle of the burst.
    if (message.payload == "burst" && ++bursts == 30) stop.request_stop();
    return {};
  };
  EXPECT_THROW(examine(), Failure);
  EXPECT_GE(bursts.load(), 30);
  EXPECT_THAT(left_on_broker(), IsEmpty());
  EXPECT_EQ(broker.connections(), 0U);
}

TEST_F(DoctorChecks, TakesBackWhatItKeptOverANewConnection) {
  {
    Probe probe(route());
    ASSERT_TRUE(probe.connect({.role = Role::server, .id = "probe"}).has_value());
    ASSERT_TRUE(probe.publish({"kept/here", "text", true}).has_value());
    ASSERT_TRUE(broker.retained("kept/here"));
    broker.cut("probe");
  }
  EXPECT_FALSE(broker.retained("kept/here"));
}

TEST_F(DoctorChecks, ComparesClocksWhereTheBrokerTellsItsTime) {
  broker.on_subscribe([&](const std::string&, const mqtt::Subscription& subscription) {
    if (subscription.filter == "$SYS/brokers/+/datetime") {
      // Half a day behind, in a zone two hours ahead.
      const auto past =
          std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - 10h);
      char text[40];
      std::tm parts{};
      std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+02:00", ::gmtime_r(&past, &parts));
      time_text = text;
    }
    return Result<void>();
  });
  on_publish = [&](const std::string&, const mqtt::Message& message) -> Result<void> {
    if (message.topic.starts_with("$mcp-client/") && !told.exchange(true)) {
      broker_clock->publish(
          {"$SYS/brokers/one/datetime", time_text, mqtt::Qos::at_most_once, false, {}},
          [](const Result<void>&) {});
    }
    return {};
  };
  broker_clock = broker.make_transport();
  std::promise<void> connected;
  mqtt::ConnectOptions options;
  options.client_id = "clock";
  broker_clock->connect(options, {},
                        [&](const Result<mqtt::ConnectionInfo>&) { connected.set_value(); });
  connected.get_future().wait();
  examine();
  ASSERT_TRUE(clock_seen.broker_ahead);
  EXPECT_NEAR(static_cast<double>(clock_seen.broker_ahead->count()), -12.0 * 3'600'000, 60'000);
  const Finding finding = clock_finding(clock_seen);
  EXPECT_EQ(finding.verdict, Verdict::warning);
  EXPECT_THAT(finding.seen, HasSubstr("behind this machine's"));
}

}  // namespace
}  // namespace mcp_mqtt::command_line
