#include "fault/call_ledger.hpp"

#include <algorithm>
#include <utility>

namespace mcp_mqtt::test {

CallLedger::Call CallLedger::begin() const {
  const std::lock_guard lock(state_->mutex);
  state_->entries.emplace_back();
  ++state_->open;
  return state_->entries.size() - 1;
}

void CallLedger::ran(Call call) const {
  const std::lock_guard lock(state_->mutex);
  ++state_->entries.at(call).runs;
}

void CallLedger::ended(Call call, const Result<CallToolResult>& outcome) const {
  const std::lock_guard lock(state_->mutex);
  Entry& entry = state_->entries.at(call);
  if (++entry.outcomes == 1) --state_->open;
  if (outcome) {
    ++entry.answers;
  } else {
    ++state_->failed[outcome.error().kind];
  }
  if (state_->open == 0) state_->settled.notify_all();
}

PendingCall CallLedger::make(const ClientSession& session, const std::string& tool,
                             CallOptions options,
                             std::function<void(const Result<CallToolResult>&)> done) const {
  const Call call = begin();
  return session.async_call_tool(
      tool, {{"call", call}}, options,
      [ledger = *this, call, done = std::move(done)](Result<CallToolResult> outcome) {
        ledger.ended(call, outcome);
        if (done) done(outcome);
      });
}

bool CallLedger::wait_until_settled(std::chrono::milliseconds timeout) const {
  std::unique_lock lock(state_->mutex);
  return state_->settled.wait_for(lock, timeout, [this] { return state_->open == 0; });
}

CallLedger::Figures CallLedger::figures() const {
  const std::lock_guard lock(state_->mutex);
  Figures out;
  out.calls = state_->entries.size();
  out.failed = state_->failed;
  for (const Entry& entry : state_->entries) {
    out.answered += entry.answers;
    out.runs += entry.runs;
    out.without_outcome += entry.outcomes == 0 ? 1 : 0;
    out.twice_over += entry.outcomes > 1 ? 1 : 0;
    out.ran_again += entry.runs > 1 ? 1 : 0;
    out.answered_unheard += entry.answers != 0 && entry.runs == 0 ? 1 : 0;
  }
  return out;
}

void CallLedger::expect_sound(bool handlers_report) const {
  const Figures all = figures();
  EXPECT_EQ(all.without_outcome, 0U) << "calls without an outcome";
  EXPECT_EQ(all.twice_over, 0U) << "calls with two outcomes";
  EXPECT_EQ(all.ran_again, 0U) << "calls whose handler ran twice";
  if (!handlers_report) return;
  EXPECT_EQ(all.answered_unheard, 0U) << "answers that no handler gave";
}

std::ostream& operator<<(std::ostream& out, const CallLedger::Figures& figures) {
  std::size_t failed = 0;
  for (const auto& [kind, count] : figures.failed) failed += count;
  out << "calls=" << figures.calls << " answered=" << figures.answered << " failed=" << failed;
  if (failed != 0) {
    const char* separator = " (";
    for (const auto& [kind, count] : figures.failed) {
      out << std::exchange(separator, " ") << to_string(kind) << "=" << count;
    }
    out << ")";
  }
  return out << " lost=" << figures.without_outcome
             << " duplicated=" << figures.twice_over + figures.ran_again;
}

void add_work(McpServer& server, const CallLedger& ledger) {
  server.add_tool("work", "Enters that it ran", {arg("call", "The call's number")},
                  [ledger](std::size_t call) {
                    ledger.ran(call);
                    return "done " + std::to_string(call);
                  });
}

}  // namespace mcp_mqtt::test
