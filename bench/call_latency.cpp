// How long a sequential tools/call takes at QoS 1, beside the raw echo of the same transport in the
// same run, on a stock mosquitto: figures to compare, not to pass.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "private_broker.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using mcp_mqtt::Result;
namespace mqtt = mcp_mqtt::mqtt;

struct Figures {
  double median_us = 0;
  double p99_us = 0;
};

Figures measure(int warm_up, int rounds, const std::function<void()>& round) {
  for (int i = 0; i < warm_up; ++i) round();
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = Clock::now();
    round();
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times[times.size() * 99 / 100]};
}

/// Waits for the completion of one call of a transport.
void settle(const std::function<void(mqtt::Completion)>& start) {
  std::promise<Result<void>> done;
  start([&](Result<void> outcome) { done.set_value(std::move(outcome)); });
  done.get_future().get().value();
}

/// One end of the raw echo.
class Peer {
 public:
  Peer(mqtt::TransportKind kind, const mqtt::BrokerUrl& broker, const std::string& client_id,
       std::function<void(const mqtt::Message&)> on_message)
      : transport_(mqtt::make_transport(kind, broker).value()) {
    mqtt::ConnectOptions options;
    options.broker = broker;
    options.client_id = client_id;
    mqtt::ConnectionEvents events;
    events.on_message = std::move(on_message);
    events.on_connection_lost = [](const mcp_mqtt::Error&) {};
    std::promise<Result<mqtt::ConnectionInfo>> connected;
    transport_->connect(
        std::move(options), std::move(events),
        [&](Result<mqtt::ConnectionInfo> outcome) { connected.set_value(std::move(outcome)); });
    connected.get_future().get().value();
  }
  ~Peer() {
    std::promise<void> done;
    transport_->disconnect([&](Result<void>) { done.set_value(); });
    done.get_future().wait();
  }
  void subscribe(const std::string& filter) {
    settle([&](auto done) { transport_->subscribe({filter}, std::move(done)); });
  }
  void publish(const std::string& topic, std::string payload) {
    mqtt::Message message;
    message.topic = topic;
    message.payload = std::move(payload);
    transport_->publish(std::move(message), [](Result<void>) {});
  }

 private:
  std::shared_ptr<mqtt::Transport> transport_;
};

Figures raw_echo(mqtt::TransportKind kind, const mqtt::BrokerUrl& broker, int rounds) {
  const std::string run = std::to_string(Clock::now().time_since_epoch().count());
  std::mutex mutex;
  std::optional<std::promise<void>> waiting;
  // Declared first, set last: the echo answers through it.
  Peer* echo_end = nullptr;
  Peer echo(kind, broker, "echo-" + run, [&](const mqtt::Message& message) {
    echo_end->publish("bench/" + run + "/answer", message.payload);
  });
  echo_end = &echo;
  Peer asker(kind, broker, "asker-" + run, [&](const mqtt::Message&) {
    const std::lock_guard lock(mutex);
    if (waiting) waiting->set_value();
    waiting.reset();
  });
  echo.subscribe("bench/" + run + "/question");
  asker.subscribe("bench/" + run + "/answer");
  return measure(200, rounds, [&] {
    std::future<void> answered;
    {
      const std::lock_guard lock(mutex);
      answered = waiting.emplace().get_future();
    }
    asker.publish("bench/" + run + "/question", R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
    if (answered.wait_for(10s) != std::future_status::ready) {
      throw std::runtime_error("an echo did not come back");
    }
  });
}

Figures tool_call(mqtt::TransportKind kind, const std::string& url, int rounds, bool run_inline) {
  mcp_mqtt::ServerOptions server_options{.name = "bench/echo"};
  server_options.connection.transport = kind;
  mcp_mqtt::McpServer server(server_options);
  auto tool = mcp_mqtt::typed_tool("echo", "Says it again", {mcp_mqtt::arg("text", "What")},
                                   [](const std::string& text) { return text; });
  tool.run_inline = run_inline;
  server.add_tool(std::move(tool));
  server.start(url);
  mcp_mqtt::ClientOptions client_options{.name = "bench"};
  client_options.connection.transport = kind;
  mcp_mqtt::McpClient client(client_options);
  client.connect(url);
  const auto session = client.open("bench/echo", {.server_id = server.server_id()});
  const auto figures = measure(200, rounds, [&] {
    static_cast<void>(session.call_tool("echo", {{"text", "hello"}}));
  });
  client.stop();
  server.stop();
  return figures;
}

void print(const char* transport, const char* what, const Figures& figures, const Figures& raw) {
  std::printf("%-10s  %-24s  %9.1f  %9.1f  %8.2f\n", transport, what, figures.median_us,
              figures.p99_us, figures.median_us / raw.median_us);
}

}  // namespace

int main(int argc, char** argv) try {
  std::string url;
  int rounds = 5'000;
  CLI::App app{
      "Latency of a sequential tools/call at QoS 1, beside the raw echo of the transport."};
  app.add_option("--broker", url,
                 "The broker's URL (default: a private mosquitto, stock settings)");
  app.add_option("--rounds", rounds, "Calls of each kind")
      ->check(CLI::Range(100, 1'000'000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::optional<mcp_mqtt::bench::PrivateBroker> own;
  if (url.empty()) url = own.emplace().url();
  const auto broker = mqtt::parse_broker_url(url).value();

  std::printf("%d rounds at %s\n\n%-10s  %-24s  %9s  %9s  %8s\n", rounds,
              broker.to_string().c_str(), "transport", "", "median us", "p99 us", "x echo");
  for (const auto& [kind, name] : {std::pair(mqtt::TransportKind::mosquitto, "mosquitto"),
                                   std::pair(mqtt::TransportKind::paho, "paho")}) {
    if (kind == mqtt::TransportKind::mosquitto && broker.uses_websocket()) continue;
    const Figures raw = raw_echo(kind, broker, rounds);
    print(name, "raw echo", raw, raw);
    print(name, "tools/call", tool_call(kind, url, rounds, false), raw);
    print(name, "tools/call, inline", tool_call(kind, url, rounds, true), raw);
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "call_latency: " << error.what() << '\n';
  return 1;
}
