#include "engine/handler_runs.hpp"

#include <gtest/gtest.h>
#include <limits>

namespace mcp_mqtt::engine {
namespace {

HandlerRun run_of(RequestId request, Json token = nullptr) {
  HandlerRun run;
  run.request = std::move(request);
  run.progress_token = std::move(token);
  return run;
}

TEST(HandlerRuns, LeaveOnce) {
  HandlerRuns runs;
  runs.add(1, run_of(RequestId(7)));
  EXPECT_TRUE(runs.in_flight(RequestId(7)));
  EXPECT_FALSE(runs.in_flight(RequestId("7")));
  ASSERT_NE(runs.find(1), nullptr);
  EXPECT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs.take(1)->request, RequestId(7));
  EXPECT_FALSE(runs.take(1));
  EXPECT_FALSE(runs.in_flight(RequestId(7)));
  EXPECT_EQ(runs.find(1), nullptr);
  EXPECT_EQ(runs.size(), 0U);
}

TEST(HandlerRuns, OfTasksHoldNoRequestId) {
  HandlerRuns runs;
  HandlerRun task;
  task.task_id = "t";
  runs.add(1, std::move(task));
  EXPECT_FALSE(runs.in_flight(RequestId(0)));
  EXPECT_EQ(runs.take(1)->task_id, "t");
}

TEST(HandlerRuns, AreNotCancelledByAnIdThatWrapsToTheirs) {
  HandlerRuns runs;
  runs.add(1, run_of(RequestId(-1)));
  EXPECT_FALSE(runs.cancel_request({{"requestId", 18446744073709551615U}}));
  EXPECT_EQ(runs.cancel_request({{"requestId", -1}}), 1U);
}

TEST(HandlerRuns, AreCancelledOnceAndByTheirOwnId) {
  HandlerRuns runs;
  runs.add(1, run_of(RequestId(7)));
  runs.add(2, run_of(RequestId("7")));
  for (const Json& params :
       {Json(nullptr), Json(7), Json::object(), Json{{"requestId", nullptr}},
        Json{{"requestId", 7.0}}, Json{{"requestId", 8}}, Json{{"requestId", Json::array({7})}}}) {
    EXPECT_FALSE(runs.cancel_request(params)) << params;
  }
  EXPECT_EQ(runs.cancel_request({{"requestId", "7"}}), 2U);
  EXPECT_FALSE(runs.cancel_request({{"requestId", "7"}}));
  EXPECT_TRUE(runs.in_flight(RequestId("7")));  // until its handler is done
  EXPECT_TRUE(runs.take(2)->cancelled);
  EXPECT_FALSE(runs.take(1)->cancelled);
  EXPECT_FALSE(runs.cancel(1));
}

TEST(HandlerRuns, AllAreTakenWithoutThoseCancelledBefore) {
  HandlerRuns runs;
  for (const CallNumber call : {1U, 2U, 3U}) {
    runs.add(call, run_of(RequestId(static_cast<std::int64_t>(call))));
  }
  EXPECT_TRUE(runs.cancel(2));
  EXPECT_EQ(runs.take_all(), (std::vector<CallNumber>{1, 3}));
  EXPECT_EQ(runs.size(), 0U);
  EXPECT_FALSE(runs.in_flight(RequestId(2)));
}

TEST(HandlerRuns, ProgressIncreasesAndIsFinite) {
  HandlerRuns runs;
  runs.add(1, run_of(RequestId(7), "t"));
  const auto report = [&](double value, std::optional<double> total = {}) {
    return runs.progress(1, {value, total, ""}, latest_revision);
  };
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(report(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(report(infinite));
  EXPECT_EQ(report(-5), (Json{{"progressToken", "t"}, {"progress", -5.0}}));
  EXPECT_FALSE(report(-5));
  EXPECT_EQ(report(1, 4.0), (Json{{"progressToken", "t"}, {"progress", 1.0}, {"total", 4.0}}));
  EXPECT_EQ(report(2, infinite), (Json{{"progressToken", "t"}, {"progress", 2.0}}));
  EXPECT_FALSE(report(1.5));
}

TEST(HandlerRuns, ProgressMessagesBelongTo2025_03_26AndLater) {
  HandlerRuns runs;
  runs.add(1, run_of(RequestId(7), 3));
  EXPECT_EQ(runs.progress(1, {1, std::nullopt, "half"}, Revision::v2024_11_05),
            (Json{{"progressToken", 3}, {"progress", 1.0}}));
  EXPECT_EQ(runs.progress(1, {2, std::nullopt, "more"}, Revision::v2025_03_26),
            (Json{{"progressToken", 3}, {"progress", 2.0}, {"message", "more"}}));
}

TEST(HandlerRuns, ProgressNamesTheTaskThatItBelongsTo) {
  HandlerRuns runs;
  HandlerRun own = run_of(RequestId(7), 3);
  own.task_id = "own";
  HandlerRun foreign = run_of(RequestId(8), 3);
  foreign.related_task = "foreign";
  runs.add(1, std::move(own));
  runs.add(2, std::move(foreign));
  for (const CallNumber call : {1U, 2U}) {
    const auto params = runs.progress(call, {1, std::nullopt, ""}, latest_revision);
    ASSERT_TRUE(params);
    EXPECT_EQ(related_task_of(*params), call == 1 ? "own" : "foreign") << *params;
  }
}

TEST(HandlerRuns, NoProgressWithoutTokenAfterCancelOrAfterTheEnd) {
  HandlerRuns runs;
  runs.add(1, run_of(RequestId(7)));
  runs.add(2, run_of(RequestId(8), "t"));
  const auto told = [&](CallNumber call) {
    return runs.progress(call, {1, std::nullopt, ""}, latest_revision).has_value();
  };
  EXPECT_FALSE(told(1));
  EXPECT_TRUE(runs.cancel(2));
  EXPECT_FALSE(told(2));
  EXPECT_FALSE(told(3));
}

TEST(ProgressToken, IsATextOrAnInteger) {
  const auto token = [](const Json& value) {
    return progress_token_of({{"_meta", {{"progressToken", value}}}});
  };
  EXPECT_EQ(token("t"), "t");
  EXPECT_EQ(token(0), 0);
  EXPECT_EQ(token(-1), -1);
  for (const Json& value : {Json(1.5), Json(true), Json(nullptr), Json::array(), Json::object()}) {
    EXPECT_TRUE(token(value).is_null()) << value;
  }
  EXPECT_TRUE(progress_token_of(Json::object()).is_null());
  EXPECT_TRUE(progress_token_of({{"_meta", 7}}).is_null());
}

TEST(RelatedTask, IsReadWhereItIsOne) {
  const Json good = with_related_task({{"_meta", {{"mine", 1}}}}, "t");
  EXPECT_EQ(related_task_of(good), "t");
  EXPECT_EQ(good["_meta"]["mine"], 1);
  const char* const key = "io.modelcontextprotocol/related-task";
  for (const Json& meta : {Json(7), Json::object(), Json{{key, "t"}}, Json{{key, Json::object()}},
                           Json{{key, {{"taskId", 7}}}}}) {
    EXPECT_EQ(related_task_of({{"_meta", meta}}), "") << meta;
  }
  EXPECT_EQ(related_task_of(Json::object()), "");
}

}  // namespace
}  // namespace mcp_mqtt::engine
