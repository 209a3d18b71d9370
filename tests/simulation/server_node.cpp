#include "server_node.hpp"

#include <utility>

#include <mcp_mqtt/context.hpp>

#include "unit/engine/action_queue.hpp"
#include "wire/topics.hpp"

namespace mcp_mqtt::simulation {

using engine::FeatureList;
using engine::Features;

namespace {

constexpr std::size_t max_server_actions_at_once = 10'000;

ToolDefinition echo_tool(const std::string& name) {
  ToolDefinition definition;
  definition.tool.name = name;
  definition.handler = [](const Json& arguments, RequestContext&) {
    return text_result(arguments.dump());
  };
  return definition;
}

ResourceDefinition resource(const std::string& uri) {
  ResourceDefinition definition;
  definition.resource.uri = uri;
  definition.resource.name = uri;
  definition.handler = [](const ResourceRequest& request, RequestContext&) {
    return ReadResourceResult{{ResourceContents{request.uri, "text/plain", "wet"}}, nullptr};
  };
  return definition;
}

}  // namespace

ServerNode::ServerNode(Stage& stage, std::string name, engine::ServerConfig config)
    : stage_(stage), name_(std::move(name)), engine_(std::move(config)), later_(stage.clock) {
  Features features;
  features.tools.add(echo_tool("echo")).value();
  features.resources.add(resource(watched_uri)).value();
  engine_.set_features(std::move(features));
  connect();
}

void ServerNode::connect() {
  stage_.trace(name_, [&] { return "starts as " + id(); });
  NodeConnection::Events events;
  events.options = [this] {
    mqtt::ConnectOptions options;
    options.client_id = engine_.instance().server_id;
    options.will = engine_.will();
    options.user_properties = engine_.connect_properties();
    return options;
  };
  events.connected = [this](const mqtt::ConnectionInfo& info) {
    stage_.trace(name_, [] { return "connected"; });
    engine_.on_connected(info, stage_.clock.now());
    carry_out();
  };
  events.message = [this](const mqtt::Message& message) {
    stage_.trace(name_, [&] { return "< " + message.topic + " " + message.payload; });
    note_initialize(message);
    engine_.on_message(message, stage_.clock.now());
    carry_out();
  };
  events.lost = [this](const Error& error) {
    stage_.trace(name_, [&] { return "lost the connection: " + error.message; });
    engine_.on_connection_lost(error);
    carry_out();
    stage_.history.expect(sessions_.empty(), "a session of a server outlives its connection");
  };
  events.gave_up = [this](const Error&) { gave_up_ = true; };
  connection_ = std::make_shared<NodeConnection>(stage_, std::move(events));
  connection_->start();
}

// --- What the program does

void ServerNode::stop() {
  if (phase_ != Phase::running) return;
  phase_ = Phase::stopping;
  stage_.trace(name_, [] { return "stops"; });
  const bool drains = stage_.unruly_handlers && stage_.random.chance(0.5);
  const Duration drain_time = drains ? stage_.random.up_to(seconds(8)) : Duration::zero();
  later_.in(drain_time + seconds(5), [this] {
    if (phase_ == Phase::stopping) finish_stop();
  });
  if (drains) {
    engine_.drain(drain_time, stage_.clock.now());
  } else {
    engine_.leave();
  }
  carry_out();
}

void ServerNode::finish_stop() {
  phase_ = Phase::stopped;
  if (timer_) stage_.clock.cancel(*std::exchange(timer_, std::nullopt));
  connection_->abandon();
}

void ServerNode::update_resource() {
  if (stopping()) return;
  last_update_ = stage_.clock.now();
  stage_.trace(name_, [] { return "updates the resource"; });
  engine_.resource_updated(watched_uri);
  carry_out();
}

void ServerNode::change_tools() {
  if (stopping()) return;
  last_change_ = stage_.clock.now();
  stage_.trace(name_, [] { return "changes its tools"; });
  const bool add = ++changes_ % 2 == 1;
  engine_
      .change(FeatureList::tools,
              [&](Features& features) -> Result<void> {
                if (add) return features.tools.add(echo_tool("extra"));
                features.tools.remove("extra");
                return {};
              })
      .value();
  carry_out();
}

void ServerNode::disconnect_somebody() {
  if (stopping() || sessions_.empty()) return;
  const SessionNumber session = stage_.random.pick(sessions_).first;
  stage_.trace(name_, [&] { return fmt::format("ends session {}", session); });
  engine_.disconnect(session);
  carry_out();
}

Deadline ServerNode::live_since(const std::string& client_id) const {
  for (const auto& [number, session] : sessions_) {
    if (session.client_id == client_id) return session.since;
  }
  return std::nullopt;
}

Deadline ServerNode::watched_since(const std::string& client_id) const {
  const auto found = watching_.find(client_id);
  return found == watching_.end() ? std::nullopt : Deadline(found->second);
}

// --- What the runtime does

void ServerNode::on_time() {
  timer_.reset();
  const TimePoint now = stage_.clock.now();
  engine_.on_time(now);
  const Deadline next = engine_.next_deadline();
  stage_.history.expect(!next || *next > now, "a server turns in circles: its deadline is over");
  carry_out();
}

void ServerNode::carry_out() {
  if (std::exchange(carrying_out_, true)) return;
  std::size_t count = 0;
  for (auto actions = engine_.take_actions(); !actions.empty(); actions = engine_.take_actions()) {
    count += actions.size();
    if (count > max_server_actions_at_once) {
      stage_.history.broken("a server never stops asking for actions");
      break;
    }
    for (auto& action : actions) {
      if (phase_ == Phase::stopped) continue;
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

bool ServerNode::usable(const char* action) {
  if (connection_->up()) return true;
  stage_.history.broken(name_ + " wants to " + action + " without a connection");
  return false;
}

void ServerNode::perform(engine::Subscribe& action) {
  if (!usable("subscribe")) return;
  connection_->subscribe(std::move(action.subscription),
                         [this, ticket = action.ticket](const Result<void>& outcome) {
                           engine_.on_subscribed(ticket, outcome, stage_.clock.now());
                           carry_out();
                         });
}

void ServerNode::perform(engine::Unsubscribe& action) {
  if (usable("unsubscribe")) connection_->unsubscribe(std::move(action.filter));
}

void ServerNode::perform(engine::Publish& action) {
  if (!usable("publish")) return;
  stage_.history.expect(
      engine::test::property(action.message.user_properties, "MCP-MQTT-CLIENT-ID") == id(),
      "a server does not say who it is");
  check_answered_once(action.message);
  connection_->publish(std::move(action.message),
                       [this, ticket = action.ticket](const Result<void>& outcome) {
                         engine_.on_published(ticket, outcome, stage_.clock.now());
                         carry_out();
                       });
}

/// An initialize may come twice, and then each is answered.
void ServerNode::note_initialize(const mqtt::Message& message) {
  if (!std::holds_alternative<wire::ControlTopic>(wire::parse_topic(message.topic))) return;
  const Json body = Json::parse(message.payload, nullptr, false);
  const std::string sender = engine::test::property(message.user_properties, "MCP-MQTT-CLIENT-ID");
  initialized_.emplace(wire::rpc_topic(sender, id(), engine_.instance().server_name),
                       body.value("id", Json()));
}

/// A client takes the first answer and drops the second, so only here it shows.
void ServerNode::check_answered_once(const mqtt::Message& message) {
  if (!message.topic.starts_with("$mcp-rpc/")) return;
  const Json body = Json::parse(message.payload, nullptr, false);
  if (!body.is_object() || body.contains("method") || !body.contains("id")) return;
  if (initialized_.contains({message.topic, body["id"]})) return;
  if (!answered_[message.topic].insert(body["id"]).second) {
    stage_.history.broken(name_ + " answers request " + body["id"].dump() + " twice on " +
                          message.topic);
  }
}

void ServerNode::perform(engine::ServerRefused& action) {
  stage_.history.broken(name_ + " cannot serve: " + action.error.message);
}

void ServerNode::perform(engine::ServerLeft&) {
  stage_.history.expect(phase_ == Phase::stopping, "a server left that was not asked to");
  connection_->disconnect([this, alive = std::weak_ptr(connection_)] {
    if (alive.lock() && phase_ == Phase::stopping) finish_stop();
  });
}

void ServerNode::perform(engine::ClientConnected& action) {
  answered_.erase(wire::rpc_topic(action.client.client_id, id(), engine_.instance().server_name));
  const bool fresh =
      sessions_.emplace(action.session, Session{action.client.client_id, stage_.clock.now(), {}})
          .second;
  stage_.history.expect(fresh, "a client connected twice in one session");
}

void ServerNode::perform(engine::ClientGone& action) {
  stage_.history.expect(sessions_.erase(action.session) == 1, "an unknown client is gone");
  stage_.history.expect(!watching_.contains(action.client.client_id),
                        "a client that is gone still watches a resource");
  for (const auto& [token, question] : questions_) {
    stage_.history.expect(question.session != action.session,
                          "a request to a client outlives its session");
  }
}

void ServerNode::perform(engine::SubscriptionChanged& action) {
  if (action.subscribed) {
    stage_.history.expect(watching_.emplace(action.client.client_id, stage_.clock.now()).second,
                          "a client subscribed twice");
  } else {
    stage_.history.expect(watching_.erase(action.client.client_id) == 1,
                          "a client that did not watch ended its subscription");
  }
}

}  // namespace mcp_mqtt::simulation
