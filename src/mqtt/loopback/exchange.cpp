#include "mqtt/loopback/exchange.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "mqtt/topic_filter.hpp"

// The broker's side: what happens when a packet of a client arrives.
namespace mcp_mqtt::mqtt::loopback {
namespace {

constexpr int not_authorized = 0x87;
constexpr int session_taken_over = 0x8E;
constexpr int quota_exceeded = 0x97;
constexpr int shared_subscriptions_not_supported = 0x9E;

/// Messages that may wait for one client. Beyond it the broker drops the client, where a real one
/// drops messages: in a test silence helps nobody.
constexpr std::size_t backlog_limit = 100'000;

Error refusal(const Error& reason) {
  return Error{ErrorKind::refused, reason.code != 0 ? reason.code : not_authorized, reason.message,
               nullptr};
}

}  // namespace

void Exchange::accept(const LinkPtr& link, std::uint64_t call) {
  Lock lock(mutex_);
  if (link->phase != Link::Phase::connecting) return;
  Outcome verdict = ask(lock, &Policies::connect, Outcome(ConnectionInfo{}), link->options);
  if (link->phase != Link::Phase::connecting) return;
  if (closed_ || !verdict) {
    detach(link);
    decide(link->endpoint, call,
           closed_ ? Outcome(Error{ErrorKind::not_connected, 0, "the loopback broker is gone"})
                   : Outcome(refusal(verdict.error())));
    return;
  }

  link->info = std::move(verdict).value();
  link->client_id = link->options.client_id;
  if (!link->info.assigned_client_id.empty()) {
    link->client_id = link->info.assigned_client_id;
  } else if (link->client_id.empty()) {
    link->client_id = link->info.assigned_client_id =
        fmt::format("loopback-{}", next_client_number_++);
  }
  if (const LinkPtr previous = find(link->client_id)) {
    end_link(previous, Error{ErrorKind::refused, session_taken_over,
                             "another connection took over the client id " + link->client_id});
  }
  link->phase = Link::Phase::open;
  sessions_[link->client_id] = link;
  answer(link, call, link->info);
}

void Exchange::handle_disconnect(const LinkPtr& link, std::uint64_t call) {
  const Lock lock(mutex_);
  if (link->phase != Link::Phase::ended) detach(link);
  answer(link, call, ConnectionInfo{});
}

void Exchange::handle_subscribe(const LinkPtr& link, std::uint64_t call,
                                const Subscription& subscription) {
  Lock lock(mutex_);
  if (link->phase == Link::Phase::ended) return;
  const Result<void> verdict =
      ask(lock, &Policies::subscribe, Result<void>(), link->client_id, subscription);
  if (link->phase == Link::Phase::ended) return;
  if (!verdict) return answer(link, call, refusal(verdict.error()));
  if (subscription.filter.starts_with("$share/")) {
    return answer(link, call,
                  Error{ErrorKind::refused, shared_subscriptions_not_supported,
                        "the loopback broker has no shared subscriptions"});
  }

  subscriptions_.add(link, subscription);
  answer(link, call, ConnectionInfo{});
  if (!has_wildcard(subscription.filter)) {
    const auto kept = retained_.find(subscription.filter);
    if (kept != retained_.end()) send(link, kept->second, subscription.qos, true);
    return;
  }
  for (const auto& [topic, message] : retained_) {
    if (filter_matches(subscription.filter, topic)) send(link, message, subscription.qos, true);
    if (link->phase == Link::Phase::ended) return;
  }
}

void Exchange::handle_unsubscribe(const LinkPtr& link, std::uint64_t call,
                                  const std::string& filter) {
  const Lock lock(mutex_);
  if (link->phase == Link::Phase::ended) return;
  subscriptions_.remove(*link, filter);
  answer(link, call, ConnectionInfo{});
}

void Exchange::handle_publish(const LinkPtr& link, std::uint64_t call, const Message& message) {
  Lock lock(mutex_);
  if (link->phase == Link::Phase::ended) return;
  const Result<void> verdict =
      ask(lock, &Policies::publish, Result<void>(), link->client_id, message);
  if (link->phase == Link::Phase::ended) return;
  if (verdict) {
    route(link->client_id, message);
    return answer(link, call, ConnectionInfo{});
  }
  // At QoS 0 there is no packet that could tell the client.
  answer(link, call,
         message.qos == Qos::at_most_once ? Outcome(ConnectionInfo{})
                                          : Outcome(refusal(verdict.error())));
}

void Exchange::publish_will(const std::string& client_id, const Message& will) {
  Lock lock(mutex_);
  if (closed_) return;
  if (ask(lock, &Policies::publish, Result<void>(), client_id, will)) route(client_id, will);
}

void Exchange::route(const std::string& publisher, const Message& message) {
  if (message.retain) {
    if (message.payload.empty()) {
      retained_.erase(message.topic);
    } else {
      retained_[message.topic] = message;
    }
  }
  for (const auto& [link, subscription] : subscriptions_.matching(message.topic)) {
    if (subscription.no_local && link->client_id == publisher) continue;
    send(link, message, subscription.qos, false);
  }
}

void Exchange::send(const LinkPtr& link, const Message& message, Qos granted, bool retain) {
  if (link->phase == Link::Phase::ended) return;
  if (link->backlog >= backlog_limit) {
    return end_link(link, Error{ErrorKind::refused, quota_exceeded,
                                fmt::format("more than {} messages wait for the client {}",
                                            backlog_limit, link->client_id)});
  }
  ++link->backlog;
  Message copy = message;
  copy.qos = std::min(message.qos, granted);
  copy.retain = retain;
  post(link, [link, copy = std::move(copy)](Exchange& self) mutable {
    self.deliver(link, std::move(copy));
  });
}

void Exchange::end_link(const LinkPtr& link, const Error& error) {
  if (link->phase == Link::Phase::ended) return;
  detach(link);
  link->steps.clear();
  for (auto& [id, call] : link->endpoint->calls) {
    if (call.link != link || call.decided) continue;
    if (call.kind == Call::Kind::disconnect) {
      decide(link->endpoint, id, ConnectionInfo{});
    } else {
      decide(link->endpoint, id,
             Error{ErrorKind::connection_lost, error.code, error.message, nullptr});
    }
  }
  if (link->acknowledged && !link->closing) {
    post([link, error](Exchange& self) { self.report_lost(link, error); });
  }
  post_will(link);
}

void Exchange::detach(const LinkPtr& link) {
  link->phase = Link::Phase::ended;
  subscriptions_.remove_all(*link);
  const auto session = sessions_.find(link->client_id);
  if (session != sessions_.end() && session->second == link) sessions_.erase(session);
}

void Exchange::post_will(const LinkPtr& link) {
  if (!link->options.will || link->client_id.empty()) return;
  post([id = link->client_id, will = std::move(*link->options.will)](Exchange& self) {
    self.publish_will(id, will);
  });
  link->options.will.reset();
}

void Exchange::set_policies(const std::function<void(Policies&)>& change) {
  Policies replaced;
  const Lock lock(mutex_);
  replaced = policies_;
  change(policies_);
}

void Exchange::end(const std::string& client_id, const Error& error) {
  const Lock lock(mutex_);
  if (const LinkPtr link = find(client_id)) end_link(link, error);
}

void Exchange::hold(const std::string& client_id) {
  const Lock lock(mutex_);
  if (const LinkPtr link = find(client_id)) link->held = true;
}

void Exchange::release(const std::string& client_id) {
  const Lock lock(mutex_);
  const LinkPtr link = find(client_id);
  if (!link || !link->held) return;
  link->held = false;
  for (std::size_t owed = std::exchange(link->owed, 0); owed > 0; --owed) {
    post([link](Exchange& self) { self.run_next(link); });
  }
}

void Exchange::close() {
  Policies dropped;
  Lock lock(mutex_);
  closed_ = true;
  std::swap(dropped, policies_);
  const Error error{ErrorKind::connection_lost, 0, "the loopback broker is gone"};
  for (const auto& [id, link] : std::map(sessions_)) end_link(link, error);
  policy_done_.wait(
      lock, [this] { return !policy_running_ || policy_thread_ == std::this_thread::get_id(); });
  lock.unlock();
}

std::optional<Message> Exchange::retained(const std::string& topic) const {
  const Lock lock(mutex_);
  const auto found = retained_.find(topic);
  if (found == retained_.end()) return std::nullopt;
  return found->second;
}

std::size_t Exchange::connections() const {
  const Lock lock(mutex_);
  return sessions_.size();
}

Exchange::LinkPtr Exchange::find(const std::string& client_id) const {
  const auto found = sessions_.find(client_id);
  return found == sessions_.end() ? nullptr : found->second;
}

}  // namespace mcp_mqtt::mqtt::loopback
