// The main job, step by step: finds desk companions, calls one, sees it leave, goes on with
// another.
#include <CLI/CLI.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <mutex>
#include <string>
#include <unistd.h>

#include <mcp_mqtt/mcp_mqtt.hpp>

namespace {

using namespace std::chrono_literals;
using mcp_mqtt::ClientSession;
using mcp_mqtt::Json;

void say(const std::string& step, const std::string& text) {
  std::cout << "  " << std::left << std::setw(12) << step << text << std::endl;
}

/// On a terminal a bar that grows; elsewhere a line for each quarter.
class ProgressBar {
 public:
  void draw(const mcp_mqtt::Progress& progress) {
    const double part = progress.total ? progress.progress / *progress.total : 0;
    if (terminal_) {
      const auto filled = static_cast<std::size_t>(part * 30);
      std::cout << "\r  play_melody [" << std::string(filled, '#') << std::string(30 - filled, '.')
                << "] " << std::setw(3) << static_cast<int>(part * 100) << " %  "
                << progress.message << "   " << std::flush;
    } else if (part * 4 >= quarter_) {
      say("play_melody", std::to_string(static_cast<int>(part * 100)) + " %");
      quarter_ = static_cast<int>(part * 4) + 1;
    }
  }
  void finish() const {
    if (terminal_) std::cout << '\n';
  }

 private:
  bool terminal_ = ::isatty(STDOUT_FILENO) != 0;
  int quarter_ = 1;
};

void call(const ClientSession& desk, const std::string& tool, const Json& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  const auto result = desk.call_tool(tool, arguments);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  char time[32];
  std::snprintf(time, sizeof time, "  (%.2f ms)", took.count());
  say(tool, arguments.dump() + (result.is_error ? " is refused: " : " -> ") + result.text() + time);
}

/// Remembers which sessions are over.
class Departures {
 public:
  void add(const ClientSession& session, const mcp_mqtt::Error& reason) {
    const std::lock_guard lock(mutex_);
    gone_ = session.instance().server_id;
    reason_ = reason.message;
    changed_.notify_all();
  }
  std::string wait_for(const std::string& server_id) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 30s, [&] { return gone_ == server_id; })) {
      throw std::runtime_error(server_id + " did not leave within 30 seconds");
    }
    return reason_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string gone_;
  std::string reason_;
};

ClientSession open_and_show(mcp_mqtt::McpClient& client, const std::string& name) {
  auto desk = client.open(name, {.timeout = 15s});
  say("select", desk.instance().server_id);
  say("initialize", desk.server_info().name + ' ' + desk.server_info().version + ", revision " +
                        std::string(to_string(desk.revision())));
  return desk;
}

void tour(const std::string& broker, const std::string& name, const std::string& leave_file) {
  Departures departures;
  mcp_mqtt::McpClient client{{.name = "desk-tour", .version = "1.0.0"}};
  client.on_disconnected([&](const ClientSession& session, const mcp_mqtt::Error& reason) {
    departures.add(session, reason);
  });
  client.connect(broker);
  say("connect", broker);

  client.wait_for_server(name, 15s);
  for (const auto& instance : client.discover(name)) {
    say("discover",
        instance.server_name + " as " + instance.server_id + ": " + instance.description);
  }
  auto desk = open_and_show(client, name);
  for (const auto& tool : desk.list_tools()) say("tool", tool.name + ": " + tool.description);
  call(desk, "set_volume", {{"volume", 30}});
  call(desk, "set_volume", {{"volume", 130}});
  call(desk, "display", {{"message", "Hello, MCP!"}});

  ProgressBar bar;
  const auto played = desk.call_tool(
      "play_melody", {{"notes", 20}},
      {.on_progress = [&](const mcp_mqtt::Progress& progress) { bar.draw(progress); }});
  bar.finish();
  say("play_melody", played.text());

  if (!leave_file.empty()) {
    const std::string chosen = desk.instance().server_id;
    std::ofstream(leave_file) << chosen << std::endl;
    say("leave", departures.wait_for(chosen));
    desk = open_and_show(client, name);
    call(desk, "set_volume", {{"volume", 40}});
  }
  client.stop();
  say("done", "");
}

}  // namespace

int main(int argc, char** argv) try {
  std::string broker = "mqtt://127.0.0.1:1883";
  std::string name = "desk/companion";
  std::string leave_file;
  CLI::App app{"A tour of the main job with desk companions on an MQTT broker."};
  app.add_option("--broker", broker, "The broker's URL")->capture_default_str();
  app.add_option("--name", name, "The server-name of the companions")->capture_default_str();
  app.add_option("--leave-file", leave_file,
                 "Write the chosen server-id here, then wait until that instance leaves");
  CLI11_PARSE(app, argc, argv);
  tour(broker, name, leave_file);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "desk_tour: " << error.what() << '\n';
  return 1;
}
