#pragma once

#include <cstddef>
#include <limits>

namespace mcp_mqtt::test {

/// What a process may grow by. The sanitizers' allocators keep what was freed: with them its memory
/// says nothing, and there is no bound.
constexpr std::size_t memory_bound_kib(std::size_t kib) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return kib > 0 ? std::numeric_limits<std::size_t>::max() : 0;
#else
  return kib;
#endif
}

}  // namespace mcp_mqtt::test
