#include "mcp-mqtt/child/children.hpp"

#include <algorithm>
#include <utility>

namespace mcp_mqtt::command_line {

Children::~Children() {
  end();
  std::list<Running> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(running_);
  }
  for (Running& one : left) one.thread.join();
}

void Children::run(const std::shared_ptr<Child>& child, ChildEvents events,
                   std::chrono::milliseconds pause,
                   std::optional<std::chrono::milliseconds> start_timeout) {
  std::list<Running> ended;
  {
    const std::lock_guard lock(mutex_);
    for (auto one = running_.begin(); one != running_.end();) {
      const auto next = std::next(one);
      if (one->over) ended.splice(ended.end(), running_, one);
      one = next;
    }
    if (ending_) child->end();
    running_.push_back({child, {}, false});
    Running& added = running_.back();
    added.thread = std::thread(
        [this, &added, child, events = std::move(events), pause, start_timeout]() mutable {
          child->run(events, pause, start_timeout);
          events = {};
          const std::lock_guard over(mutex_);
          added.over = true;
        });
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
