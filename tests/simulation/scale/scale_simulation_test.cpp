#include <algorithm>
#include <gtest/gtest.h>

#include "plot.hpp"
#include "report.hpp"

// The simulation behind docs/scaling-simulation.md, with a small fleet.
namespace mcp_mqtt::simulation::scale {
namespace {

Scenario small() {
  Scenario scenario;
  scenario.name = "unbounded: small";
  scenario.population = {1'000, 100, 100, 5, 1};
  return scenario;
}

Scenario bounded() {
  Scenario scenario = small();
  scenario.name = "bounded: small";
  scenario.limits.connects_per_second = 100;
  scenario.limits.messages_per_second = 2'000;
  scenario.limits.backlog = 50;
  return scenario;
}

std::uint64_t busiest_slice(const Outcome& outcome) {
  const auto series = outcome.traffic.series();
  return *std::max_element(series.begin(), series.end());
}

void expect_all_back(const Scenario& scenario, const Outcome& outcome) {
  const Population& population = scenario.population;
  EXPECT_EQ(outcome.sessions, population.clients * population.sessions);
  EXPECT_EQ(outcome.announced.size(), population.servers);
  EXPECT_EQ(outcome.reopened.size(), outcome.sessions);
  EXPECT_EQ(outcome.failures, 0U);
  EXPECT_EQ(outcome.retained, population.servers);
  const BrokerModel::Account& account = outcome.account;
  EXPECT_TRUE(account.closed()) << account.published << " published, " << account.acknowledged
                                << " acknowledged, " << account.unacknowledged << " not; "
                                << account.due << " due, " << account.delivered << " delivered, "
                                << account.dropped << " dropped, " << account.lost << " lost";
}

TEST(Restart, BringsEverybodyBackAndCountsEachMessage) {
  Scenario scenario = small();
  scenario.backoff.jitter = 0;
  const Outcome outcome = play(scenario);
  expect_all_back(scenario, outcome);
  EXPECT_EQ(outcome.sessions_at_servers, outcome.sessions);
  EXPECT_EQ(outcome.account.dropped + outcome.account.lost + outcome.account.unacknowledged, 0U);

  const Traffic& traffic = outcome.traffic;
  const std::uint64_t servers = 1'000;
  const std::uint64_t clients = 100;
  const std::uint64_t sessions = 500;
  EXPECT_EQ(traffic.total(Kind::connect, Direction::in), servers + clients + 1);
  // Each presence comes twice. A client hears the ten instances of each of its five services, and
  // the one who watches hears all.
  EXPECT_EQ(traffic.total(Kind::presence, Direction::in), 2 * servers);
  EXPECT_EQ(traffic.total(Kind::presence, Direction::out), 2 * (clients * 5 * 10 + servers));
  EXPECT_EQ(outcome.to_watchers, 2 * servers);
  EXPECT_EQ(outcome.watcher_knows, servers);
  for (const Kind kind : {Kind::initialize, Kind::initialize_answer, Kind::initialized}) {
    EXPECT_EQ(traffic.total(kind, Direction::in), sessions);
    EXPECT_EQ(traffic.total(kind, Direction::out), sessions);
  }
  // A server its control topic and three topics for each session; a client the presence of each
  // service and two topics for each session; who watches one.
  EXPECT_EQ(traffic.total(Kind::subscribe, Direction::in), servers + sessions * (3 + 1 + 2) + 1);
  EXPECT_EQ(traffic.total(Kind::other, Direction::in), 0U);
  EXPECT_EQ(traffic.total(Kind::puback, Direction::out), outcome.account.acknowledged);
  EXPECT_EQ(traffic.total(Kind::puback, Direction::in), outcome.account.delivered);
}

TEST(Restart, SpreadsSessionsOverTheInstances) {
  Scenario scenario = small();
  scenario.population = {100, 1, 200, 1, 0};
  const Outcome outcome = play(scenario);
  expect_all_back(scenario, outcome);
  // 100 instances of one service, two sessions for each: where all took the first one that was
  // announced, it would have 200.
  EXPECT_LE(outcome.fullest_before, 10U);
  EXPECT_EQ(outcome.fullest_after, outcome.fullest_before);
}

TEST(Restart, FollowsFromItsSeed) {
  const auto figures = [](std::uint64_t seed) {
    Scenario scenario = bounded();
    scenario.seed = seed;
    Json json = as_json({scenario, play(scenario)});
    json.erase("heap_bytes");
    json.erase("seed");
    return json;
  };
  const Json once = figures(7);
  EXPECT_EQ(once, figures(7));
  EXPECT_NE(once, figures(8));
}

TEST(Restart, IsSpreadByJitter) {
  Scenario scenario = small();
  const Outcome usual = play(scenario);
  scenario.backoff.jitter = 0;
  const Outcome none = play(scenario);
  scenario.backoff.initial = seconds(15);
  scenario.backoff.jitter = 1;
  const Outcome wide = play(scenario);
  EXPECT_LT(2 * busiest_slice(usual), busiest_slice(none));
  EXPECT_LT(4 * wide.traffic.peak(), usual.traffic.peak());
  expect_all_back(scenario, usual);
  expect_all_back(scenario, wide);
}

TEST(Restart, TakesAsLongAsABoundedBrokerNeeds) {
  const Scenario scenario = bounded();
  const Outcome outcome = play(scenario);
  expect_all_back(scenario, outcome);
  EXPECT_LE(outcome.traffic.peak(Kind::connect, Direction::in), 101U);
  EXPECT_GT(outcome.connects_failed, 0U);
  EXPECT_EQ(outcome.connect_attempts,
            outcome.connects_failed + outcome.traffic.total(Kind::connect, Direction::in));
  EXPECT_GE(outcome.whole(), seconds(11));  // 1,101 connections at 100 a second
}

TEST(Restart, GoesWellWhereTheBrokerKeepsRetainedMessages) {
  Scenario scenario = bounded();
  scenario.keeps_retained = true;
  expect_all_back(scenario, play(scenario));
}

TEST(Restart, GoesWellAfterALongWait) {
  Scenario scenario = bounded();
  scenario.downtime = seconds(60);
  const Outcome outcome = play(scenario);
  expect_all_back(scenario, outcome);
  EXPECT_GT(outcome.announced.front(), seconds(60));
}

TEST(Restart, CountsWhatAFullQueueDrops) {
  Scenario scenario = small();
  scenario.backoff.jitter = 0;
  scenario.limits.receive_maximum = 20;
  scenario.limits.queued_messages = 100;
  const Outcome outcome = play(scenario);
  expect_all_back(scenario, outcome);
  // All servers announce themselves at one instant: who watches gets what fits the queue, twice.
  EXPECT_EQ(outcome.to_watchers, 2U * 120);
  EXPECT_EQ(outcome.account.dropped, 2U * (1'000 - 120));
}

TEST(Report, ShowsEachScenario) {
  const std::vector<Played> all{{small(), play(small())}, {bounded(), play(bounded())}};
  const std::string table = overview_table(all);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 4);
  EXPECT_NE(table.find("| unbounded: small |"), std::string::npos);
  EXPECT_NE(kinds_table(all[0]).find("| presence | 2,000 |"), std::string::npos);
  EXPECT_TRUE(watcher_line(all[0]).starts_with(
      "Each client that discovers everything got 2,000 of the 12,000 presences"));
  EXPECT_NE(growth_table(all).find("| 1,000 | 100 | 10 | 2,000 | 12,000 | 500 |"),
            std::string::npos);
  const std::string svg = plot(all);
  EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
  const auto count = [&](const std::string& what) {
    std::size_t found = 0;
    for (auto at = svg.find(what); at != std::string::npos; at = svg.find(what, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("<polyline "), 3U);
  EXPECT_EQ(count("seconds since the broker died"), 3U);
  EXPECT_EQ(count("nan"), 0U);
}

TEST(Report, SaysWhenSoManyWereBack) {
  const Times times{seconds(1), seconds(2), seconds(3)};
  EXPECT_EQ(reached(times, 4, 0.5), 2);
  EXPECT_EQ(reached(times, 3, 1), 3);
  EXPECT_LT(reached(times, 4, 1), 0);  // one never came
}

}  // namespace
}  // namespace mcp_mqtt::simulation::scale
