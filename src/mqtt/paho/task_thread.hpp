#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace mcp_mqtt::mqtt::paho {

/// A thread that carries out tasks one at a time, in the order in which they were posted; a task
/// with a time waits for it. What a task throws is logged and dropped.
class TaskThread {
 public:
  using Task = std::function<void()>;
  using Clock = std::chrono::steady_clock;

  TaskThread();
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;
  ~TaskThread() { stop(); }

  /// Any thread; never blocks. After stop() the task is dropped.
  void post(Task task);
  void post_at(Clock::time_point time, Task task);

  /// Waits for the task that runs now and drops the others. From inside a task it only drops them:
  /// the thread then ends by itself after that task.
  void stop();

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Task> ready;
    std::multimap<Clock::time_point, Task> later;
    bool stopping = false;
  };
  static void run(const std::shared_ptr<State>& state);

  // Shared with the thread, which may outlive this object where it was stopped from inside.
  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::thread thread_;
};

}  // namespace mcp_mqtt::mqtt::paho
