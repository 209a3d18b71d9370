#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace mcp_mqtt::simulation::scale {
namespace {

/// 1234567 as 1,234,567.
std::string grouped(std::uint64_t number) { return fmt::format("{}", fmt::group_digits(number)); }

std::string seconds_text(double time) {
  return time < 0 ? std::string("never") : fmt::format("{:.1f}", time);
}

std::string three_times(const Times& times, std::size_t wanted) {
  return fmt::format("{} / {} / {}", seconds_text(reached(times, wanted, 0.5)),
                     seconds_text(reached(times, wanted, 0.99)),
                     seconds_text(reached(times, wanted, 1)));
}

std::uint64_t all(const Traffic& traffic) {
  return traffic.total(Direction::in) + traffic.total(Direction::out);
}

/// Over the time until everybody is back.
std::uint64_t mean(const Outcome& outcome) {
  const double whole = engine::in_seconds(outcome.whole());
  if (whole <= 0) return 0;
  return static_cast<std::uint64_t>(static_cast<double>(all(outcome.traffic)) / whole);
}

Json times_json(const Times& times, std::size_t wanted) {
  Json json = Json::object();
  for (const auto& [key, part] : {std::pair("50 %", 0.5), {"99 %", 0.99}, {"100 %", 1.0}}) {
    const double at = reached(times, wanted, part);
    json[key] = at < 0 ? Json() : Json(std::round(at * 1000) / 1000);
  }
  return json;
}

Json backoff_json(const Backoff& backoff) {
  return {{"initial_s", static_cast<double>(backoff.initial.count()) / 1000},
          {"factor", backoff.factor},
          {"jitter", backoff.jitter},
          {"maximum_s", static_cast<double>(backoff.maximum.count()) / 1000}};
}

}  // namespace

double reached(const Times& times, std::size_t wanted, double part) {
  const auto count = static_cast<std::size_t>(std::ceil(part * static_cast<double>(wanted) - 1e-9));
  if (count == 0) return 0;
  return count > times.size() ? -1 : engine::in_seconds(times[count - 1]);
}

std::string overview_table(const std::vector<Played>& all_played) {
  std::string table =
      "| restart | messages in all | most in a second | most in 100 ms | CONNECTs: accepted, most "
      "in a second, failed | servers announced after s (50 / 99 / 100 %) | sessions open after s "
      "(50 / 99 / 100 %) | mean a second | fullest instance before, after |\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|---:|\n";
  for (const auto& [scenario, outcome] : all_played) {
    const Traffic& traffic = outcome.traffic;
    const auto series = traffic.series();
    const std::uint64_t burst =
        series.empty() ? 0 : *std::max_element(series.begin(), series.end());
    table += fmt::format("| {} | {} | {} | {} | {}, {}, {} | {} | {} | {} | {}, {} |\n",
                         scenario.name, grouped(all(traffic)), grouped(traffic.peak()),
                         grouped(burst), grouped(traffic.total(Kind::connect, Direction::in)),
                         grouped(traffic.peak(Kind::connect, Direction::in)),
                         grouped(outcome.connects_failed),
                         three_times(outcome.announced, scenario.population.servers),
                         three_times(outcome.reopened, outcome.sessions), grouped(mean(outcome)),
                         outcome.fullest_before, outcome.fullest_after);
  }
  return table;
}

std::string kinds_table(const Played& played) {
  const Traffic& traffic = played.outcome.traffic;
  std::string table =
      "| messages | in | out | most in a second: in | out |\n|---|---:|---:|---:|---:|\n";
  for (std::size_t i = 0; i < kinds; ++i) {
    const auto kind = static_cast<Kind>(i);
    table += fmt::format(
        "| {} | {} | {} | {} | {} |\n", kind_names.at(i),
        grouped(traffic.total(kind, Direction::in)), grouped(traffic.total(kind, Direction::out)),
        grouped(traffic.peak(kind, Direction::in)), grouped(traffic.peak(kind, Direction::out)));
  }
  table += fmt::format("| all | {} | {} | {} | {} |\n", grouped(traffic.total(Direction::in)),
                       grouped(traffic.total(Direction::out)), grouped(traffic.peak(Direction::in)),
                       grouped(traffic.peak(Direction::out)));
  return table;
}

