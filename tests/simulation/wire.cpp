#include "wire.hpp"

#include <utility>

#include "network.hpp"

namespace mcp_mqtt::simulation {
namespace {

Error error_of(ErrorKind kind, std::string message) {
  return {kind, 0, std::move(message), nullptr};
}

void complete(const LinkPtr& link, std::uint64_t id, const Result<void>& outcome) {
  auto call = link->pending.extract(id);
  if (!call.empty() && call.mapped()) call.mapped()(outcome);
}

void fail_pending(const LinkPtr& link, const Error& error) {
  while (!link->pending.empty()) complete(link, link->pending.begin()->first, error);
}

}  // namespace

void report_end(const LinkPtr& link, const Error& error) {
  if (std::exchange(link->over, true)) return;
  link->severed = true;
  if (auto connecting = std::exchange(link->connecting, nullptr)) {
    connecting(error_of(ErrorKind::not_connected, error.message));
    return;
  }
  const Error lost{ErrorKind::connection_lost, error.code, error.message, nullptr};
  fail_pending(link, lost);
  if (auto disconnecting = std::exchange(link->disconnecting, nullptr)) {
    disconnecting({});
  } else if (link->open && link->events.on_connection_lost) {
    link->events.on_connection_lost(error);
  }
}

Wire::~Wire() {
  *alive_ = false;
  if (!link_ || link_->over) return;
  link_->over = true;
  network_.sever(link_, death_notice_.value_or(network_.delay()), std::nullopt, {});
}

void Wire::connect(mqtt::ConnectOptions options, mqtt::ConnectionEvents events,
                   mqtt::ConnectCompletion done) {
  const auto link = std::make_shared<Link>();
  link_ = link;
  link->client_id = options.client_id;
  link->events = std::move(events);
  link->connecting = std::move(done);
  link->up_free = link->down_free = network_.clock().now();
  network_.clock().in(options.connect_timeout, [this, link, alive = alive_] {
    if (!*alive || link->over || !link->connecting) return;
    link->over = true;
    network_.sever(link, network_.delay(), std::nullopt, {});
    std::exchange(link->connecting, nullptr)(error_of(ErrorKind::timeout, "no CONNACK"));
  });
  network_.up(link, [&network = network_, link, options = std::move(options)] {
    network.accept(link, options);
  });
}

void Wire::disconnect(mqtt::Completion done) {
  if (!open()) {
    if (link_ && !link_->over) {
      link_->over = true;
      network_.sever(link_, network_.delay(), std::nullopt, {});
    }
    network_.clock().in({}, [alive = alive_, done = std::move(done)] {
      if (*alive) done({});
    });
    return;
  }
  link_->disconnecting = std::move(done);
  const auto finish = [link = link_] {
    if (std::exchange(link->over, true)) return;
    fail_pending(link, error_of(ErrorKind::connection_lost, "disconnect() was called"));
    std::exchange(link->disconnecting, nullptr)({});
  };
  network_.up(link_, [&network = network_, link = link_, finish] {
    link->inner->disconnect([&network, link, finish](Result<void>) {
      network.down(link, [link, finish] {
        link->severed = true;
        finish();
      });
    });
  });
  // As the transports: two seconds, then the socket is closed anyway.
  network_.clock().in(seconds(2), [this, alive = alive_, link = link_, finish] {
    if (!*alive || link->over) return;
    network_.sever(link, network_.delay(), std::nullopt, {});
    finish();
  });
}

template <class Send>
void Wire::send(mqtt::Completion done, Send send) {
  if (!open()) {
    network_.clock().in({}, [alive = alive_, done = std::move(done)] {
      if (*alive && done) done(error_of(ErrorKind::not_connected, "there is no connection"));
    });
    return;
  }
  const std::uint64_t id = ++link_->last_pending;
  link_->pending.emplace(id, std::move(done));
  network_.up(link_, [&network = network_, link = link_, id, send = std::move(send)] {
    // Weak: the completion lies in what the link owns.
    send(*link, [&network, weak = std::weak_ptr(link), id](Result<void> outcome) {
      if (const auto known = weak.lock()) {
        network.down(known, [known, id, outcome] { complete(known, id, outcome); });
      }
    });
  });
}

void Wire::subscribe(mqtt::Subscription subscription, mqtt::Completion done) {
  send(std::move(done),
       [subscription = std::move(subscription)](Link& link, mqtt::Completion acknowledge) {
         link.subscriptions.insert(subscription.filter);
         link.inner->subscribe(subscription, std::move(acknowledge));
       });
}

void Wire::unsubscribe(std::string filter, mqtt::Completion done) {
  send(std::move(done), [filter = std::move(filter)](Link& link, mqtt::Completion acknowledge) {
    link.subscriptions.erase(filter);
    link.inner->unsubscribe(filter, std::move(acknowledge));
  });
}

void Wire::publish(mqtt::Message message, mqtt::Completion done) {
  send(std::move(done), [message = std::move(message)](Link& link, mqtt::Completion acknowledge) {
    link.inner->publish(message, std::move(acknowledge));
  });
}

}  // namespace mcp_mqtt::simulation
