#include <utility>

#include "client_node.hpp"

// What a simulated host hears of its client engine.
namespace mcp_mqtt::simulation {

void ClientNode::finish(CallToken token, const std::optional<Error>& error) {
  waiting_.erase(token);
  stage_.history.finish(token, name_, error);
}

void ClientNode::perform(engine::CompleteCall& action) {
  const CallToken token = action.call;
  const bool first = waiting_.contains(token);
  const auto error = action.result ? std::nullopt : std::optional(action.result.error());
  finish(token, error);
  if (!first) return;
  const Asked& asked = stage_.history.at(token);
  if (asked.what == Asked::What::call && action.result) check_answer(token, *action.result);
  if (asked.what != Asked::What::subscribe) return;
  const auto subscription = subscriptions_.find(token);
  if (subscription == subscriptions_.end()) return;
  if (error) {
    subscriptions_.erase(subscription);
  } else {
    subscription->second.established = true;
    subscription->second.heard = std::max(subscription->second.heard, stage_.clock.now());
  }
}

/// The answer of a handler says whom it answers.
void ClientNode::check_answer(CallToken token, const Json& result) {
  const Asked& asked = stage_.history.at(token);
  const auto session = sessions_.find(asked.session);
  if (session == sessions_.end() || session->second.suspended) {
    return stage_.history.broken("an answer in a session that is over");
  }
  const auto text = Json::json_pointer("/content/0/text");
  const Json said = result.contains(text)
                        ? Json::parse(result.at(text).get<std::string>(), nullptr, false)
                        : Json();
  const engine::SessionInfo& info = session->second.info;
  const bool mine = said.is_object() && said.value("call", CallToken()) == token &&
                    said.value("who", "") == name_ &&
                    said.value("session", SessionNumber()) == asked.session &&
                    said.value("ran_at", "") == info.instance.server_id &&
                    said.value("ran_for", "") == info.client_id;
  if (mine) return;
  stage_.history.broken(
      fmt::format("{} got the answer of another call to call {}: {}", name_, token, said.dump()));
}

void ClientNode::perform(engine::CallProgressed& action) {
  const bool waits =
      waiting_.contains(action.call) && stage_.history.at(action.call).what == Asked::What::call;
  stage_.history.expect(waits, "progress of a call that is over");
}

void ClientNode::perform(engine::SessionOpened& action) {
  if (action.call != 0) finish(action.call, std::nullopt);
  const bool health_check = checks_health_.erase(action.call) != 0;
  stage_.history.opened(name_, action.session,
                        {action.info.instance.server_id, action.info.client_id});
  const TimePoint now = stage_.clock.now();
  const bool fresh =
      sessions_
          .emplace(action.session, Session{std::move(action.info), now, now, false, health_check})
          .second;
  stage_.history.expect(fresh, "a session opened twice");
}

void ClientNode::perform(engine::OpenFailed& action) { finish(action.call, action.error); }

void ClientNode::perform(engine::SessionSuspended& action) {
  const auto session = sessions_.find(action.session);
  if (session == sessions_.end() || session->second.suspended) {
    return stage_.history.broken("a session is cut off that is not open");
  }
  session->second.suspended = true;
  for (const CallToken token : waiting_) {
    const Asked& asked = stage_.history.at(token);
    const bool lost = asked.session == action.session && asked.runs > 0 && !asked.idempotent;
    stage_.history.expect(!lost, "a call goes on that ran in the session that was cut off");
  }
}

void ClientNode::perform(engine::SessionReopened& action) {
  const auto session = sessions_.find(action.session);
  if (session == sessions_.end() || !session->second.suspended) {
    return stage_.history.broken("a session is open again that was not cut off");
  }
  ++stage_.history.counts.reopened;
  stage_.history.opened(name_, action.session,
                        {action.info.instance.server_id, action.info.client_id});
  const TimePoint now = stage_.clock.now();
  session->second = {std::move(action.info), now, now, false, session->second.health_check};
}

void ClientNode::perform(engine::SessionClosed& action) {
  stage_.history.expect(sessions_.erase(action.session) == 1, "an unknown session is over");
  for (const CallToken token : waiting_) {
    stage_.history.expect(stage_.history.at(token).session != action.session,
                          "a call goes on although its session is over");
  }
}

void ClientNode::perform(engine::InstanceFound& action) {
  finish(action.call, action.instance ? std::nullopt : std::optional(action.instance.error()));
}

void ClientNode::perform(engine::InstanceChanged& action) {
  using Kind = engine::InstanceChange::Kind;
  const ServerInstance& instance = action.change.instance;
  const std::pair key(instance.server_id, instance.server_name);
  const bool known = instances_.contains(key);
  stage_.history.expect(known == (action.change.kind != Kind::online),
                        "a server comes twice, or goes without having come");
  if (action.change.kind == Kind::offline) {
    instances_.erase(key);
  } else {
    instances_.insert(key);
  }
}

void ClientNode::perform(engine::RunRequest& action) {
  const auto session = sessions_.find(action.session);
  if (session == sessions_.end() || session->second.suspended) {
    return stage_.history.broken("a request of a server in a session that is not open");
  }
  const Duration time = stage_.random.mostly_short(seconds(12));
  const auto timer = later_.in(time, [this, call = action.call] { answer(call); });
  stage_.history.expect(runs_.emplace(action.call, timer).second, "two runs have one number");
}

void ClientNode::perform(engine::CancelRun& action) {
  const auto run = runs_.find(action.call);
  stage_.history.expect(run != runs_.end(), "a run of a client is cancelled that is over");
}

void ClientNode::perform(engine::ServerTold& action) {
  const auto session = sessions_.find(action.session);
  if (session == sessions_.end() || session->second.suspended) {
    return stage_.history.broken("a server told something to a session that is not open");
  }
  if (std::holds_alternative<engine::ListChanged>(action.notice)) {
    session->second.heard_change = stage_.clock.now();
  }
}

void ClientNode::perform(engine::ResourceChanged& action) {
  for (const engine::SubscriptionNumber number : action.subscriptions) {
    const auto subscription = subscriptions_.find(number);
    if (subscription == subscriptions_.end()) {
      stage_.history.broken("an update for a subscription that has ended");
    } else {
      subscription->second.heard = stage_.clock.now();
      ++stage_.history.counts.updates;
    }
  }
}

}  // namespace mcp_mqtt::simulation
