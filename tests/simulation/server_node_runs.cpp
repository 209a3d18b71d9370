#include <utility>

#include <mcp_mqtt/context.hpp>

#include "server_node.hpp"

// The handlers of a simulated server.
namespace mcp_mqtt::simulation {

void ServerNode::perform(engine::RunHandler& action) {
  const engine::CallNumber call = action.call;
  const auto session = sessions_.find(action.session);
  if (session == sessions_.end() || session->second.client_id != action.client.client_id) {
    return stage_.history.broken("a handler is to run for a session that is not open");
  }
  stage_.history.expect(runs_.emplace(call, Run{action.session, false, false, {}, Json()}).second,
                        "two runs have one number");
  // A worker takes it when one is free.
  later_.in(stage_.random.mostly_short(milliseconds(50)),
            [this, call, action = std::move(action)] { begin(call, action); });
}

void ServerNode::begin(engine::CallNumber call, const engine::RunHandler& action) {
  Run& run = runs_.at(call);
  if (run.cancelled) {
    return finish(call, rpc_error(error_code::internal_error, "cancelled before it began"));
  }
  run.begun = true;
  RequestContext context;
  const Result<Json> worked = action.work(context);
  if (!worked) return finish(call, worked.error());
  const Json said = Json::parse((*worked)["content"][0]["text"].get<std::string>());
  stage_.history.ran(said.at("call").get<CallToken>(), {id(), action.client.client_id});
  check_caller(action, said);

  Json echo = said;
  echo["ran_at"] = id();
  echo["ran_for"] = action.client.client_id;
  run.outcome = engine::tool_answer(text_result(echo.dump()), action.client.revision);
  Random& random = stage_.random;
  if (!stage_.unruly_handlers) return end_after(call, random.up_to(milliseconds(20)));
  if (random.chance(0.1)) run.outcome = rpc_error(error_code::internal_error, "the tool failed");
  const double dice = random.chance(0.7) ? 0 : random.chance(0.6) ? 1 : 2;
  const Duration longest = dice == 0 ? milliseconds(300) : dice == 1 ? seconds(4) : seconds(30);
  const Duration time = random.up_to(longest);
  for (int i = 1; i <= 2; ++i) {
    later_.in(time * i / 3, [this, call, i] {
      if (!runs_.contains(call) || stopped()) return;
      engine_.report_progress(call, {static_cast<double>(i)});
      carry_out();
    });
  }
  if (random.chance(0.15)) {
    later_.in(time / 2, [this, call, session = action.session] { ask_back(call, session); });
  } else {
    end_after(call, time);
  }
}

/// A session has one caller.
void ServerNode::check_caller(const engine::RunHandler& action, const Json& said) {
  const auto session = sessions_.find(action.session);
  if (session == sessions_.end()) return;  // it ended while the handler waited for a worker
  const std::pair caller(said.at("who").get<std::string>(),
                         said.at("session").get<SessionNumber>());
  if (!session->second.caller) session->second.caller = caller;
  stage_.history.expect(*session->second.caller == caller, "two callers share a session");
}

void ServerNode::end_after(engine::CallNumber call, Duration time) {
  runs_.at(call).end = later_.in(time, [this, call] {
    Run& run = runs_.at(call);
    run.end.reset();
    finish(call, std::move(run.outcome));
  });
}

void ServerNode::ask_back(engine::CallNumber call, SessionNumber session) {
  if (stopped() || !runs_.contains(call)) return;
  const CallToken question = ++last_question_;
  questions_[question] = {session, call};
  engine_.ask(session, question, "roots/list", Json::object(),
              {stage_.random.up_to(seconds(8)), false, std::nullopt}, false, call,
              stage_.clock.now());
  carry_out();
}

void ServerNode::perform(engine::CompleteCall& action) {
  const auto question = questions_.extract(action.call);
  if (question.empty()) return stage_.history.broken("a second answer of a client");
  const engine::CallNumber call = question.mapped().run;
  if (runs_.contains(call)) end_after(call, stage_.random.up_to(seconds(1)));
}

void ServerNode::perform(engine::CancelRun& action) {
  const auto found = runs_.find(action.call);
  if (found == runs_.end()) return stage_.history.broken("a run is cancelled that is over");
  Run& run = found->second;
  stage_.history.expect(!run.cancelled, "a run is cancelled twice");
  run.cancelled = true;
  if (!run.begun || !run.end || stage_.random.chance(0.3)) return;  // some never look
  stage_.clock.cancel(*run.end);
  run.outcome = rpc_error(error_code::internal_error, "cancelled");
  end_after(action.call, stage_.random.up_to(milliseconds(20)));
}

void ServerNode::finish(engine::CallNumber call, Result<Json> outcome) {
  runs_.erase(call);
  if (stopped()) return;
  engine_.finish(call, std::move(outcome), stage_.clock.now());
  carry_out();
}

}  // namespace mcp_mqtt::simulation
