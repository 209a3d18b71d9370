#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <mcp_mqtt/result.hpp>

#include "engine/call_actions.hpp"
#include "virtual_clock.hpp"

namespace mcp_mqtt::simulation {

using engine::CallToken;
using engine::SessionNumber;

/// One thing that a client's host asked for.
struct Asked {
  enum class What { call, request, open, wait, discover, subscribe };
  What what = What::call;
  std::string who;            ///< The client, one name for each process.
  SessionNumber session = 0;  ///< Of a call, request, subscription.
  Deadline latest;            ///< When it must have its outcome; nullopt: it has no timeout.
  bool idempotent = false;    ///< Its handler may run more than once.
  bool cancelled = false;     ///< The host did not want it any more.
  bool over = false;          ///< It has its outcome.
  bool answered = false;      ///< A result.
  bool certainly_not_run = false;
  int runs = 0;  ///< Of its handler, over all servers.
  /// The first of its session's places in which it may run.
  std::size_t first_place = 0;
};

/// Where a session of a client is open: each time that it opens again it may be elsewhere.
struct Place {
  std::string server_id;
  std::string client_id;
};

/// What was asked and what came of it, over all clients and servers; and the first promise that was
/// broken.
class History {
 public:
  struct Counts {
    std::size_t calls = 0;
    std::size_t answered = 0;
    std::size_t ran = 0;
    std::size_t updates = 0;
    std::size_t reopened = 0;
    std::size_t repeated = 0;  ///< Idempotent calls that ran more than once.
    std::map<ErrorKind, std::size_t> failed;
  };

  /// Names it with a token that nothing else in this simulation has.
  CallToken ask(Asked asked);
  const Asked& at(CallToken token) const { return asked_.at(token - 1); }
  bool knows(CallToken token) const { return token >= 1 && token <= asked_.size(); }

  /// A session opened, for the first time or again.
  void opened(const std::string& who, SessionNumber session, Place place) {
    places_[{who, session}].push_back(std::move(place));
  }
  std::size_t places(const std::string& who, SessionNumber session) const;

  /// The handler of a call began to run, for this session.
  void ran(CallToken token, const Place& place);
  /// Its one outcome; nullopt: success.
  void finish(CallToken token, const std::string& who, const std::optional<Error>& error);
  void cancel(CallToken token) { asked_.at(token - 1).cancelled = true; }
  /// The process that asked is dead.
  void abandon(const std::string& who);
  /// Nothing has waited longer than it may, but for what a busy loop costs.
  void check_time(TimePoint now, Duration lateness);
  std::size_t waiting() const noexcept { return waiting_.size() + without_limit_.size(); }
  std::string oldest() const;

  void broken(std::string what) {
    if (broken_.empty()) broken_ = std::move(what);
  }
  void expect(bool kept, const char* otherwise) {
    if (!kept) broken(otherwise);
  }
  /// The first broken promise; empty: all were kept.
  const std::string& first_broken() const noexcept { return broken_; }

  Counts counts;

 private:
  std::string describe(CallToken token) const;

  std::vector<Asked> asked_;
  std::map<std::pair<std::string, SessionNumber>, std::vector<Place>> places_;
  std::set<std::pair<TimePoint, CallToken>> waiting_;
  std::set<CallToken> without_limit_;
  std::string broken_;
};

}  // namespace mcp_mqtt::simulation
