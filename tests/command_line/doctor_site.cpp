#include "command_line/doctor_site.hpp"

#include <sstream>

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::test {

std::vector<DoctorLine> doctor_lines(const Ran& ran) {
  std::vector<DoctorLine> lines;
  std::istringstream text(ran.output);
  for (std::string line; std::getline(text, line);) {
    std::istringstream cells(line);
    DoctorLine next;
    std::getline(cells, next.check, '\t');
    std::getline(cells, next.result, '\t');
    std::getline(cells, next.seen, '\t');
    std::getline(cells, next.advice, '\t');
    lines.push_back(next);
  }
  return lines;
}

std::set<std::string> checks_with(const Ran& ran, const std::string& result) {
  std::set<std::string> checks;
  for (const DoctorLine& line : doctor_lines(ran)) {
    if (line.result == result) checks.insert(line.check);
  }
  return checks;
}

DoctorLine line_of(const Ran& ran, const std::string& check) {
  for (const DoctorLine& line : doctor_lines(ran)) {
    if (line.check == check) return line;
  }
  ADD_FAILURE() << "no line " << check << " in:\n" << ran.output << ran.error;
  return {};
}

void DoctorSite::SetUp() {
  if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
}

void DoctorSite::start_broker(MosquittoOptions options) {
  broker = std::make_unique<MosquittoBroker>(std::move(options));
}

std::unique_ptr<ChildProcess> DoctorSite::start(std::vector<std::string> arguments,
                                                const std::string& url) const {
  arguments.insert(arguments.begin(), {MCP_MQTT_PROGRAM, "doctor", "--broker", url});
  auto process = std::make_unique<ChildProcess>(
      std::move(arguments),
      ChildProcess::Options{.environment = {"HOME=" + folder.path().string(), "XDG_CONFIG_HOME=",
                                            "MCP_MQTT_USERNAME=", "MCP_MQTT_PASSWORD="},
                            .working_directory = folder.path().string()});
  process->close_input();
  return process;
}

Ran DoctorSite::run(std::vector<std::string> arguments, const std::string& url) const {
  return Garden::end_of(*start(std::move(arguments), url));
}
Ran DoctorSite::run(std::vector<std::string> arguments) const {
  return run(std::move(arguments), broker->url());
}

std::vector<std::string> DoctorSite::kept() const {
  mqtt::ConnectOptions options;
  options.broker = mqtt::parse_broker_url(broker->url()).value();
  options.client_id = "looker";
  const auto transport =
      mqtt::make_transport(mqtt::TransportKind::automatic, options.broker).value();
  const EventLog<mqtt::Message> heard;
  mqtt::ConnectionEvents events;
  events.on_message = [=](mqtt::Message message) { heard.push(std::move(message)); };
  EXPECT_TRUE(succeeded(outcome_of<mqtt::ConnectionInfo>(
      [&](auto done) { transport->connect(options, events, std::move(done)); })));
  for (const char* filter : {"#", "$mcp-server/#", "$mcp-rpc/#", "$mcp-client/#", "fence"}) {
    EXPECT_TRUE(succeeded(outcome_of<void>([&](auto done) {
      transport->subscribe({filter, mqtt::Qos::at_least_once, false}, std::move(done));
    })));
  }
  transport->publish({"fence", "fence", mqtt::Qos::at_least_once, false, {}}, [](auto) {});
  EXPECT_TRUE(heard.wait_for([](const auto& message) { return message.payload == "fence"; }));
  std::vector<std::string> topics;
  for (const mqtt::Message& message : heard.all()) {
    if (message.retain) topics.push_back(message.topic);
  }
  return topics;
}

std::string DoctorSite::failure(const Ran& ran, int code) {
  EXPECT_EQ(ran.code, code) << ran.output;
  EXPECT_EQ(ran.output, "");
  EXPECT_TRUE(ran.one_error_line()) << ran.error;
  return ran.error;
}

}  // namespace mcp_mqtt::test
