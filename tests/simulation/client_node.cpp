#include "client_node.hpp"

#include <utility>

#include "unit/engine/action_queue.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt::simulation {
namespace {

constexpr std::size_t max_client_actions_at_once = 10'000;

}  // namespace

ClientNode::ClientNode(Stage& stage, std::string name, const engine::ClientConfig& config,
                       std::string client_id)
    : stage_(stage),
      name_(std::move(name)),
      fixed_client_id_(config.fixed_client_id),
      engine_(config, std::move(client_id), stage.random.number()),
      later_(stage.clock) {
  stage_.trace(name_, [&] { return "starts as " + this->client_id(); });
  connect(0);
}

// --- What the host does

CallToken ClientNode::ask(Asked::What what, SessionNumber session, Deadline latest,
                          bool idempotent) {
  Asked asked;
  asked.what = what;
  asked.who = name_;
  asked.session = session;
  asked.latest = latest;
  asked.idempotent = idempotent;
  asked.first_place = stage_.history.places(name_, session);
  const auto known = sessions_.find(session);
  if (known != sessions_.end() && !known->second.suspended) --asked.first_place;
  const CallToken token = stage_.history.ask(std::move(asked));
  waiting_.insert(token);
  return token;
}

template <class Use>
void ClientNode::use_engine(Use use) {
  use(stage_.clock.now());
  carry_out();
}

CallToken ClientNode::open(engine::OpenRequest request) {
  filters_.insert(request.server_name_filter);
  const TimePoint now = stage_.clock.now();
  request.call = ask(Asked::What::open, 0, now + request.timeout);
  if (request.health_check) checks_health_.insert(request.call);
  stage_.trace(name_, [&] {
    return fmt::format("opens {} ({})", request.server_name_filter, request.call);
  });
  const CallToken token = request.call;
  engine_.open(std::move(request), now);
  carry_out();
  return token;
}

CallToken ClientNode::call(SessionNumber session, engine::RequestTiming timing,
                           bool wants_progress) {
  const TimePoint now = stage_.clock.now();
  const Duration longest = timing.reset_on_progress ? *timing.total_timeout : timing.timeout;
  const CallToken token = ask(Asked::What::call, session, now + longest, timing.idempotent);
  stage_.trace(name_, [&] { return fmt::format("calls {} in session {}", token, session); });
  Json params{{"name", "echo"},
              {"arguments", {{"call", token}, {"who", name_}, {"session", session}}}};
  engine_.request(session, token, "tools/call", std::move(params), timing, wants_progress, now);
  carry_out();
  return token;
}

CallToken ClientNode::request(SessionNumber session, const std::string& method, Duration timeout) {
  const TimePoint now = stage_.clock.now();
  const CallToken token = ask(Asked::What::request, session, now + timeout);
  stage_.trace(name_, [&] { return fmt::format("requests {} {}", method, token); });
  engine_.request(session, token, method, Json::object(), {timeout, false, std::nullopt}, false,
                  now);
  carry_out();
  return token;
}

void ClientNode::cancel(CallToken token) {
  stage_.trace(name_, [&] { return fmt::format("cancels {}", token); });
  stage_.history.cancel(token);
  const auto subscription = subscriptions_.find(token);
  if (subscription != subscriptions_.end()) subscriptions_.erase(subscription);
  use_engine([&](TimePoint now) { engine_.cancel(token, "no longer needed", now); });
  stage_.history.expect(stage_.history.at(token).over, "what was cancelled goes on");
}

void ClientNode::close(SessionNumber session) {
  stage_.trace(name_, [&] { return fmt::format("closes session {}", session); });
  use_engine([&](TimePoint now) { engine_.close(session, now); });
  stage_.history.expect(!sessions_.contains(session), "a session that was closed is open");
}

void ClientNode::discover(const std::string& filter) {
  filters_.insert(filter);
  const CallToken token = ask(Asked::What::discover, 0, std::nullopt);
  use_engine([&](TimePoint) { engine_.discover(token, filter); });
}

