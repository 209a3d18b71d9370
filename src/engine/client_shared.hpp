#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <mcp_mqtt/limits.hpp>
#include <mcp_mqtt/selection.hpp>

#include "engine/client_actions.hpp"
#include "engine/clock.hpp"
#include "engine/held_requests.hpp"
#include "engine/subscription_book.hpp"
#include "engine/task_store.hpp"

namespace mcp_mqtt::engine {

struct ClientConfig {
  Implementation implementation;
  ClientCapabilities capabilities;
  /// The host reads by itself what servers ask, and `capabilities.raw` is what it declares.
  bool unread_requests = false;
  /// The host reads by itself what servers tell.
  bool unread_notices = false;
  Json connect_meta = Json::object();
  MessageLimits message_limits;
  mqtt::Qos qos = mqtt::Qos::at_least_once;  // of the RPC topics
  std::size_t max_instances = 100'000;
  std::size_t max_presence_bytes = 64U << 10;
  std::size_t max_presence_bytes_in_all = 64U << 20;
  /// How many messages the broker queues for one client; 0: no discovery counts as cut short.
  std::size_t broker_queue = 1'000;
  /// What CONNECT tells the broker.
  std::size_t receive_maximum = mqtt::ConnectOptions().receive_maximum;
  std::size_t max_requests_per_session = 1'024;
  std::size_t max_requests = 100'000;
  /// Of the requests that wait for their session to open again.
  std::size_t max_held_bytes = std::size_t(64) << 20;
  /// Requests of one server that are being answered at a time.
  std::size_t max_runs_per_session = 64;
  std::size_t max_runs = 1'024;
  /// Of the tasks that a server creates here.
  TaskLimits task_limits;
  /// Of their results, in all.
  std::size_t max_task_result_bytes = 256U << 20;
  /// How long an instance that did not answer `initialize` is left alone: the first time, and at
  /// most.
  Duration avoid_at_first = std::chrono::seconds(5);
  Duration avoid_for = std::chrono::seconds(60);
  /// How long a service is left alone whose instance ended the session but stays online, before
  /// it opens by itself again.
  Duration reopen_after = std::chrono::seconds(1);
  /// How long an opening that found no instance waits for more once one is announced. They come one
  /// after the other, and whoever takes the first meets everybody else there.
  Duration choice_window = std::chrono::milliseconds(5);
  /// How long after a reconnect a session waits for the instance that it had, while others are
  /// there already: those that come back first are not for everybody.
  Duration own_instance_grace = std::chrono::seconds(2);
  /// How long after a reconnect instances may take to be announced again.
  Duration rediscovery_grace = std::chrono::seconds(10);
  bool open_every_service = false;
  SelectionPolicy select;  // for the sessions that open by themselves
  bool fixed_client_id = false;
  Duration initialize_timeout = std::chrono::seconds(30);
  /// For the subscriptions that are renewed in a new session.
  Duration subscribe_timeout = std::chrono::seconds(30);
  /// For the log level that is set again in a new session.
  Duration set_level_timeout = std::chrono::seconds(30);
  /// How long a server may take to answer a health check.
  Duration ping_timeout = std::chrono::seconds(10);
  /// How long an instance that vanished may take to come back to a session that takes no other, and
  /// our own connection to be lost too: a broker that is shut down publishes the wills first.
  Duration vanish_grace = std::chrono::seconds(2);
  /// How long to wait before a session is tried to open again where no instance answered; it
  /// doubles up to the second.
  Duration reopen_pause = std::chrono::seconds(1);
  Duration max_reopen_pause = std::chrono::seconds(30);
};

/// What the sessions of one client share.
struct ClientShared {
  explicit ClientShared(ClientConfig client)
      : config(std::move(client)), task_results(config.max_task_result_bytes) {}

  ClientConfig config;
  std::vector<ClientAction> out;
  SubscriptionBook subscriptions;
  HeldRequests held;
  /// Under way, of all sessions.
  std::size_t requests = 0;
  ByteBudget task_results;
  /// The payload, the topic and the properties.
  std::size_t max_answer_bytes = config.message_limits.max_bytes;
  /// Which session's outcome a ticket brings.
  std::unordered_map<Ticket, SessionNumber> ticket_owner;
  /// Whose request a handler that runs answers.
  std::unordered_map<CallNumber, SessionNumber> run_owner;

  Ticket new_ticket() { return ++last_ticket_; }
  Ticket new_ticket(SessionNumber session) {
    ticket_owner.emplace(++last_ticket_, session);
    return last_ticket_;
  }
  CallNumber new_run() { return ++last_run_; }

  /// The one outcome of a request: to its subscriptions, or to the host.
  void complete(CallToken call, Result<Json> result) {
    if (subscriptions.on_outcome(call, result, out)) return;
    if (call >= first_engine_call) return;  // nobody waits
    out.emplace_back(CompleteCall{call, std::move(result)});
  }

 private:
  Ticket last_ticket_ = 0;
  CallNumber last_run_ = 0;
};

}  // namespace mcp_mqtt::engine
