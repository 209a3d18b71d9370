#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "action_queue.hpp"
#include "engine/client_engine.hpp"
#include "engine/server_engine.hpp"
#include "toy_broker.hpp"

// Engines that talk to each other over a toy broker, on virtual time and in one thread. The peers
// do what the runtime does: carry out actions in order, report outcomes, connect again.
namespace mcp_mqtt::engine::test {

class Peer {
 public:
  virtual ~Peer() = default;
  virtual Deadline next_deadline() const = 0;
  virtual void on_time() = 0;
};

class World {
 public:
  explicit World(std::uint64_t seed = 1, Chaos chaos = {})
      : schedule(seed), broker(schedule, chaos), chaos_(chaos) {}

  Schedule schedule;
  ToyBroker broker;
  std::vector<Peer*> peers;

  /// One event or timer. False: nothing is left to happen.
  bool step() {
    Peer* due = nullptr;
    Deadline at;
    for (Peer* peer : peers) {
      const Deadline deadline = peer->next_deadline();
      if (deadline && (!at || *deadline < *at)) {
        at = deadline;
        due = peer;
      }
    }
    if (due != nullptr && (schedule.empty() || *at <= schedule.next())) {
      schedule.now = std::max(schedule.now, *at);
      due->on_time();
      return true;
    }
    if (schedule.empty()) return false;
    schedule.run_next();
    return true;
  }

  /// Lets `span` pass. A world that is not done after very many steps turns in circles.
  void run_for(Duration span) {
    bool over = false;
    schedule.in(span, [&] { over = true; });
    for (int steps = 0; !over; ++steps) {
      if (steps > 200'000) {
        ADD_FAILURE() << "the engines never come to rest";
        return;
      }
      step();
    }
  }

  /// No instance sees two initializations under one client id (T30).
  void check_initialize(const mqtt::Message& message, const BrokerLink& link) {
    if (!std::holds_alternative<wire::ControlTopic>(wire::parse_topic(message.topic))) return;
    EXPECT_TRUE(initialized_.emplace(link.client_id, message.topic).second)
        << link.client_id << " initializes again on " << message.topic;
  }

  bool connect_fails() { return schedule.chance(chaos_.failed_connects); }
  Duration reconnect_delay() { return schedule.up_to(std::chrono::seconds(2)); }

 private:
  Chaos chaos_;
  std::set<std::pair<std::string, std::string>> initialized_;  // client id, control topic
};

/// Every publish of an engine says who sent it (T4).
inline void check_sender(const mqtt::Message& message, const BrokerLink& link) {
  EXPECT_EQ(property(message.user_properties, "MCP-MQTT-CLIENT-ID"), link.client_id);
  EXPECT_NE(property(message.user_properties, "MCP-COMPONENT-TYPE"), "");
}

/// An engine must not use a connection that it knows to be gone.
template <class Action>
bool connected(const LinkPtr& link, const Action& action) {
  EXPECT_TRUE(link) << Describe()(action) << " without a connection";
  return link != nullptr;
}

class ServerPeer : public Peer {
 public:
  using OnEvent = std::function<void(const ServerAction&)>;

  ServerPeer(World& world, ServerConfig config, OnEvent on_event)
      : engine(config),
        world_(world),
        client_id_(config.instance.server_id),
        on_event_(std::move(on_event)) {
    world_.peers.push_back(this);
    connect();
  }
  ~ServerPeer() override {
    std::erase(world_.peers, this);
    *alive_ = false;
  }

  ServerEngine engine;

  void finish(CallNumber call, const Result<CallToolResult>& outcome) {
    engine.finish(call, tool_answer(outcome, latest_revision), world_.schedule.now);
    carry_out();
  }
  void report_progress(CallNumber call, Progress progress) {
    engine.report_progress(call, progress);
    carry_out();
  }
  /// A request to a client, for the handler that runs as `origin`.
  void ask(SessionNumber session, CallToken call, const std::string& method, Duration timeout,
           CallNumber origin) {
    engine.ask(session, call, method, Json::object(), {timeout, false, std::nullopt}, false, origin,
               world_.schedule.now);
    carry_out();
  }
  void cancel_ask(SessionNumber session, CallToken call) {
    engine.cancel_ask(session, call, "no longer needed", world_.schedule.now);
    carry_out();
  }
  void leave() {
    engine.leave();
    carry_out();
  }
  bool left() const { return left_; }
  const LinkPtr& link() const { return link_; }
  /// Runs `what` later, unless this peer is gone by then.
  void later(Duration delay, std::function<void()> what) {
    world_.schedule.in(delay, [alive = alive_, what = std::move(what)] {
      if (*alive) what();
    });
  }

