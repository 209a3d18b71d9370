#include "mcp-mqtt/http/connection_threads.hpp"

#include <system_error>

namespace mcp_mqtt::command_line {

void ConnectionThreads::enqueue(std::function<void()> work) {
  std::unique_lock lock(mutex_);
  if (!closing_ && work_.size() >= idle_) start_thread();
  changed_.wait(lock, [this] { return closing_ || work_.size() < idle_; });
  work_.push_back(std::move(work));
  changed_.notify_all();
}

void ConnectionThreads::start_thread() {
  if (threads_.size() >= most_) return;
  try {
    threads_.emplace_back([this] { serve(); });
  } catch (const std::system_error&) {
    // Those that are there serve it, one after the other.
  }
}

void ConnectionThreads::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return closing_ || !work_.empty(); });
    --idle_;
    if (work_.empty()) return;
    const std::function<void()> work = std::move(work_.front());
    work_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

void ConnectionThreads::let_go() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  changed_.notify_all();
}

void ConnectionThreads::shutdown() {
  let_go();
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  // What came in while they ended.
  for (const auto& work : work_) work();
  work_.clear();
}

}  // namespace mcp_mqtt::command_line
