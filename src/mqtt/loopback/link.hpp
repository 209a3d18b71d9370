#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include <mcp_mqtt/mqtt/transport.hpp>

// What the loopback broker knows about its clients. Plain data, all of it under the exchange's
// lock.
namespace mcp_mqtt::mqtt::loopback {

class Exchange;
struct Endpoint;

/// One connection, from connect() to its end.
struct Link {
  enum class Phase {
    connecting,  ///< CONNECT has not been answered yet.
    open,
    ended,  ///< For the broker; the client may not have heard of it yet.
  };

  std::shared_ptr<Endpoint> endpoint;
  ConnectOptions options;
  /// Shared with the callback that runs; null once none may run any more.
  std::shared_ptr<const ConnectionEvents> events;
  std::string client_id;
  ConnectionInfo info;
  Phase phase = Phase::connecting;
  /// The client has seen CONNACK.
  bool acknowledged = false;
  /// The client has called disconnect().
  bool closing = false;
  /// Packets under way in either direction, in their order.
  std::deque<std::function<void(Exchange&)>> steps;
  /// Nothing moves until release() or the end: a half-open connection.
  bool held = false;
  /// Steps whose turn came while it was held.
  std::size_t owed = 0;
  /// Messages on their way to the client.
  std::size_t backlog = 0;
};

/// A call whose completion has not been called yet.
struct Call {
  enum class Kind { connect, disconnect, other };

  std::function<void(Result<ConnectionInfo>)> done;
  Kind kind = Kind::other;
  /// The connection that it belongs to; null where there was none.
  std::shared_ptr<Link> link;
  /// Its outcome is certain and on its way: an answer of the broker no longer counts.
  bool decided = false;
};

/// One transport, over all its connections.
struct Endpoint {
  /// The current connection; null before the first and after the end of each.
  std::shared_ptr<Link> link;
  std::map<std::uint64_t, Call> calls;
  std::uint64_t next_call = 0;
  bool destroyed = false;
  /// One of its callbacks runs, on this thread.
  bool busy = false;
  std::thread::id caller;
  std::condition_variable idle;
};

}  // namespace mcp_mqtt::mqtt::loopback
