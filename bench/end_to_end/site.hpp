#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>
#include <mcp_mqtt/wire/json_rpc.hpp>

#include "support/kinds.hpp"
#include "support/process.hpp"
#include "support/raw_peer.hpp"
#include "support/report.hpp"

namespace mcp_mqtt::bench {

/// Where the cases of one run take place.
struct Site {
  std::string url;
  mqtt::BrokerUrl broker;
  Report& report;
  /// Enough to see that everything works; the figures say little.
  bool quick = false;

  int rounds(int usual) const { return quick ? std::max(usual / 50, 4) : usual; }
  /// A name that nothing else at this broker has.
  std::string fresh_name(const std::string& about) const;

  Process start_server(const Way& way, const std::string& name, bool run_inline = false,
                       std::size_t answer_bytes = 0) const;
  Process start_raw(const Way& way, const std::string& name, std::size_t answer_bytes) const;
  std::unique_ptr<McpClient> connect(const Way& way) const;
};

/// The near end of the raw echo.
class RawEcho {
 public:
  RawEcho(const Site& site, const Way& way, const std::string& name, std::string question);

  /// One question and its answer. Throws where none comes within 30 s.
  void round();
  /// `count` questions, so many at once.
  void rounds(int count, int in_flight);

 private:
  void on_answer();

  std::mutex mutex_;
  std::condition_variable done_;
  int to_ask_ = 0;
  int to_hear_ = 0;
  std::string topic_;
  std::string question_;
  RawPeer peer_;
};

/// What a `tools/call` of echo puts into a message, and what its answer is.
std::string call_payload(const std::string& text);
std::string answer_payload(const std::string& text);

// The cases. Each adds its lines to the report.
void measure_sequential(const Site& site, const Way& way);
void measure_in_flight(const Site& site, const Way& way);
void measure_many_sessions(const Site& site, const Way& way);
void measure_round_trips(const Site& site, const Way& way);
void measure_large_results(const Site& site, const Way& way, std::size_t bytes);
void measure_loss(const Site& site, const Way& way);
void measure_discovery(const Site& site, const Way& way);
void measure_footprint(const Site& site);
void measure_foreign_server(const Site& site, const std::string& name, const std::string& command);

}  // namespace mcp_mqtt::bench
