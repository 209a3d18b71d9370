#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <mcp_mqtt/mqtt/transport.hpp>

#include "mqtt/loopback/link.hpp"
#include "mqtt/loopback/step_queue.hpp"
#include "mqtt/loopback/subscription_index.hpp"

namespace mcp_mqtt::mqtt::loopback {

/// The decisions that a test takes in the broker's place; each may be empty.
struct Policies {
  std::function<Result<ConnectionInfo>(const ConnectOptions&)> connect;
  std::function<Result<void>(const std::string&, const Subscription&)> subscribe;
  std::function<Result<void>(const std::string&, const Message&)> publish;
  std::function<bool(const std::string&, const Message&)> deliver;
};

/// The broker itself. A call of a transport becomes a step for the broker ("the packet arrives"),
/// which becomes steps for clients ("the answer arrives"); steps run one at a time, in one order.
/// So a connection can be cut between any two of them, as on a network. User code, callbacks and
/// policies alike, runs inside steps and never under the lock.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  explicit Exchange(bool threaded) : steps_(threaded) {}

  // What a transport calls.
  void connect(const std::shared_ptr<Endpoint>& endpoint, ConnectOptions options,
               ConnectionEvents events, ConnectCompletion done);
  void disconnect(const std::shared_ptr<Endpoint>& endpoint, Completion done);
  void subscribe(const std::shared_ptr<Endpoint>& endpoint, Subscription subscription,
                 Completion done);
  void unsubscribe(const std::shared_ptr<Endpoint>& endpoint, std::string filter, Completion done);
  void publish(const std::shared_ptr<Endpoint>& endpoint, Message message, Completion done);
  /// The transport goes away: afterwards none of its callbacks runs, and those left are gone.
  void abandon(const std::shared_ptr<Endpoint>& endpoint);

  // What the owner of the broker calls.
  void set_policies(const std::function<void(Policies&)>& change);
  void end(const std::string& client_id, const Error& error);
  void hold(const std::string& client_id);
  void release(const std::string& client_id);
  /// Cuts every connection and takes no new one. Afterwards no policy runs.
  void close();
  std::size_t poll(std::size_t limit) { return steps_.poll(limit); }
  std::size_t pending() const { return steps_.pending(); }
  std::optional<Message> retained(const std::string& topic) const;
  std::size_t connections() const;

 private:
  using Lock = std::unique_lock<std::mutex>;
  using LinkPtr = std::shared_ptr<Link>;
  using EndpointPtr = std::shared_ptr<Endpoint>;
  using Outcome = Result<ConnectionInfo>;

  // Steps of the broker.
  void accept(const LinkPtr& link, std::uint64_t call);
  void handle_disconnect(const LinkPtr& link, std::uint64_t call);
  void handle_subscribe(const LinkPtr& link, std::uint64_t call, const Subscription& subscription);
  void handle_unsubscribe(const LinkPtr& link, std::uint64_t call, const std::string& filter);
  void handle_publish(const LinkPtr& link, std::uint64_t call, const Message& message);
  void publish_will(const std::string& client_id, const Message& will);

  // Steps of a client.
  void run_next(const LinkPtr& link);
  void complete(const EndpointPtr& endpoint, std::uint64_t call, const Outcome& outcome);
  void report_lost(const LinkPtr& link, const Error& error);
  void deliver(const LinkPtr& link, Message message);

  // All with the lock held.
  void post(std::function<void(Exchange&)> step);
  void post(const LinkPtr& link, std::function<void(Exchange&)> step);
  std::uint64_t add_call(const EndpointPtr& endpoint, LinkPtr link, ConnectCompletion done,
                         Call::Kind kind = Call::Kind::other);
  /// Completes a call that never reached a connection.
  void reject(const EndpointPtr& endpoint, ConnectCompletion done, Outcome outcome);
  void decide(const EndpointPtr& endpoint, std::uint64_t call, Outcome outcome);
  void answer(const LinkPtr& link, std::uint64_t call, Outcome outcome);
  /// The connection that may carry a packet of the client now; null where there is none.
  static LinkPtr open_link(const EndpointPtr& endpoint);
  void end_link(const LinkPtr& link, const Error& error);
  /// Takes the connection out of the broker's books.
  void detach(const LinkPtr& link);
  void post_will(const LinkPtr& link);
  void route(const std::string& publisher, const Message& message);
  void send(const LinkPtr& link, const Message& message, Qos granted, bool retain);
  LinkPtr find(const std::string& client_id) const;

  /// Runs user code without the lock, as the one callback of `endpoint` that runs.
  void call_out(Lock& lock, const EndpointPtr& endpoint, std::function<void()> code);
  /// Asks a policy without the lock; `otherwise` where there is none.
  template <class Policy, class Answer, class... Arguments>
  Answer ask(Lock& lock, Policy Policies::*policy, Answer otherwise, const Arguments&... arguments);

  mutable std::mutex mutex_;
  std::condition_variable policy_done_;
  Policies policies_;
  bool policy_running_ = false;
  std::thread::id policy_thread_;
  bool closed_ = false;
  std::map<std::string, LinkPtr> sessions_;
  std::map<std::string, Message> retained_;
  SubscriptionIndex subscriptions_;
  std::uint64_t next_client_number_ = 1;
  StepQueue steps_;
};

template <class Policy, class Answer, class... Arguments>
Answer Exchange::ask(Lock& lock, Policy Policies::*policy, Answer otherwise,
                     const Arguments&... arguments) {
  Policy decide_by = policies_.*policy;
  if (!decide_by) return otherwise;
  policy_running_ = true;
  policy_thread_ = std::this_thread::get_id();
  lock.unlock();
  Answer verdict = decide_by(arguments...);
  decide_by = nullptr;
  lock.lock();
  policy_running_ = false;
  policy_done_.notify_all();
  return verdict;
}

}  // namespace mcp_mqtt::mqtt::loopback
