#include <chrono>
#include <condition_variable>
#include <csignal>
#include <thread>

#include "end_to_end/site.hpp"

namespace mcp_mqtt::bench {
namespace {

using namespace std::chrono_literals;

/// A process that stands still, as one does that is swapped out or whose network is gone.
class StoodStill {
 public:
  explicit StoodStill(pid_t pid) : pid_(pid) { ::kill(pid_, SIGSTOP); }
  StoodStill(const StoodStill&) = delete;
  StoodStill& operator=(const StoodStill&) = delete;
  ~StoodStill() { ::kill(pid_, SIGCONT); }

 private:
  pid_t pid_;
};

/// How many of `count` calls, made while the server stands still, have no answer in the end.
int lost_of(int count, Process& server, const std::vector<ClientSession>& sessions) {
  std::mutex mutex;
  std::condition_variable changed;
  int outstanding = count;
  int lost = 0;
  const Json arguments{{"text", std::string(1'000, 'x')}};
  {
    const StoodStill still(server.pid());
    for (int i = 0; i < count; ++i) {
      const auto& session = sessions[static_cast<std::size_t>(i) % sessions.size()];
      session.async_call_tool("echo", arguments, {.timeout = 5s},
                              [&](const Result<CallToolResult>& result) {
                                const std::lock_guard lock(mutex);
                                if (!result) ++lost;
                                if (--outstanding == 0) changed.notify_one();
                              });
    }
    std::this_thread::sleep_for(1s);
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return outstanding == 0; });
  return lost;
}

}  // namespace

void measure_loss(const Site& site, const Way& way) {
  const std::string name = site.fresh_name("server");
  auto server = site.start_server(way, name);
  server.read_line();
  const auto client = site.connect(way);
  std::vector<ClientSession> sessions;
  for (int i = 0; i < 128; ++i) sessions.push_back(client->open(name));
  for (const int count : {500, 1'000, 2'000, 4'000, 8'000}) {
    site.report.add({"lost of " + std::to_string(count) + " calls while the server stood still",
                     way.name(), "calls", std::nullopt,
                     static_cast<double>(lost_of(count, server, sessions)), std::nullopt});
  }
}

}  // namespace mcp_mqtt::bench
