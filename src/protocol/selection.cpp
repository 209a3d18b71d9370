#include <atomic>
#include <memory>
#include <random>

#include <mcp_mqtt/selection.hpp>

namespace mcp_mqtt {

SelectionPolicy select_random() {
  auto random = std::make_shared<std::minstd_rand>(std::random_device{}());
  return [random](const std::vector<ServerInstance>& instances) {
    return std::uniform_int_distribution<std::size_t>(0, instances.size() - 1)(*random);
  };
}

SelectionPolicy select_round_robin() {
  auto next = std::make_shared<std::atomic<std::size_t>>(0);
  return [next](const std::vector<ServerInstance>& instances) {
    return next->fetch_add(1, std::memory_order_relaxed) % instances.size();
  };
}

SelectionPolicy select_first() {
  return [](const std::vector<ServerInstance>&) { return std::size_t{0}; };
}

}  // namespace mcp_mqtt
