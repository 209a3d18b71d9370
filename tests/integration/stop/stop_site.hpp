#pragma once

#include <array>
#include <atomic>
#include <thread>

#include "integration/faces/site.hpp"
#include "support/mqtt_proxy.hpp"

namespace mcp_mqtt::test {

/// How a server or client ends; it is destroyed afterwards in any case.
enum class Ending { stop, stop_twice, two_threads, destroy };
inline constexpr std::array every_ending{Ending::stop, Ending::stop_twice, Ending::two_threads,
                                         Ending::destroy};
std::string to_string(Ending ending);

/// What stop() is given in these tests, and what a busy machine may add to it. An end that hangs is
/// far beyond both.
inline constexpr std::chrono::milliseconds brief_stop{200};
inline constexpr std::chrono::milliseconds slack{15'000};

/// Expects that an end took no longer than it may; counts for the line of figures at the end.
void expect_in_time(std::chrono::steady_clock::duration took,
                    std::chrono::milliseconds stop_timeout);

/// Runs `work` and expects that it returns in time.
template <class F>
void in_time(std::chrono::milliseconds stop_timeout, F&& work) {
  const auto began = std::chrono::steady_clock::now();
  std::forward<F>(work)();
  expect_in_time(std::chrono::steady_clock::now() - began, stop_timeout);
}

template <class T>
void stop_as(T& it, Ending ending) {
  if (ending == Ending::destroy) return;
  if (ending == Ending::two_threads) {
    std::thread other([&] { it.stop(); });
    it.stop();
    other.join();
    return;
  }
  it.stop();
  if (ending == Ending::stop_twice) it.stop();
}

/// Ends and destroys it, in time.
template <class T>
void end(std::unique_ptr<T>& it, Ending ending) {
  in_time(brief_stop, [&] {
    stop_as(*it, ending);
    it.reset();
  });
}

/// A broker that gets into trouble for those who are connected over `shaky` options, and for nobody
/// else.
class StopSite : public Site {
 protected:
  void SetUp() override;
  void TearDown() override;

  std::string shaky_url() const { return proxy_ ? proxy_->url() : url(); }
  /// Backs off briefly, stops briefly.
  ServerOptions shaky_server_options(const std::string& id);
  ClientOptions shaky_client_options(const std::string& id);

  /// Nothing moves any more between the broker and the one with this id, and nobody notices.
  void freeze(const std::string& client_id);
  void thaw(const std::string& client_id);
  /// From now on no CONNECT is answered; what is open stays open.
  void silence_connects();
  /// Waits until a CONNECT waits for its answer.
  bool connecting() const;
  /// Cuts the connection of this one.
  void cut(const std::string& client_id);
  void answer_connects();
  /// SIGKILL, for everybody; on the broker inside the process, its like.
  void kill_broker(const std::string& client_id);
  void revive_broker();
  /// A message of nobody's.
  void publish(const std::string& topic, const std::string& payload, bool retain);

 private:
  ConnectionOptions shaky_connection();

  std::unique_ptr<MqttProxy> proxy_;
  /// In place of a proxy where there is no network.
  std::atomic<bool> silent_ = false;
  EventLog<std::string> silenced_;
};

}  // namespace mcp_mqtt::test
