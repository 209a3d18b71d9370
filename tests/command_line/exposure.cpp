#include "command_line/exposure.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

namespace mcp_mqtt::test {

Guest::Guest(const std::string& broker_url, const std::string& name, const Json& capabilities)
    : client_(std::make_unique<McpClient>(ClientOptions{.name = name})) {
  client_->on_request([asked = asked](const ClientSession&,
                                      PeerRequest request) { asked.push(std::move(request)); },
                      capabilities);
  client_->on_notification(
      [told = told](const ClientSession&, const std::string& method, const Json& params) {
        told.push(method + " " + params.dump());
      });
  client_->on_disconnected(
      [closed = closed](const ClientSession&, const Error& reason) { closed.push(reason); });
  client_->connect(broker_url);
}

void Guest::open(const std::string& server) {
  session = client_->open(server, {.timeout = patience, .reopen = Reopen::never});
}

Json Guest::call(const std::string& tool, const Json& arguments) const {
  CallOptions options;
  options.timeout = patience;
  const Json result =
      session.request("tools/call", {{"name", tool}, {"arguments", arguments}}, options);
  return Json::parse(result.at("content").at(0).at("text").get<std::string>());
}

PendingCall Guest::start(const std::string& method, Json params, const CallOptions& options) const {
  CallOptions patient = options;
  patient.timeout = patience;
  return session.async_request(
      method, std::move(params), patient,
      [outcomes = outcomes](Result<Json> outcome) { outcomes.push(std::move(outcome)); });
}

void Exposure::SetUp() {
  if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  garden = std::make_unique<Garden>();
}

void Exposure::TearDown() {
  if (process == nullptr || !process->running()) return;
  process->signal(SIGTERM);
  EXPECT_EQ(Garden::end_of(*process).code, 143);
}

std::vector<std::string> Exposure::server(std::vector<std::string> flags) {
  flags.insert(flags.begin(), MCP_MQTT_STDIO_SERVER);
  return flags;
}

std::unique_ptr<ChildProcess> Exposure::start(std::vector<std::string> options,
                                              const std::vector<std::string>& command) const {
  options.insert(options.begin(), "expose");
  options.emplace_back("--");
  options.insert(options.end(), command.begin(), command.end());
  return garden->start(std::move(options));
}

void Exposure::expose(std::vector<std::string> options, std::vector<std::string> flags) {
  options.insert(options.begin(), {"--name", "exposed"});
  process = start(std::move(options), server(std::move(flags)));
  ASSERT_TRUE(logs("'exposed' is online")) << process->error_output();
}

std::unique_ptr<Guest> Exposure::guest(const std::string& name, const Json& capabilities) const {
  auto guest = std::make_unique<Guest>(garden->broker_url(), name, capabilities);
  guest->open();
  return guest;
}

bool ends(int pid) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string stat;
    std::getline(file, stat);
    // Where nobody reaps the children of others, one that ended stays as a zombie.
    if (stat.empty() || stat.find(") Z ") != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace mcp_mqtt::test
