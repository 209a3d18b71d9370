#include <fmt/format.h>
#include <utility>

#include "mqtt/loopback/exchange.hpp"
#include "mqtt/publish_check.hpp"

// The client's side: what a transport asks for, and how it hears what came of it.
namespace mcp_mqtt::mqtt::loopback {
namespace {

/// Publishes of one client that may wait for their acknowledgement.
constexpr std::size_t call_limit = 10'000;

Error not_connected() {
  return Error{ErrorKind::not_connected, 0, "there is no connection to the loopback broker",
               nullptr};
}

/// No URL leads here, so a test need not invent one; the policies see what it gave.
ConnectOptions with_some_host(ConnectOptions options) {
  if (options.broker.host.empty()) options.broker.host = "loopback";
  return options;
}

ConnectCompletion plain(Completion done) {
  return [done = std::move(done)](Result<ConnectionInfo> outcome) {
    if (done) done(outcome ? Result<void>() : Result<void>(std::move(outcome).error()));
  };
}

}  // namespace

void Exchange::connect(const EndpointPtr& endpoint, ConnectOptions options, ConnectionEvents events,
                       ConnectCompletion done) {
  const Result<void> checked = check_connect(with_some_host(options));

  const Lock lock(mutex_);
  if (!checked) return reject(endpoint, std::move(done), checked.error());
  if (endpoint->link) {
    return reject(endpoint, std::move(done),
                  Error{ErrorKind::invalid_argument, 0,
                        "connect() was called while a connection is open or being opened"});
  }
  if (closed_) return reject(endpoint, std::move(done), not_connected());
  const auto link = std::make_shared<Link>();
  link->endpoint = endpoint;
  link->options = std::move(options);
  link->events = std::make_shared<const ConnectionEvents>(std::move(events));
  endpoint->link = link;
  const std::uint64_t call = add_call(endpoint, link, std::move(done), Call::Kind::connect);
  post(link, [link, call](Exchange& self) { self.accept(link, call); });
}

void Exchange::disconnect(const EndpointPtr& endpoint, Completion done) {
  const Lock lock(mutex_);
  const LinkPtr link = endpoint->link;
  if (!link || link->phase == Link::Phase::ended) {
    return reject(endpoint, plain(std::move(done)), ConnectionInfo{});
  }
  link->closing = true;
  const std::uint64_t call =
      add_call(endpoint, link, plain(std::move(done)), Call::Kind::disconnect);
  if (link->held) {
    // Nothing can be sent, and the caller shall not wait: the broker sees the connection break.
    return end_link(link, Error{ErrorKind::connection_lost, 0,
                                "the connection was closed while it was held", nullptr});
  }
  post(link, [link, call](Exchange& self) { self.handle_disconnect(link, call); });
}

void Exchange::subscribe(const EndpointPtr& endpoint, Subscription subscription, Completion done) {
  const Lock lock(mutex_);
  const LinkPtr link = open_link(endpoint);
  const Result<void> checked =
      check_subscribe(subscription.filter, link ? link->info : ConnectionInfo{});
  if (!checked) return reject(endpoint, plain(std::move(done)), checked.error());
  if (!link) return reject(endpoint, plain(std::move(done)), not_connected());
  const std::uint64_t call = add_call(endpoint, link, plain(std::move(done)));
  post(link, [link, call, subscription = std::move(subscription)](Exchange& self) {
    self.handle_subscribe(link, call, subscription);
  });
}

void Exchange::unsubscribe(const EndpointPtr& endpoint, std::string filter, Completion done) {
  const Lock lock(mutex_);
  const LinkPtr link = open_link(endpoint);
  const Result<void> checked = check_subscribe(filter, link ? link->info : ConnectionInfo{});
  if (!checked) return reject(endpoint, plain(std::move(done)), checked.error());
  if (!link) return reject(endpoint, plain(std::move(done)), not_connected());
  const std::uint64_t call = add_call(endpoint, link, plain(std::move(done)));
  post(link, [link, call, filter = std::move(filter)](Exchange& self) {
    self.handle_unsubscribe(link, call, filter);
  });
}

void Exchange::publish(const EndpointPtr& endpoint, Message message, Completion done) {
  const Lock lock(mutex_);
  const LinkPtr link = open_link(endpoint);
  const Result<void> checked = check_publish(message, link ? link->info : ConnectionInfo{});
  if (!checked) return reject(endpoint, plain(std::move(done)), checked.error());
  if (!link) return reject(endpoint, plain(std::move(done)), not_connected());
  if (endpoint->calls.size() >= call_limit) {
    return reject(
        endpoint, plain(std::move(done)),
        Error{ErrorKind::busy, 0,
              fmt::format("{} calls wait for the loopback broker already", call_limit), nullptr});
  }
  const std::uint64_t call = add_call(endpoint, link, plain(std::move(done)));
  post(link, [link, call, message = std::move(message)](Exchange& self) {
    self.handle_publish(link, call, message);
  });
}

void Exchange::abandon(const EndpointPtr& endpoint) {
  std::map<std::uint64_t, Call> dropped_calls;
  std::shared_ptr<const ConnectionEvents> dropped_events;
  Lock lock(mutex_);
  endpoint->destroyed = true;
  dropped_calls.swap(endpoint->calls);
  if (const LinkPtr link = std::exchange(endpoint->link, nullptr)) {
    dropped_events = std::move(link->events);
    if (link->phase != Link::Phase::ended) {
      detach(link);
      link->steps.clear();
      post_will(link);
    }
  }
  endpoint->idle.wait(
      lock, [&] { return !endpoint->busy || endpoint->caller == std::this_thread::get_id(); });
  lock.unlock();
}

void Exchange::complete(const EndpointPtr& endpoint, std::uint64_t id, const Outcome& outcome) {
  Lock lock(mutex_);
  auto found = endpoint->calls.extract(id);
  if (!found) return;
  Call& call = found.mapped();
  const bool opened = call.kind == Call::Kind::connect && outcome;
  if (opened) call.link->acknowledged = true;
  const bool over =
      call.kind == Call::Kind::disconnect || (call.kind == Call::Kind::connect && !opened);
  if (over && endpoint->link == call.link) endpoint->link = nullptr;
  if (!call.done) return;
  call_out(lock, endpoint, [done = std::move(call.done), outcome] { done(outcome); });
}

void Exchange::report_lost(const LinkPtr& link, const Error& error) {
  Lock lock(mutex_);
  const std::shared_ptr<const ConnectionEvents> events = std::move(link->events);
  if (link->endpoint->link == link) link->endpoint->link = nullptr;
  if (!events || !events->on_connection_lost) return;
  call_out(lock, link->endpoint,
           [events = std::move(events), error] { events->on_connection_lost(error); });
}

void Exchange::deliver(const LinkPtr& link, Message message) {
  Lock lock(mutex_);
  if (link->phase == Link::Phase::ended) return;
  --link->backlog;
  if (!ask(lock, &Policies::deliver, true, link->client_id, message)) return;
  if (link->phase == Link::Phase::ended || !link->events || !link->events->on_message) return;
  call_out(lock, link->endpoint,
           [events = link->events, &message] { events->on_message(std::move(message)); });
}

void Exchange::call_out(Lock& lock, const EndpointPtr& endpoint, std::function<void()> code) {
  endpoint->busy = true;
  endpoint->caller = std::this_thread::get_id();
  lock.unlock();
  code();
  code = nullptr;
  lock.lock();
  endpoint->busy = false;
  endpoint->idle.notify_all();
}

void Exchange::post(std::function<void(Exchange&)> step) {
  // Weak, since the exchange owns the queue; a step that nobody polls must not keep it alive.
  steps_.post([weak = weak_from_this(), step = std::move(step)] {
    if (const auto self = weak.lock()) step(*self);
  });
}

void Exchange::post(const LinkPtr& link, std::function<void(Exchange&)> step) {
  if (link->endpoint->destroyed) return;
  link->steps.push_back(std::move(step));
  post([link](Exchange& self) { self.run_next(link); });
}

void Exchange::run_next(const LinkPtr& link) {
  std::function<void(Exchange&)> step;
  {
    const Lock lock(mutex_);
    if (link->held) {
      ++link->owed;
      return;
    }
    if (link->steps.empty()) return;
    step = std::move(link->steps.front());
    link->steps.pop_front();
  }
  step(*this);
}

std::uint64_t Exchange::add_call(const EndpointPtr& endpoint, LinkPtr link, ConnectCompletion done,
                                 Call::Kind kind) {
  const std::uint64_t id = endpoint->next_call++;
  endpoint->calls.emplace(id, Call{std::move(done), kind, std::move(link), false});
  return id;
}

void Exchange::reject(const EndpointPtr& endpoint, ConnectCompletion done, Outcome outcome) {
  decide(endpoint, add_call(endpoint, nullptr, std::move(done)), std::move(outcome));
}

void Exchange::decide(const EndpointPtr& endpoint, std::uint64_t id, Outcome outcome) {
  const auto call = endpoint->calls.find(id);
  if (call == endpoint->calls.end()) return;
  call->second.decided = true;
  post([endpoint, id, outcome = std::move(outcome)](Exchange& self) {
    self.complete(endpoint, id, outcome);
  });
}

void Exchange::answer(const LinkPtr& link, std::uint64_t id, Outcome outcome) {
  post(link, [link, id, outcome = std::move(outcome)](Exchange& self) {
    {
      const Lock lock(self.mutex_);
      const auto call = link->endpoint->calls.find(id);
      if (call == link->endpoint->calls.end() || call->second.decided) return;
    }
    self.complete(link->endpoint, id, outcome);
  });
}

Exchange::LinkPtr Exchange::open_link(const EndpointPtr& endpoint) {
  const LinkPtr& link = endpoint->link;
  const bool open =
      link && link->phase == Link::Phase::open && link->acknowledged && !link->closing;
  return open ? link : nullptr;
}

}  // namespace mcp_mqtt::mqtt::loopback
