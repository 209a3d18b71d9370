#include "mcp-mqtt/child/children.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

namespace mcp_mqtt::command_line {

Children::~Children() {
  end();
  join();
}

void Children::join() {
  // One that ends may start another, which ends at once.
  for (std::list<Running> left = take(); !left.empty(); left = take()) {
    for (Running& one : left) one.thread.join();
  }
}

std::list<Children::Running> Children::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(running_, {});
}

void Children::run(const std::shared_ptr<Child>& child, ChildEvents events,
                   std::chrono::milliseconds pause,
                   std::optional<std::chrono::milliseconds> start_timeout) {
  std::list<Running> ended;
  std::string error;
  {
    const std::lock_guard lock(mutex_);
    for (auto one = running_.begin(); one != running_.end();) {
      const auto next = std::next(one);
      if (one->over) ended.splice(ended.end(), running_, one);
      one = next;
    }
    if (ending_) child->end();
    Running& added = running_.emplace_back();
    added.child = child;
    try {
      added.thread = std::thread([this, &added, child, events, pause, start_timeout]() mutable {
        child->run(events, pause, start_timeout);
        events = {};
        const std::lock_guard over(mutex_);
        added.over = true;
      });
    } catch (const std::system_error& no_thread) {
      running_.pop_back();
      error = no_thread.what();
    }
  }
  if (!error.empty()) {
    events.on_end({.started = false, .text = "no child can be started: " + error});
  }
  for (Running& one : ended) one.thread.join();
}

std::size_t Children::running() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(running_.begin(), running_.end(),
                                                [](const Running& one) { return !one.over; }));
}

void Children::end() {
  const std::lock_guard lock(mutex_);
  ending_ = true;
  for (const Running& one : running_) one.child->end();
}

}  // namespace mcp_mqtt::command_line
