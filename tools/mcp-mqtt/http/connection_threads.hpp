#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mcp_mqtt::command_line {

/// Threads for connections, as many as are there at a time, up to a bound. Beyond it enqueue()
/// waits until one is free: then connections wait in the listening socket.
class ConnectionThreads {
 public:
  explicit ConnectionThreads(std::size_t most) : most_(most) {}
  ConnectionThreads(const ConnectionThreads&) = delete;
  ConnectionThreads& operator=(const ConnectionThreads&) = delete;
  ~ConnectionThreads() { shutdown(); }

  void enqueue(std::function<void()> work);
  /// No enqueue() waits any more; then what is queued is done, and all threads have ended.
  void shutdown();
  /// No enqueue() waits any more.
  void let_go();

 private:
  void serve();
  void start_thread();

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool closing_ = false;
};

}  // namespace mcp_mqtt::command_line