std::string watcher_line(const Played& played) {
  const Outcome& outcome = played.outcome;
  const std::size_t watchers = std::max<std::size_t>(played.scenario.population.watchers, 1);
  const std::uint64_t all_presence = outcome.traffic.total(Kind::presence, Direction::out);
  const std::uint64_t each = outcome.to_watchers / watchers;
  return fmt::format(
      "Each client that discovers everything got {} of the {} presences that were delivered; each "
      "of the {} others got {} on average.",
      grouped(each), grouped(all_presence), grouped(played.scenario.population.clients),
      grouped((all_presence - outcome.to_watchers) /
              std::max<std::size_t>(played.scenario.population.clients, 1)));
}

std::string growth_table(const std::vector<Played>& all_played) {
  std::string table =
      "| servers | clients | instances of a name | presence in | presence out | initialize | heap "
      "for a client, bytes | fullest instance before, after |\n"
      "|---:|---:|---:|---:|---:|---:|---:|---:|\n";
  for (const auto& [scenario, outcome] : all_played) {
    const Population& population = scenario.population;
    const Traffic& traffic = outcome.traffic;
    table += fmt::format(
        "| {} | {} | {} | {} | {} | {} | {} | {}, {} |\n", grouped(population.servers),
        grouped(population.clients), grouped(population.servers / population.services),
        grouped(traffic.total(Kind::presence, Direction::in)),
        grouped(traffic.total(Kind::presence, Direction::out)),
        grouped(traffic.total(Kind::initialize, Direction::in)), grouped(outcome.bytes_per_client),
        outcome.fullest_before, outcome.fullest_after);
  }
  return table;
}

Json as_json(const Played& played) {
  const auto& [scenario, outcome] = played;
  const Traffic& traffic = outcome.traffic;
  Json messages = Json::object();
  for (std::size_t i = 0; i < kinds; ++i) {
    const auto kind = static_cast<Kind>(i);
    messages[std::string(kind_names.at(i))] = {
        {"in", traffic.total(kind, Direction::in)},
        {"out", traffic.total(kind, Direction::out)},
        {"most_in_a_second_in", traffic.peak(kind, Direction::in)},
        {"most_in_a_second_out", traffic.peak(kind, Direction::out)}};
  }
  const Population& population = scenario.population;
  const BrokerModel::Account& account = outcome.account;
  return {
      {"name", scenario.name},
      {"seed", scenario.seed},
      {"population",
       {{"servers", population.servers},
        {"services", population.services},
        {"clients", population.clients},
        {"sessions_each", population.sessions},
        {"watchers", population.watchers}}},
      {"backoff", backoff_json(scenario.backoff)},
      {"broker",
       {{"connects_per_second", scenario.limits.connects_per_second},
        {"messages_per_second", scenario.limits.messages_per_second},
        {"backlog", scenario.limits.backlog},
        {"queued_messages", scenario.limits.queued_messages},
        {"downtime_s", engine::in_seconds(scenario.downtime)},
        {"keeps_retained", scenario.keeps_retained}}},
      {"messages", std::move(messages)},
      {"messages_in", traffic.total(Direction::in)},
      {"messages_out", traffic.total(Direction::out)},
      {"most_in_a_second", traffic.peak()},
      {"mean_a_second", mean(outcome)},
      {"connect_attempts", outcome.connect_attempts},
      {"connects_failed", outcome.connects_failed},
      {"further_connections", outcome.further_connections},
      {"sessions", outcome.sessions},
      {"sessions_at_servers", outcome.sessions_at_servers},
      {"sessions_ended", outcome.failures},
      {"announced_s", times_json(outcome.announced, population.servers)},
      {"open_s", times_json(outcome.reopened, outcome.sessions)},
      {"fullest_instance", {{"before", outcome.fullest_before}, {"after", outcome.fullest_after}}},
      {"delivered_to_watchers", outcome.to_watchers},
      {"watcher_knows", outcome.watcher_knows},
      {"retained", outcome.retained},
      {"heap_bytes", {{"server", outcome.bytes_per_server}, {"client", outcome.bytes_per_client}}},
      {"account",
       {{"published", account.published},
        {"acknowledged", account.acknowledged},
        {"unacknowledged", account.unacknowledged},
        {"due", account.due},
        {"delivered", account.delivered},
        {"dropped", account.dropped},
        {"lost", account.lost}}}};
}

}  // namespace mcp_mqtt::simulation::scale
