#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include <mcp_mqtt/mcp_mqtt.hpp>

// A process for the tests to kill, to stop and to measure.
// fault_peer serve URL SERVER-NAME SERVER-ID   a server; says `serving`
// fault_peer call URL SERVER-NAME COUNT        so many clients that call once; says `called`
// Either ends with its standard input.
namespace {

using namespace mcp_mqtt;
using namespace std::chrono_literals;

constexpr auto patience = 30s;

ConnectionOptions connection() {
  ConnectionOptions options;
  options.backoff = {.initial = 10ms, .maximum = 200ms, .retry_first = true};
  return options;
}

void say(const std::string& line) { std::cout << line + "\n" << std::flush; }

void wait_for_the_end_of_input() {
  while (std::cin.get() != std::char_traits<char>::eof()) {
  }
}

/// Which calls the handlers have seen.
class Runs {
 public:
  void add(std::size_t call) {
    const std::lock_guard lock(mutex_);
    ++count_;
    if (!seen_.insert(call).second) ++again_;
  }
  Json figures() const {
    const std::lock_guard lock(mutex_);
    return {{"runs", count_}, {"again", again_}};
  }

 private:
  mutable std::mutex mutex_;
  std::size_t count_ = 0;
  std::size_t again_ = 0;
  std::unordered_set<std::size_t> seen_;
};

class Sessions {
 public:
  explicit Sessions(McpServer& server) : server_(server) {
    server.on_client_connected([this](const ConnectedClient&) { changed_.notify_all(); });
    server.on_client_gone([this](const ClientInfo&, const Error&) { changed_.notify_all(); });
  }
  /// Waits until there are at most so many, and says how many there are then.
  std::size_t wait(std::size_t at_most) {
    std::unique_lock lock(mutex_);
    std::size_t now = server_.clients().size();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (now > at_most && std::chrono::steady_clock::now() < deadline) {
      // A change between the count and the wait is seen a moment later.
      changed_.wait_for(lock, 50ms);
      now = server_.clients().size();
    }
    return now;
  }

 private:
  McpServer& server_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

int serve(const std::string& url, const std::string& name, const std::string& id) {
  ServerOptions options{.name = name};
  options.server_id = id;
  options.connection = connection();
  options.log_level = LoggingLevel::debug;
  options.limits.log_messages_per_second = 0;  // a flood of them is what some tests want
  McpServer server(options);
  Runs runs;
  Sessions sessions(server);
  server.add_tool("work", "Enters that it ran", {arg("call", "The call's number")},
                  [&](std::size_t call) {
                    runs.add(call);
                    return "done " + std::to_string(call);
                  });
  server.add_tool("runs", "What `work` has seen", [&] { return runs.figures().dump(); });
  server.add_tool("hold", "Runs until it is cancelled", {arg("call", "The call's number")},
                  [&](std::size_t call, RequestContext& context) {
                    std::mutex mutex;
                    std::condition_variable_any wake;
                    std::unique_lock lock(mutex);
                    say("held " + std::to_string(call) + ";");
                    wake.wait_for(lock, context.stop_token(), patience,
                                  [&] { return context.cancelled(); });
                    return "let go";
                  });
  server.add_tool("nap", "Takes five milliseconds", {arg("call", "The call's number")},
                  [](std::size_t) {
                    std::this_thread::sleep_for(5ms);
                    return "awake";
                  });
  server.add_tool("sessions", "Waits until there are at most so many", {arg("at_most", "Sessions")},
                  [&](std::size_t at_most) { return std::to_string(sessions.wait(at_most)); });
  server.add_resource({.uri = "fault://value", .name = "value"}, "a value");
  server.add_tool("flood", "Tells all clients much",
                  {arg("messages", "How many"), arg("bytes", "Of each")},
                  [&](std::size_t messages, std::size_t bytes) {
                    const std::string text(bytes, 'x');
                    for (std::size_t i = 0; i < messages; ++i) {
                      server.log(LoggingLevel::info, text);
                      server.notify_resource_updated("fault://value");
                    }
                    return "flooded";
                  });
  server.start(url);
  say("serving");
  wait_for_the_end_of_input();
  std::_Exit(0);
}

int call(const std::string& url, const std::string& name, std::size_t count) {
  std::vector<std::unique_ptr<McpClient>> clients;
  for (std::size_t i = 0; i < count; ++i) {
    ClientOptions options{.name = "caller"};
    options.connection = connection();
    options.worker_threads = 1;
    clients.push_back(std::make_unique<McpClient>(options));
    clients.back()->connect(url);
    clients.back()->open(name).call_tool("work", {{"call", 1'000'000 + i}});
  }
  say("called");
  wait_for_the_end_of_input();
  std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 4 && arguments[0] == "serve") {
    return serve(arguments[1], arguments[2], arguments[3]);
  }
  if (arguments.size() == 4 && arguments[0] == "call") {
    return call(arguments[1], arguments[2], std::stoul(arguments[3]));
  }
  std::cerr << "usage: fault_peer serve URL SERVER-NAME SERVER-ID | call URL SERVER-NAME COUNT\n";
  return 2;
}
