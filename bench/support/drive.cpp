#include "support/drive.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace mcp_mqtt::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// The callbacks of a client come one at a time, but the first calls are made by another thread.
class Drive {
 public:
  Drive(const std::vector<ClientSession>& sessions, const std::string& tool, const Json& arguments,
        int count)
      : sessions_(sessions), tool_(tool), arguments_(arguments), to_start_(count), to_end_(count) {}

  Driven run(int in_flight) {
    const auto begin = Clock::now();
    for (int i = 0; i < in_flight; ++i) next();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return to_end_ == 0; });
    driven_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return std::move(driven_);
  }

 private:
  void next() {
    const ClientSession* session = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (to_start_ == 0) return;
      --to_start_;
      session = &sessions_[turn_++ % sessions_.size()];
    }
    session->async_call_tool(
        tool_, arguments_, {},
        [this, begin = Clock::now()](const Result<CallToolResult>& result) { end(begin, result); });
  }

  void end(Clock::time_point begin, const Result<CallToolResult>& result) {
    const double took = std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
    next();
    const std::lock_guard lock(mutex_);
    if (!result) {
      ++driven_.failures[result.error().message];
    } else if (result->is_error) {
      ++driven_.failures["the tool failed"];
    } else {
      driven_.microseconds.add(took);
    }
    // Notified under the lock: the one who waits destroys this.
    if (--to_end_ == 0) done_.notify_one();
  }

  const std::vector<ClientSession>& sessions_;
  const std::string& tool_;
  const Json& arguments_;
  std::mutex mutex_;
  std::condition_variable done_;
  std::size_t turn_ = 0;
  int to_start_;
  int to_end_;
  Driven driven_;
};

}  // namespace

Driven drive(const std::vector<ClientSession>& sessions, const std::string& tool,
             const Json& arguments, int count, int in_flight) {
  return Drive(sessions, tool, arguments, count).run(std::min(count, in_flight));
}

}  // namespace mcp_mqtt::bench