  Deadline next_deadline() const override { return engine.next_deadline(); }
  void on_time() override {
    engine.on_time(world_.schedule.now);
    carry_out();
  }

  mqtt::UserProperties connack;  ///< What the broker says to this server.

 private:
  void connect() {
    later(world_.reconnect_delay(), [this] {
      if (left_) return;
      if (world_.connect_fails()) return connect();
      link_ = std::make_shared<BrokerLink>();
      link_->client_id = client_id_;
      link_->will = engine.will();
      link_->on_message = [this](const mqtt::Message& message) {
        engine.on_message(message, world_.schedule.now);
        carry_out();
      };
      link_->on_lost = [this] {
        link_.reset();
        engine.on_connection_lost({ErrorKind::connection_lost, 0, "lost", nullptr});
        carry_out();
        connect();
      };
      world_.broker.attach(link_);
      mqtt::ConnectionInfo info;
      info.user_properties = connack;
      engine.on_connected(info, world_.schedule.now);
      carry_out();
    });
  }

  void carry_out() {
    for (ServerAction& action : engine.take_actions()) {
      if (auto* subscribe = std::get_if<Subscribe>(&action)) {
        if (!connected(link_, *subscribe)) continue;
        world_.broker.subscribe(link_, subscribe->subscription,
                                guard([this, t = subscribe->ticket](Result<void> outcome) {
                                  engine.on_subscribed(t, outcome, world_.schedule.now);
                                }));
      } else if (auto* unsubscribe = std::get_if<Unsubscribe>(&action)) {
        if (connected(link_, *unsubscribe)) world_.broker.unsubscribe(link_, unsubscribe->filter);
      } else if (auto* publish = std::get_if<Publish>(&action)) {
        if (!connected(link_, *publish)) continue;
        check_sender(publish->message, *link_);
        world_.broker.publish(link_, publish->message,
                              guard([this, t = publish->ticket](Result<void> outcome) {
                                engine.on_published(t, outcome, world_.schedule.now);
                              }));
      } else if (std::holds_alternative<ReconnectWithWill>(action)) {
        world_.broker.close(link_);
        link_.reset();
        connect();
      } else if (std::holds_alternative<ServerLeft>(action)) {
        EXPECT_FALSE(std::exchange(left_, true)) << "a server left twice";
        if (link_) world_.broker.close(link_);
        link_.reset();
      } else {
        on_event_(action);
      }
    }
  }
  mqtt::Completion guard(std::function<void(Result<void>)> done) {
    return [this, alive = alive_, done = std::move(done)](Result<void> outcome) {
      if (!*alive) return;
      done(std::move(outcome));
      carry_out();
    };
  }

