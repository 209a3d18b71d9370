#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "node.hpp"

// A broker restarts, and everybody comes back.
namespace mcp_mqtt::simulation::scale {

struct Population {
  std::size_t servers = 100'000;
  /// Server-names, each with as many instances as the other.
  std::size_t services = 10'000;
  std::size_t clients = 10'000;
  /// Of each client, with as many different services.
  std::size_t sessions = 5;
  /// Clients that discover everything (`#`) and open nothing.
  std::size_t watchers = 1;
};

struct Scenario {
  std::string name;
  Population population;
  Backoff backoff;
  BrokerLimits limits;
  Duration downtime = milliseconds(500);
  /// Whether the broker still has the retained messages when it is back.
  bool keeps_retained = false;
  std::uint64_t seed = 1;
  /// How long everybody may take at most.
  Duration patience = seconds(1'800);
};

/// How many came back when: sorted, since the restart.
using Times = std::vector<Duration>;

struct Outcome {
  Traffic traffic;
  BrokerModel::Account account;
  std::uint64_t connect_attempts = 0;
  std::uint64_t connects_failed = 0;
  Times announced;
  Times reopened;
  std::size_t sessions = 0;  // before the restart
  /// Sessions that are in force at the servers, after.
  std::size_t sessions_at_servers = 0;
  /// Sessions that ended for good instead.
  std::size_t failures = 0;
  std::size_t further_connections = 0;
  /// The most sessions that one server has, before and after.
  std::size_t fullest_before = 0;
  std::size_t fullest_after = 0;
  /// PUBLISHes to the watchers, and the servers that the first of them knows.
  std::uint64_t to_watchers = 0;
  std::size_t watcher_knows = 0;
  std::size_t retained = 0;
  /// What the engines keep, with sessions, in bytes of the heap; 0 where nobody can tell.
  std::size_t bytes_per_server = 0;
  std::size_t bytes_per_client = 0;

  /// From the restart to the last server and the last session.
  Duration whole() const;
};

Outcome play(const Scenario& scenario);

}  // namespace mcp_mqtt::simulation::scale
