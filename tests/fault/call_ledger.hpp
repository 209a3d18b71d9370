#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <vector>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "support/waiting.hpp"

namespace mcp_mqtt::test {

/// What became of all calls of a test. A call is entered before it is made; its handler and its
/// caller report to it. Any thread; copies share one ledger.
class CallLedger {
 public:
  using Call = std::size_t;

  struct Figures {
    std::size_t calls = 0;
    std::size_t answered = 0;
    std::map<ErrorKind, std::size_t> failed;
    std::size_t without_outcome = 0;   ///< Lost.
    std::size_t twice_over = 0;        ///< Calls with more than one outcome.
    std::size_t runs = 0;              ///< Times that a handler ran.
    std::size_t ran_again = 0;         ///< Calls whose handler ran more than once.
    std::size_t answered_unheard = 0;  ///< Answered, though no handler ran.
  };

  /// A new call; pass its number to the tool.
  Call begin() const;
  /// The call's handler runs.
  void ran(Call call) const;
  /// The call has an outcome.
  void ended(Call call, const Result<CallToolResult>& outcome) const;
  /// Makes the call of `tool` with its number as `call`; `done` follows the entry.
  PendingCall make(const ClientSession& session, const std::string& tool, CallOptions options = {},
                   std::function<void(const Result<CallToolResult>&)> done = {}) const;

  bool wait_until_settled(std::chrono::milliseconds timeout = patience) const;
  Figures figures() const;
  /// Every call ended once, and no handler ran twice for one call.
  void expect_sound(bool handlers_report = true) const;

 private:
  struct Entry {
    std::size_t runs = 0;
    std::size_t answers = 0;
    std::size_t outcomes = 0;
  };
  struct State {
    std::mutex mutex;
    std::condition_variable settled;
    std::vector<Entry> entries;
    std::map<ErrorKind, std::size_t> failed;
    std::size_t open = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// `calls=… answered=… failed=… (timeout=…) lost=… duplicated=…`
std::ostream& operator<<(std::ostream& out, const CallLedger::Figures& figures);

/// The tool `work`, which enters that it ran.
void add_work(McpServer& server, const CallLedger& ledger);

}  // namespace mcp_mqtt::test
