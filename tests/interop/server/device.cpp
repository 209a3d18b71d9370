#include "server/device.hpp"

#include <chrono>
#include <condition_variable>
#include <stdexcept>

namespace interop {

using namespace std::chrono_literals;

void Device::roots_changed(const std::string& client_id) {
  const std::lock_guard lock(mutex_);
  ++root_changes_[client_id];
}

int Device::root_changes(const std::string& client_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = root_changes_.find(client_id);
  return found == root_changes_.end() ? 0 : found->second;
}

void Device::hang_up_soon(const mcp_mqtt::ConnectedClient& client) {
  const std::lock_guard lock(mutex_);
  hanging_up_.emplace_back([client] {
    std::this_thread::sleep_for(50ms);
    client.disconnect();
  });
}

const std::string& picture() {
  static const std::string bytes("\x89PNG\x00\xff", 6);
  return bytes;
}

mcp_mqtt::AudioContent sound() {
  return {.data = std::string("RIFF\x00\xff", 6), .mime_type = "audio/wav"};
}

mcp_mqtt::Icon icon() {
  return {.src = "https://example.com/device.png", .mime_type = picture_type, .sizes = {"48x48"}};
}

mcp_mqtt::ResourceContents manual() {
  return mcp_mqtt::text_contents("device://manual", "turn it on", "text/plain");
}

mcp_mqtt::ResourceContents logo() {
  return mcp_mqtt::binary_contents("device://logo", picture(), picture_type);
}

namespace {

/// Waits, unless the call is cancelled meanwhile.
bool wait_unless_cancelled(const mcp_mqtt::RequestContext& context,
                           std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  return !wake.wait_for(lock, context.stop_token(), time, [&] { return context.cancelled(); });
}

}  // namespace

void count_to(int to, Device& device, mcp_mqtt::RequestContext& context) {
  device.last_cancelled = false;
  for (int step = 1; step <= to; ++step) {
    if (!wait_unless_cancelled(context, 20ms)) {
      device.last_cancelled = true;
      throw std::runtime_error("cancelled at step " + std::to_string(step));
    }
    context.report_progress(step, to, "step " + std::to_string(step));
  }
}

}  // namespace interop
