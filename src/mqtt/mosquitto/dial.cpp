#include "mqtt/mosquitto/dial.hpp"

#include <atomic>
#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "mqtt/mosquitto/quiet_thread.hpp"

namespace mcp_mqtt::mqtt::libmosquitto {
namespace {

/// The kernel gives a TCP connection up after two minutes; a program that retries more often than
/// that against a black hole must not gather threads without end.
constexpr int most_abandoned = 64;
std::atomic<int> abandoned_now{0};

}  // namespace

Result<std::shared_ptr<Dial>> Dial::start(ConnectOptions options, std::function<void()> notify) {
  if (abandoned_now.load() >= most_abandoned) {
    return Error{ErrorKind::busy, 0,
                 "too many earlier connection attempts still wait for the network"};
  }
  std::shared_ptr<Dial> dial(new Dial(std::move(notify)));
  try {
    start_quiet_thread([dial, options = std::move(options)] { dial->run(options); }).detach();
  } catch (const std::system_error& error) {
    return Error{ErrorKind::busy, 0,
                 std::string("no thread for the connection attempt: ") + error.what()};
  }
  return dial;
}

void Dial::run(const ConnectOptions& options) {
  std::optional<Result<std::unique_ptr<Client>>> result;
  try {
    result = Client::dial(options);
  } catch (const std::exception& error) {
    result = Error{ErrorKind::not_connected, 0, error.what()};
  }
  const std::lock_guard lock(mutex_);
  finished_ = true;
  if (abandoned_) {
    --abandoned_now;
    return;
  }
  result_ = std::move(result);
  notify_();
  // It may hold the last reference to what it posts to, which may end before this thread does.
  notify_ = nullptr;
}

void Dial::abandon() {
  std::optional<Result<std::unique_ptr<Client>>> dropped;
  const std::lock_guard lock(mutex_);
  if (abandoned_) return;
  abandoned_ = true;
  notify_ = nullptr;
  if (!finished_) ++abandoned_now;
  dropped = std::exchange(result_, std::nullopt);
}

Result<std::unique_ptr<Client>> Dial::take() {
  const std::lock_guard lock(mutex_);
  return *std::exchange(result_, std::nullopt);
}

}  // namespace mcp_mqtt::mqtt::libmosquitto
