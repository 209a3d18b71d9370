#include "engine/task_store.hpp"

#include <gtest/gtest.h>

#include "engine/handler_runs.hpp"

// The tasks of one session's peer, without messages.
namespace mcp_mqtt::engine {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Json plain{{"task", Json::object()}};

Json params_of(const Task& task) { return {{"taskId", task.task_id}}; }
Json with_ttl(const Json& ttl) { return {{"task", {{"ttl", ttl}}}}; }

class TaskStoreTest : public ::testing::Test {
 protected:
  static TaskLimits limits() {
    TaskLimits limits;
    limits.max_ttl = hours(1);
    limits.max_tasks = 3;
    limits.wall_time_at_zero =
        std::chrono::system_clock::time_point(seconds(1'767'225'600));  // 2026-01-01
    return limits;
  }
  Task create(CallNumber call, const Json& params = plain) {
    return store.create(call, params, now).value();
  }
  int code_of(const Json& params) {
    const auto task = store.create(99, params, now);
    return task ? 0 : task.error().code;
  }
  TaskStatus status_of(const Task& task) {
    return task_from_json(store.get(params_of(task), now).value()).value().status;
  }

  TaskStore store{limits()};
  TimePoint now{seconds(10)};
};

TEST_F(TaskStoreTest, ANewTaskWorks) {
  const Task task = create(1, with_ttl(60'000));
  EXPECT_EQ(to_json(task), Json::parse(R"({"taskId":"task-000001","status":"working",
    "createdAt":"2026-01-01T00:00:10.000Z","lastUpdatedAt":"2026-01-01T00:00:10.000Z",
    "ttl":60000,"pollInterval":500})"));
  EXPECT_EQ(store.get(params_of(task), now).value(), to_json(task));
  EXPECT_EQ(store.next_deadline(), now + seconds(60));
}

TEST_F(TaskStoreTest, NamesAreNeverUsedAgain) {
  const Task first = create(1);
  store.clear();
  EXPECT_NE(create(2).task_id, first.task_id);
}

TEST_F(TaskStoreTest, TtlIsCappedAndDefaultsToTheCap) {
  EXPECT_EQ(create(1).ttl, milliseconds(hours(1)));
  EXPECT_EQ(create(2, with_ttl(nullptr)).ttl, milliseconds(hours(1)));
  EXPECT_EQ(create(3, with_ttl(1e300)).ttl, milliseconds(hours(1)));
  EXPECT_EQ(store.next_deadline(), now + hours(1));
}

TEST_F(TaskStoreTest, TtlThatIsNoneIsRefused) {
  for (const Json& ttl : {Json(-1), Json("60"), Json(true), Json::object(), Json(-0.5)}) {
    EXPECT_EQ(code_of(with_ttl(ttl)), error_code::invalid_params) << ttl;
  }
  for (const Json& task : {Json(nullptr), Json(7), Json::array(), Json("x")}) {
    EXPECT_EQ(code_of({{"task", task}}), error_code::invalid_params) << task;
  }
  EXPECT_EQ(store.size(), 0U);
  EXPECT_FALSE(store.next_deadline());
}

TEST_F(TaskStoreTest, TooManyAreBusyUntilOneIsForgotten) {
  create(1, with_ttl(1'000));
  create(2);
  create(3);
  EXPECT_EQ(code_of(plain), error_code::server_busy);
  store.finish(2, Json::object(), now);
  EXPECT_EQ(code_of(plain), error_code::server_busy);  // its result is still kept
  store.take_expired(now + seconds(1));
  EXPECT_EQ(code_of(plain), 0);
}

TEST_F(TaskStoreTest, AnUnboundedTtlIsKeptForEver) {
  TaskLimits endless = limits();
  endless.max_ttl = milliseconds::max();
  TaskStore patient(endless);
  patient.create(1, plain, now).value();
  EXPECT_TRUE(patient.take_expired(now + hours(24 * 365)).empty());
  EXPECT_EQ(patient.size(), 1U);
}

TEST_F(TaskStoreTest, TheResultNamesItsTask) {
  const Task task = create(1);
  EXPECT_EQ(store.result(params_of(task), now), std::nullopt);
  now += seconds(2);
  const auto finished =
      store.finish(1, Json{{"content", Json::array()}, {"_meta", {{"mine", 1}}}}, now);
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->task.status, TaskStatus::completed);
  EXPECT_EQ(finished->task.created_at, task.created_at);
  EXPECT_EQ(finished->task.last_updated_at, "2026-01-01T00:00:12.000Z");
  const Json expected = Json::parse(R"({"content":[],"_meta":{"mine":1,
    "io.modelcontextprotocol/related-task":{"taskId":"task-000001"}}})");
  EXPECT_EQ(finished->result.value(), expected);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(store.result(params_of(task), now)->value(), expected);
  EXPECT_FALSE(store.finish(1, Json::object(), now));
}

TEST_F(TaskStoreTest, FailuresAreFailed) {
  const Task error = create(1);
  const Task is_error = create(2);
  const auto first = store.finish(1, rpc_error(-7, "broken"), now);
  EXPECT_EQ(first->task.status, TaskStatus::failed);
  EXPECT_EQ(first->task.status_message, "broken");
  EXPECT_EQ(store.result(params_of(error), now)->error().code, -7);
  const auto second = store.finish(2, Json{{"isError", true}}, now);
  EXPECT_EQ(second->task.status, TaskStatus::failed);
  EXPECT_EQ(store.result(params_of(is_error), now)->value()["isError"], true);
}

TEST_F(TaskStoreTest, AllWhoWaitHearTheEndOnce) {
  const Task task = create(1);
  for (const CallNumber waiter : {11U, 12U, 13U}) store.wait(params_of(task), waiter);
  EXPECT_TRUE(store.stop_waiting(12));
  EXPECT_FALSE(store.stop_waiting(12));
  EXPECT_FALSE(store.stop_waiting(1));
  EXPECT_EQ(store.finish(1, Json::object(), now)->waiting, (std::vector<CallNumber>{11, 13}));
  EXPECT_FALSE(store.stop_waiting(11));
  EXPECT_TRUE(store.clear().empty());
}

TEST_F(TaskStoreTest, ClearTellsWhoWaited) {
  const Task first = create(1);
  const Task second = create(2);
  store.wait(params_of(second), 12);
  store.wait(params_of(first), 11);
  EXPECT_EQ(store.clear(), (std::vector<CallNumber>{11, 12}));
  EXPECT_EQ(store.size(), 0U);
  EXPECT_FALSE(store.next_deadline());
  EXPECT_FALSE(store.finish(1, Json::object(), now));
}

TEST_F(TaskStoreTest, CancelledStaysCancelled) {
  const Task task = create(1);
  store.wait(params_of(task), 11);
  const auto cancelled = store.cancel(params_of(task), now).value();
  EXPECT_EQ(cancelled.task.status, TaskStatus::cancelled);
  EXPECT_EQ(cancelled.call, 1U);
  EXPECT_FALSE(cancelled.result);
  EXPECT_EQ(cancelled.waiting, std::vector<CallNumber>{11});
  EXPECT_FALSE(store.finish(1, Json::object(), now));
  EXPECT_EQ(status_of(task), TaskStatus::cancelled);
  EXPECT_FALSE(store.result(params_of(task), now)->has_value());
}

TEST_F(TaskStoreTest, WhatIsOverCannotBeCancelled) {
  const Task completed = create(1);
  const Task failed = create(2);
  const Task cancelled = create(3);
  store.finish(1, Json::object(), now);
  store.finish(2, rpc_error(-1, "x"), now);
  static_cast<void>(store.cancel(params_of(cancelled), now));
  for (const Task& task : {completed, failed, cancelled}) {
    const auto again = store.cancel(params_of(task), now);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, error_code::invalid_params);
  }
  EXPECT_EQ(status_of(completed), TaskStatus::completed);
}

TEST_F(TaskStoreTest, UnknownTasksAreInvalidParams) {
  create(1);
  for (const Json& params : {Json::object(), Json{{"taskId", 1}}, Json{{"taskId", "task-000002"}},
                             Json{{"taskId", ""}}, Json{{"taskId", nullptr}}}) {
    EXPECT_EQ(store.get(params, now).error().code, error_code::invalid_params) << params;
    EXPECT_EQ(store.cancel(params, now).error().code, error_code::invalid_params) << params;
    EXPECT_EQ(store.result(params, now)->error().code, error_code::invalid_params) << params;
  }
}

TEST_F(TaskStoreTest, InputIsRequiredWhileAnyRequestWaits) {
  const Task task = create(1);
  EXPECT_EQ(store.set_input_required(1, true, now)->status, TaskStatus::input_required);
  EXPECT_FALSE(store.set_input_required(1, true, now));
  EXPECT_FALSE(store.set_input_required(1, false, now));
  EXPECT_EQ(status_of(task), TaskStatus::input_required);
  EXPECT_EQ(store.set_input_required(1, false, now)->status, TaskStatus::working);
  EXPECT_FALSE(store.set_input_required(1, false, now));
  EXPECT_FALSE(store.set_input_required(2, true, now));
  store.finish(1, Json::object(), now);
  EXPECT_FALSE(store.set_input_required(1, true, now));
  EXPECT_EQ(status_of(task), TaskStatus::completed);
}

TEST_F(TaskStoreTest, WhatExpiresIsForgottenAndStoppedIfItStillWorks) {
  const Task done = create(1, with_ttl(1'000));
  const Task working = create(2, with_ttl(1'000));
  const Task lasting = create(3, with_ttl(2'000));
  store.wait(params_of(working), 12);
  store.finish(1, Json::object(), now);
  EXPECT_TRUE(store.take_expired(now + milliseconds(999)).empty());
  const auto stopped = store.take_expired(now + seconds(1));
  ASSERT_EQ(stopped.size(), 1U);
  EXPECT_EQ(stopped[0].task.task_id, working.task_id);
  EXPECT_EQ(stopped[0].task.status, TaskStatus::cancelled);
  EXPECT_EQ(stopped[0].call, 2U);
  EXPECT_FALSE(stopped[0].result);
  EXPECT_EQ(stopped[0].waiting, std::vector<CallNumber>{12});
  EXPECT_FALSE(store.get(params_of(done), now));
  EXPECT_FALSE(store.get(params_of(working), now));
  EXPECT_TRUE(store.get(params_of(lasting), now));
  EXPECT_FALSE(store.finish(2, Json::object(), now));
  EXPECT_EQ(store.next_deadline(), now + seconds(2));
}

TEST(RelatedTask, ReplacesWhatIsNoMeta) {
  EXPECT_EQ(with_related_task({{"_meta", 7}}, "t")["_meta"].size(), 1U);
  EXPECT_EQ(with_related_task(Json(7), "t"), Json(7));
}

// --- Room for results

TEST(TaskStoreRoom, AResultThatDoesNotFitFailsTheTask) {
  TaskLimits limits;
  limits.max_result_bytes = 300;
  TaskStore store{limits};
  const TimePoint now{seconds(10)};
  const Json result{{"text", std::string(200, 'x')}};
  const Task kept = store.create(1, plain, now).value();
  const Task not_kept = store.create(2, plain, now).value();
  EXPECT_EQ(store.finish(1, result, now)->task.status, TaskStatus::completed);
  const auto finished = store.finish(2, result, now);
  EXPECT_EQ(finished->task.status, TaskStatus::failed);
  EXPECT_EQ(finished->task.status_message,
            "busy: there is no room to keep the result of task 'task-000002'");
  EXPECT_EQ(store.result(params_of(not_kept), now)->error().code, error_code::server_busy);
  EXPECT_TRUE(store.result(params_of(kept), now)->has_value());
}

TEST(TaskStoreRoom, WhoWaitsGetsTheResultAllTheSame) {
  TaskLimits limits;
  limits.max_result_bytes = 100;
  TaskStore store{limits};
  const TimePoint now{seconds(10)};
  const Task task = store.create(1, plain, now).value();
  store.wait(params_of(task), 7);
  const auto finished = store.finish(1, Json{{"text", std::string(200, 'x')}}, now);
  EXPECT_EQ(finished->task.status, TaskStatus::completed);
  EXPECT_TRUE(finished->result.has_value());
  EXPECT_EQ(finished->waiting, std::vector<CallNumber>{7});
  EXPECT_EQ(store.result(params_of(task), now)->error().code, error_code::server_busy);
}

TEST(TaskStoreRoom, OfAllSessionsIsSharedAndComesBack) {
  ByteBudget all(500);
  const TaskLimits limits;
  const TimePoint now{seconds(10)};
  const Json result{{"text", std::string(200, 'x')}};
  const auto finishes = [&](TaskStore& store, CallNumber call) {
    static_cast<void>(store.create(call, with_ttl(1'000), now));
    return store.finish(call, result, now)->task.status == TaskStatus::completed;
  };
  TaskStore first{limits, &all};
  {
    TaskStore second{limits, &all};
    EXPECT_TRUE(finishes(first, 1));
    EXPECT_TRUE(finishes(second, 1));
    EXPECT_FALSE(finishes(first, 2));
  }
  EXPECT_TRUE(finishes(first, 3));
  static_cast<void>(first.take_expired(now + seconds(1)));
  EXPECT_EQ(all.used(), 0U);
  EXPECT_TRUE(finishes(first, 4));
  static_cast<void>(first.clear());
  EXPECT_EQ(all.used(), 0U);
}

}  // namespace
}  // namespace mcp_mqtt::engine
