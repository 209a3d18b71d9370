// How many messages a broker must carry when it restarts under a large fleet: the engines of
// servers and clients on a virtual clock against a model of a broker that counts.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sys/resource.h>

#include <mcp_mqtt/log.hpp>

#include "plot.hpp"
#include "report.hpp"

namespace {

using namespace mcp_mqtt::simulation::scale;
using mcp_mqtt::Backoff;
using mcp_mqtt::Json;
using std::chrono::milliseconds;

struct Options {
  Population population;
  std::uint64_t seed = 1;
  double downtime = 0.5;
  std::size_t connects = 2'000;
  std::size_t messages = 50'000;
  std::size_t queued = 1'000;
  double initial = 30;
  double jitter = 1;
  std::vector<std::string> only;
  std::string kinds = "default backoff";
  bool growth = false;
  std::string json, svg;
};

Backoff without_jitter() {
  Backoff backoff;
  backoff.jitter = 0;
  return backoff;
}

std::vector<Scenario> scenarios(const Options& options) {
  Backoff wide;
  wide.initial = milliseconds(static_cast<int>(options.initial * 1000));
  wide.jitter = options.jitter;
  const std::vector<std::pair<std::string, Backoff>> backoffs{
      {"no jitter", without_jitter()}, {"default backoff", {}}, {"wide backoff", wide}};
  std::vector<Scenario> all;
  const auto add = [&](std::string name, const Backoff& backoff, bool bounded) {
    Scenario& scenario = all.emplace_back();
    scenario.name = std::move(name);
    scenario.population = options.population;
    scenario.backoff = backoff;
    scenario.seed = options.seed;
    scenario.downtime = std::chrono::duration_cast<mcp_mqtt::simulation::Duration>(
        std::chrono::duration<double>(options.downtime));
    if (bounded) {
      scenario.limits.connects_per_second = options.connects;
      scenario.limits.messages_per_second = options.messages;
      scenario.limits.queued_messages = options.queued;
    }
  };
  for (const bool bounded : {false, true}) {
    for (const auto& [name, backoff] : backoffs) {
      add((bounded ? "bounded: " : "unbounded: ") + name, backoff, bounded);
    }
  }
  add("bounded: default, retained kept", {}, true);
  all.back().keeps_retained = true;
  add("bounded: default, down 60 s", {}, true);
  all.back().downtime = std::chrono::seconds(60);
  if (!options.only.empty()) {
    std::erase_if(all, [&](const Scenario& scenario) {
      return std::none_of(options.only.begin(), options.only.end(),
                          [&](const std::string& part) { return scenario.name.starts_with(part); });
    });
  }
  return all;
}

/// A tenth of the population, with more and more instances of a name.
std::vector<Played> play_growth(const Options& options) {
  std::vector<Played> played;
  for (const std::size_t instances : {1U, 10U, 100U}) {
    Scenario scenario;
    scenario.population = options.population;
    scenario.population.servers = std::max<std::size_t>(options.population.servers / 10, 100);
    scenario.population.clients = options.population.clients / 10;
    scenario.population.services =
        std::max(scenario.population.servers / instances, options.population.sessions);
    scenario.population.watchers = 0;
    scenario.seed = options.seed;
    scenario.name = std::to_string(instances);
    played.push_back({scenario, play(scenario)});
  }
  return played;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write '" + path + "'");
}

int run(const Options& options) {
  mcp_mqtt::set_log_level(mcp_mqtt::LogLevel::off);
  std::vector<Played> played;
  for (const Scenario& scenario : scenarios(options)) {
    const auto begin = std::chrono::steady_clock::now();
    played.push_back({scenario, play(scenario)});
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::fprintf(stderr, "%s: %.1f s, %ld MiB at most\n", scenario.name.c_str(),
                 std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
                 usage.ru_maxrss / 1024);
  }
  const Population& population = options.population;
  std::cout << population.servers << " servers, " << population.services << " server-names, "
            << population.clients << " clients with " << population.sessions << " sessions each, "
            << population.watchers << " of everything; seed " << options.seed << "\n\n"
            << overview_table(played);
  for (const Played& one : played) {
    if (one.outcome.to_watchers == 0) continue;
    std::cout << "\n" << watcher_line(one) << "\n";
    break;
  }
  if (options.growth) std::cout << "\n" << growth_table(play_growth(options));
  Json json = Json::array();
  for (const Played& one : played) {
    if (one.scenario.name.find(options.kinds) != std::string::npos) {
      std::cout << "\nBy kind, " << one.scenario.name << ":\n\n" << kinds_table(one);
    }
    json.push_back(as_json(one));
  }
  if (!options.json.empty()) write(options.json, json.dump(1) + "\n");
  if (!options.svg.empty()) write(options.svg, plot(played));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("A broker restarts under many servers and clients: what it must carry");
  Population& population = options.population;
  app.add_option("--servers", population.servers)->capture_default_str();
  app.add_option("--services", population.services, "Server-names that they share")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--clients", population.clients)->capture_default_str();
  app.add_option("--sessions", population.sessions, "Of each client")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--watchers", population.watchers, "Clients that discover everything")
      ->capture_default_str();
  app.add_option("--seed", options.seed)->capture_default_str();
  app.add_option("--downtime", options.downtime, "Seconds until the broker is back")
      ->capture_default_str();
  app.add_option("--connects", options.connects, "That the bounded broker accepts in a second")
      ->capture_default_str();
  app.add_option("--messages", options.messages, "That the bounded broker carries in a second")
      ->capture_default_str();
  app.add_option("--queued", options.queued, "That the bounded broker queues for one client")
      ->capture_default_str();
  app.add_option("--initial", options.initial, "First delay of the wide backoff in seconds")
      ->capture_default_str();
  app.add_option("--jitter", options.jitter, "Of the wide backoff")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--only", options.only, "Scenarios whose names begin with one of these");
  app.add_option("--kinds", options.kinds, "Scenarios, by a part of their names, to show by kind")
      ->capture_default_str();
  app.add_flag("--growth", options.growth,
               "Also a tenth of them with 1, 10 and 100 instances of each server-name");
  app.add_option("--json", options.json, "Write all figures there");
  app.add_option("--svg", options.svg, "Write the plot there");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "scale_simulation: %s\n", error.what());
    return 1;
  }
}
