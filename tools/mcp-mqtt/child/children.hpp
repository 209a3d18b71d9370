#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "mcp-mqtt/child/child.hpp"

namespace mcp_mqtt::command_line {

/// The children of this process, each with its thread. Any thread.
class Children {
 public:
  Children() = default;
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  /// end() and join().
  ~Children();

  /// Runs it; the events hold what they need until the last one.
  void run(const std::shared_ptr<Child>& child, ChildEvents events,
           std::chrono::milliseconds pause = std::chrono::milliseconds(0),
           std::optional<std::chrono::milliseconds> start_timeout = {});
  /// Those that did not end yet.
  std::size_t running() const;
  /// Asks all to end, and starts no more. Does not wait.
  void end();
  /// Waits for those that were asked to end: at most for three times ChildLimits::patience. Not on
  /// their threads.
  void join();

 private:
  struct Running {
    std::shared_ptr<Child> child = {};
    std::thread thread = {};
    bool over = false;
  };

  std::list<Running> take();

  mutable std::mutex mutex_;
  std::list<Running> running_;
  bool ending_ = false;
};

}  // namespace mcp_mqtt::command_line
