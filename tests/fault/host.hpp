#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "fault/call_ledger.hpp"

namespace mcp_mqtt::test {

using namespace std::chrono_literals;

/// What a faulty connection needs to be back soon: a short backoff, and silences that are short but
/// not taken for the end where the machine is busy.
inline ConnectionOptions quick_connection(mqtt::TransportKind kind) {
  ConnectionOptions options;
  options.transport = kind;
  options.keep_alive = 3s;
  options.connect_timeout = 2s;
  options.backoff = {.initial = 10ms, .maximum = 200ms, .retry_first = true};
  return options;
}

/// A program that calls the tools of one service, and opens a session again that is over for good.
/// One thread.
class Host {
 public:
  Host(McpClient& client, std::string service, CallLedger ledger, Reopen reopen = Reopen::always)
      : client_(&client),
        service_(std::move(service)),
        ledger_(std::move(ledger)),
        reopen_(reopen) {}

  /// Whether there is a session that calls can be made in; otherwise why not.
  Result<void> ensure_open() {
    if (session_.state() != SessionState::closed) return {};
    try {
      session_ =
          client_->open(service_, {.timeout = 10s, .initialize_timeout = 3s, .reopen = reopen_});
      ++opened_;
      return {};
    } catch (const McpError& error) {
      return error.error();
    }
  }

  /// One call, with its outcome; the error of the opening where there is no session.
  Result<CallToolResult> call(const std::string& tool = "work", const CallOptions& options = {}) {
    if (auto open = ensure_open(); !open) return open.error();
    const Outcome<CallToolResult> outcome;
    ledger_.make(session_, tool, options, outcome.callback());
    return outcome.wait(options.timeout.value_or(10s) + patience);
  }

  /// Calls until one is answered; false at the deadline. An instance that was silent is left alone
  /// for a minute, also where it is the only one.
  bool call_until_answered(std::chrono::milliseconds within = 90s) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    do {
      if (call("work", {.timeout = 5s})) return true;
    } while (std::chrono::steady_clock::now() < deadline);
    return false;
  }

  const ClientSession& session() const { return session_; }
  /// How often a session was opened.
  std::size_t opened() const { return opened_; }

 private:
  McpClient* client_;
  std::string service_;
  CallLedger ledger_;
  Reopen reopen_;
  ClientSession session_;
  std::size_t opened_ = 0;
};

}  // namespace mcp_mqtt::test
