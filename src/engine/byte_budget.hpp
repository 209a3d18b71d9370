#pragma once

#include <cstddef>

namespace mcp_mqtt::engine {

/// Bytes that may be kept at a time.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  /// False, and nothing is taken: there is no room for so many.
  bool take(std::size_t bytes) {
    if (bytes > limit_ || used_ > limit_ - bytes) return false;
    used_ += bytes;
    return true;
  }
  void give_back(std::size_t bytes) { used_ -= bytes; }
  std::size_t used() const noexcept { return used_; }

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
};

}  // namespace mcp_mqtt::engine