void ClientNode::wait(const std::string& filter, Duration timeout) {
  filters_.insert(filter);
  const CallToken token = ask(Asked::What::wait, 0, stage_.clock.now() + timeout);
  use_engine([&](TimePoint now) { engine_.wait_for_instance(token, filter, timeout, now); });
}

void ClientNode::subscribe(SessionNumber session, Duration timeout) {
  const CallToken token = ask(Asked::What::subscribe, session, stage_.clock.now() + timeout);
  stage_.trace(name_, [&] { return fmt::format("subscribes {} in {}", token, session); });
  subscriptions_[token] = {sessions_.at(session).info.instance.server_name, session, false, {}};
  use_engine([&](TimePoint now) {
    engine_.subscribe(session, token, watched_uri, {timeout, false, std::nullopt}, now);
  });
}

void ClientNode::unsubscribe(engine::SubscriptionNumber subscription) {
  if (!subscriptions_.at(subscription).established) return cancel(subscription);
  stage_.trace(name_, [&] { return fmt::format("unsubscribes {}", subscription); });
  subscriptions_.erase(subscription);
  use_engine([&](TimePoint now) { engine_.unsubscribe(subscription, now); });
}

void ClientNode::stop() {
  if (phase_ != Phase::running) return;
  phase_ = Phase::stopping;
  stage_.trace(name_, [] { return "stops"; });
  later_.in(seconds(5), [this] {
    if (phase_ == Phase::stopping) finish_stop();
  });
  use_engine([&](TimePoint now) { engine_.leave(now); });
  stage_.history.expect(waiting_.empty(), "a call goes on although its client stops");
}

void ClientNode::finish_stop() {
  phase_ = Phase::stopped;
  if (timer_) stage_.clock.cancel(*std::exchange(timer_, std::nullopt));
  for (const auto& [number, connection] : connections_) connection->abandon();
}

void ClientNode::crash(std::optional<Duration> notice) {
  stage_.trace(name_, [] { return "crashes"; });
  for (const auto& [number, connection] : connections_) connection->abandon(notice);
}

bool ClientNode::up() const {
  const auto first = connections_.find(0);
  return first != connections_.end() && first->second->up();
}

// --- Connections

NodeConnection::Events ClientNode::events_of(engine::ConnectionNumber number) {
  NodeConnection::Events events;
  events.options = [this, number] {
    mqtt::ConnectOptions options;
    options.client_id = engine_.client_id(number);
    options.will = engine_.will(number);
    options.user_properties = engine_.connect_properties();
    return options;
  };
  events.connected = [this, number](const mqtt::ConnectionInfo& info) {
    stage_.trace(name_, [&] {
      return fmt::format("connected ({}) as {}", number, engine_.client_id(number));
    });
    use_engine([&](TimePoint now) { engine_.on_connected(number, info, now); });
  };
  events.message = [this, number](const mqtt::Message& message) {
    stage_.trace(name_, [&] { return "< " + message.topic + " " + message.payload; });
    use_engine([&](TimePoint now) { engine_.on_message(number, message, now); });
  };
  events.lost = [this, number](const Error& error) {
    stage_.trace(name_, [&] { return fmt::format("lost ({}): {}", number, error.message); });
    if (number != 0) later_.in({}, [this, number] { drop_connection(number); });
    use_engine([&](TimePoint now) { engine_.on_connection_lost(number, error, now); });
  };
  events.gave_up = [this, number](const Error& error) {
    if (number == 0) {
      gave_up_ = true;
      use_engine([&](TimePoint now) { engine_.on_gave_up(error, now); });
      return;
    }
    drop_connection(number);
    use_engine([&](TimePoint now) { engine_.on_connect_failed(number, error, now); });
  };
  return events;
}

void ClientNode::connect(engine::ConnectionNumber number) {
  const auto connection = std::make_shared<NodeConnection>(stage_, events_of(number));
  stage_.history.expect(connections_.emplace(number, connection).second,
                        "two connections have one number");
  connection->start();
}

void ClientNode::drop_connection(engine::ConnectionNumber number) {
  const auto connection = connections_.extract(number);
  if (!connection.empty()) connection.mapped()->abandon();
}