  World& world_;
  std::string client_id_;
  OnEvent on_event_;
  LinkPtr link_;
  bool left_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class ClientPeer : public Peer {
 public:
  using OnEvent = std::function<void(const ClientAction&)>;

  ClientPeer(World& world, ClientConfig config, std::string client_id, OnEvent on_event)
      : engine(std::move(config), std::move(client_id), world.schedule.random()),
        world_(world),
        on_event_(std::move(on_event)) {
    world_.peers.push_back(this);
    connect(0);
  }
  ~ClientPeer() override {
    std::erase(world_.peers, this);
    *alive_ = false;
  }

  ClientEngine engine;

  /// Calls the engine and carries out what it asks for.
  template <class Call>
  void run(Call call) {
    call(engine, world_.schedule.now);
    carry_out();
  }
  bool left() const { return left_; }
  const std::map<ConnectionNumber, LinkPtr>& links() const { return links_; }
  /// Runs `what` later, unless this peer is gone by then.
  void later(Duration delay, std::function<void()> what) {
    world_.schedule.in(delay, [alive = alive_, what = std::move(what)] {
      if (*alive) what();
    });
  }

  Deadline next_deadline() const override { return engine.next_deadline(); }
  void on_time() override {
    engine.on_time(world_.schedule.now);
    carry_out();
  }

  mqtt::UserProperties connack;  ///< What the broker says to this client.

 private:
  void connect(ConnectionNumber connection) {
    links_[connection] = nullptr;  // under way
    world_.schedule.in(world_.reconnect_delay(), [this, connection, alive = alive_] {
      if (!*alive || left_ || !links_.contains(connection)) return;
      if (world_.connect_fails()) {
        if (connection == 0) return connect(0);
        links_.erase(connection);
        engine.on_connect_failed(connection, {ErrorKind::timeout, 0, "no CONNACK", nullptr},
                                 world_.schedule.now);
        carry_out();
        return;
      }
      attach(connection);
    });
  }
  void attach(ConnectionNumber connection) {
    auto link = std::make_shared<BrokerLink>();
    link->client_id = engine.client_id(connection);
    link->will = engine.will(connection);
    link->on_message = [this, connection](const mqtt::Message& message) {
      engine.on_message(connection, message, world_.schedule.now);
      carry_out();
    };
    link->on_lost = [this, connection] {
      links_.erase(connection);
      engine.on_connection_lost(connection, {ErrorKind::connection_lost, 0, "lost", nullptr},
                                world_.schedule.now);
      carry_out();
      if (connection == 0 && !left_) connect(0);
    };
    links_[connection] = link;
    world_.broker.attach(link);
    mqtt::ConnectionInfo info;
    info.user_properties = connack;
    engine.on_connected(connection, info, world_.schedule.now);
    carry_out();
  }
  LinkPtr link_of(ConnectionNumber connection) const {
    const auto found = links_.find(connection);
    return found == links_.end() ? nullptr : found->second;
  }

  void carry_out() {
    for (ClientAction& action : engine.take_actions()) {
      if (auto* subscribe = std::get_if<Subscribe>(&action)) {
        const LinkPtr link = link_of(subscribe->connection);
        if (!connected(link, *subscribe)) continue;
        world_.broker.subscribe(link, subscribe->subscription,
                                guard([this, t = subscribe->ticket](Result<void> outcome) {
                                  engine.on_subscribed(t, outcome, world_.schedule.now);
                                }));
      } else if (auto* unsubscribe = std::get_if<Unsubscribe>(&action)) {
        const LinkPtr link = link_of(unsubscribe->connection);
        if (connected(link, *unsubscribe)) world_.broker.unsubscribe(link, unsubscribe->filter);
      } else if (auto* publish = std::get_if<Publish>(&action)) {
        const LinkPtr link = link_of(publish->connection);
        if (!connected(link, *publish)) continue;
        check_sender(publish->message, *link);
        world_.check_initialize(publish->message, *link);
        world_.broker.publish(link, publish->message,
                              guard([this, t = publish->ticket](Result<void> outcome) {
                                engine.on_published(t, outcome, world_.schedule.now);
                              }));
      } else if (auto* open = std::get_if<OpenConnection>(&action)) {
        connect(open->connection);
      } else if (auto* close = std::get_if<CloseConnection>(&action)) {
        if (const LinkPtr link = link_of(close->connection)) world_.broker.close(link);
        links_.erase(close->connection);
      } else if (std::holds_alternative<ClientLeft>(action)) {
        EXPECT_FALSE(std::exchange(left_, true)) << "a client left twice";
        for (const auto& [number, link] : std::exchange(links_, {})) {
          if (link) world_.broker.close(link);
        }
      } else {
        on_event_(action);
      }
    }
  }
  mqtt::Completion guard(std::function<void(Result<void>)> done) {
    return [this, alive = alive_, done = std::move(done)](Result<void> outcome) {
      if (!*alive) return;
      done(std::move(outcome));
      carry_out();
    };
  }

  World& world_;
  OnEvent on_event_;
  std::map<ConnectionNumber, LinkPtr> links_;
  bool left_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace mcp_mqtt::engine::test
