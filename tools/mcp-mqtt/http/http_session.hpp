#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <mcp_mqtt/protocol/revision.hpp>

#include "mcp-mqtt/http/event_stream.hpp"
#include "mcp-mqtt/relay/host_session.hpp"

namespace mcp_mqtt::command_line {

/// What one session may hold.
struct HttpSessionLimits {
  std::size_t requests = 64;  ///< In flight at a time.
  EventLimits stream = {};
  std::size_t waiting_messages = 1'000;    ///< That no stream is there for.
  std::size_t waiting_bytes = 1U << 20;    ///< Of them.
  std::size_t finished_streams = 16;       ///< Kept for a client that lost its connection.
  std::size_t finished_bytes = 32U << 20;  ///< Of them.
  MessageLimits message = {};
};

/// The host's side of one session over Streamable HTTP: which message goes to which stream. Each
/// POST with requests has a stream of its own; one more, of GET, is for what belongs to none. Any
/// thread.
class HttpSession : public HostLink {
 public:
  explicit HttpSession(const HttpSessionLimits& limits);

  // From the server.
  /// An answer goes to the stream of its request. Anything else goes to that of `related`; without
  /// it to the stream of GET where one reads there, else to that of the newest request that is
  /// being read, else it waits for the next stream. What finds no room is dropped; a request then
  /// stands in take_unheard().
  void send(wire::RpcMessage message, const std::optional<RequestId>& related) override;
  void ended(const Error& reason) override;

  // From the host.
  enum class Refused { id_in_use, too_many };
  /// The stream of a POST with these requests; it is finished with the last of their answers.
  std::variant<std::shared_ptr<EventStream>, Refused> open(const std::vector<RequestId>& requests);
  /// The host gave this request up: no answer comes.
  void give_up(const RequestId& request);
  /// The stream of GET.
  const std::shared_ptr<EventStream>& standalone() const noexcept { return standalone_; }
  /// Somebody reads the stream of GET now: what waited for a stream goes there.
  void standalone_is_read();
  /// The stream that a client wants to read on with; nothing where it is not kept any more.
  std::shared_ptr<EventStream> find(std::uint64_t stream) const;
  /// A stream whose content was answered as a whole: nobody reads on with it.
  void forget(const std::shared_ptr<EventStream>& stream);

  /// As the answer to `initialize` says; nothing before.
  std::optional<Revision> revision() const;
  /// Set where `initialize` was answered with an error.
  std::optional<Error> initialize_error() const;
  /// Set where the session is over; why.
  std::optional<Error> end_reason() const;
  /// Waits for the end; nothing where it does not come.
  std::optional<Error> wait_for_end(std::chrono::milliseconds timeout);
  /// Ends every stream, for good.
  void close();
  bool closed() const;
  /// Whether somebody reads a stream.
  bool being_read() const;
  /// The server's requests that were dropped since this was asked for: somebody is to answer them
  /// in the host's place.
  std::vector<RequestId> take_unheard();

 private:
  struct Waiting {
    std::string text;
    std::optional<RequestId> request;
  };
  using Streams = std::map<std::uint64_t, std::shared_ptr<EventStream>>;

  void answer(const RequestId& id, const wire::RpcMessage& message);
  void learn_from_initialize(const RequestId& id, const wire::RpcMessage& message);
  void tell(const wire::RpcMessage& message, const std::optional<RequestId>& related);
  std::shared_ptr<EventStream> stream_for(const std::optional<RequestId>& related);
  void put(const std::shared_ptr<EventStream>& stream, Waiting message);
  void drop(const Waiting& message);
  void pour_waiting_into(const std::shared_ptr<EventStream>& stream);
  void finish_without(const RequestId& id);
  void forget_finished();
  std::string text_of(const wire::RpcMessage& message) const;

  const HttpSessionLimits limits_;
  mutable std::mutex mutex_;
  const std::shared_ptr<EventStream> standalone_;
  Streams streams_;  ///< Of POSTs: in flight, and finished ones that are kept.
  std::map<RequestId, std::shared_ptr<EventStream>> requests_;  ///< In flight.
  std::uint64_t last_stream_ = 0;
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::vector<RequestId> unheard_;
  bool first_ = true;  ///< No request yet: the first one is `initialize`.
  std::optional<RequestId> initialize_;
  std::optional<Revision> revision_;
  std::optional<Error> initialize_error_;
  std::optional<Error> end_reason_;
  std::condition_variable ended_;
  bool closed_ = false;
};

}  // namespace mcp_mqtt::command_line