NodeConnection* ClientNode::usable(engine::ConnectionNumber number, const char* action) {
  const auto connection = connections_.find(number);
  if (connection != connections_.end() && connection->second->up()) return connection->second.get();
  stage_.history.broken(fmt::format("{} wants to {} without connection {}", name_, action, number));
  return nullptr;
}

// --- What the runtime does

void ClientNode::on_time() {
  timer_.reset();
  const TimePoint now = stage_.clock.now();
  engine_.on_time(now);
  const Deadline next = engine_.next_deadline();
  stage_.history.expect(!next || *next > now, "a client turns in circles: its deadline is over");
  carry_out();
}

void ClientNode::carry_out() {
  if (std::exchange(carrying_out_, true)) return;
  std::size_t count = 0;
  for (auto actions = engine_.take_actions(); !actions.empty(); actions = engine_.take_actions()) {
    count += actions.size();
    if (count > max_client_actions_at_once) {
      stage_.history.broken("a client never stops asking for actions");
      break;
    }
    for (auto& action : actions) {
      stage_.trace(name_, [&] { return "> " + std::visit(engine::test::Describe(), action); });
      std::visit([this](auto& one) { perform(one); }, action);
    }
  }
  carrying_out_ = false;
  if (timer_) stage_.clock.cancel(*std::exchange(timer_, std::nullopt));
  if (phase_ == Phase::stopped) return;
  if (const Deadline next = engine_.next_deadline()) {
    // A busy loop is late.
    timer_ = later_.in(std::max(*next + stage_.lateness - stage_.clock.now(), Duration::zero()),
                       [this] { on_time(); });
  }
}

void ClientNode::perform(engine::Subscribe& action) {
  NodeConnection* connection = usable(action.connection, "subscribe");
  if (connection == nullptr) return;
  connection->subscribe(
      std::move(action.subscription), [this, ticket = action.ticket](const Result<void>& outcome) {
        use_engine([&](TimePoint now) { engine_.on_subscribed(ticket, outcome, now); });
      });
}

void ClientNode::perform(engine::Unsubscribe& action) {
  if (NodeConnection* connection = usable(action.connection, "unsubscribe")) {
    connection->unsubscribe(std::move(action.filter));
  }
}

void ClientNode::perform(engine::Publish& action) {
  NodeConnection* connection = usable(action.connection, "publish");
  if (connection == nullptr) return;
  const std::string sender =
      engine::test::property(action.message.user_properties, "MCP-MQTT-CLIENT-ID");
  const std::string& topic = action.message.topic;
  if (!fixed_client_id_ && std::holds_alternative<wire::ControlTopic>(wire::parse_topic(topic))) {
    stage_.history.expect(initialized_.emplace(sender, topic).second,
                          "a client initializes twice under one client id (T30)");
  }
  connection->publish(
      std::move(action.message), [this, ticket = action.ticket](const Result<void>& outcome) {
        use_engine([&](TimePoint now) { engine_.on_published(ticket, outcome, now); });
      });
}

void ClientNode::answer(engine::CallNumber call) {
  runs_.erase(call);
  use_engine([&](TimePoint now) { engine_.answer(call, Json{{"roots", Json::array()}}, now); });
}

void ClientNode::perform(engine::OpenConnection& action) { connect(action.connection); }

void ClientNode::perform(engine::CloseConnection& action) {
  const auto connection = connections_.find(action.connection);
  if (connection == connections_.end()) return;
  connection->second->disconnect(
      [this, alive = std::weak_ptr(connection->second), number = action.connection] {
        if (alive.lock()) drop_connection(number);
      });
}

void ClientNode::perform(engine::ClientLeft&) {
  if (phase_ != Phase::stopping) {
    stage_.history.broken("a client left that was not asked to");
    return;
  }
  const auto open = std::make_shared<std::size_t>(connections_.size());
  if (*open == 0) return finish_stop();
  for (const auto& [number, connection] : connections_) {
    connection->disconnect([this, open, alive = std::weak_ptr(connection)] {
      if (alive.lock() && --*open == 0 && phase_ == Phase::stopping) finish_stop();
    });
  }
}

}  // namespace mcp_mqtt::simulation
