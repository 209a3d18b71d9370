// The server that README.md describes, with what this library offers of it. The official SDK's
// client is its judge.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "transport_option.hpp"

namespace {

using namespace std::chrono_literals;
using mcp_mqtt::arg;
using mcp_mqtt::Json;
using mcp_mqtt::RequestContext;

/// Waits, unless the call is cancelled meanwhile.
bool wait_unless_cancelled(const RequestContext& context, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  return !wake.wait_for(lock, context.stop_token(), time, [&] { return context.cancelled(); });
}

/// The tools `count` and `last_cancelled`: one for all sessions.
class Counter {
 public:
  std::string count(int to, RequestContext& context) {
    last_cancelled_ = false;
    for (int step = 1; step <= to; ++step) {
      if (!wait_unless_cancelled(context, 20ms)) {
        last_cancelled_ = true;
        throw std::runtime_error("cancelled at step " + std::to_string(step));
      }
      context.report_progress(step, to, "step " + std::to_string(step));
    }
    return "counted to " + std::to_string(to);
  }
  std::string last_cancelled() const { return last_cancelled_ ? "yes" : "no"; }

 private:
  std::atomic<bool> last_cancelled_ = false;
};

std::string fail() { throw std::runtime_error("it failed on purpose"); }

std::string echo_types(std::optional<double> n, const std::vector<std::string>& list,
                       const std::map<std::string, Json>& map) {
  Json echo{{"list", list}, {"map", map}};
  if (n) echo["n"] = *n;
  return echo.dump();
}

void add_tools(mcp_mqtt::McpServer& server, Counter& counter) {
  server.add_tool("set_volume", "Sets the volume", {arg("volume", "Volume level").range(0, 100)},
                  [](int volume) { return "volume is " + std::to_string(volume); });
  server.add_tool("display", "Shows a message", {arg("message", "What to show")},
                  [](const std::string& message) { return "displayed: " + message; });
  server.add_tool("count", "Counts, one step every 20 ms, and tells its progress",
                  {arg("to", "The last number").min(1)},
                  [&](int to, RequestContext& context) { return counter.count(to, context); });
  server.add_tool("last_cancelled", "Says whether the last count was cancelled",
                  [&] { return counter.last_cancelled(); });
  server.add_tool("fail", "Fails", fail);
  server.add_tool("echo_types", "Gives its arguments back as JSON",
                  {arg("n", "A number"), arg("list", "Strings"), arg("map", "Anything by name")},
                  echo_types);
}

/// Those that end the program, kept from every thread that is started after this.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  if (const int error = pthread_sigmask(SIG_BLOCK, &signals, nullptr); error != 0) {
    throw std::system_error(error, std::generic_category(), "pthread_sigmask");
  }
  return signals;
}

}  // namespace

int main(int argc, char** argv) try {
  std::string broker;
  mcp_mqtt::ServerOptions options{
      .name = {}, .version = "1.0.0", .description = "Interop server on the C++ library"};
  CLI::App app{"The interop server on the C++ library."};
  app.add_option("--broker", broker, "The broker's URL")->required();
  app.add_option("--name", options.name, "The server-name")->required();
  app.add_option("--id", options.server_id, "The server-id")->required();
  interop::add_transport_option(app, options.connection.transport);
  CLI11_PARSE(app, argc, argv);

  const sigset_t signals = block_end_signals();
  Counter counter;
  mcp_mqtt::McpServer server(options);
  add_tools(server, counter);
  server.start(broker);
  std::cout << "serving " << server.name() << "\nready" << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  server.stop();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "interop_server: " << error.what() << '\n';
  return 1;
}
