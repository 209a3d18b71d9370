#include <algorithm>
#include <string>
#include <vector>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/connection.hpp"
#include "mcp-mqtt/numbers.hpp"

namespace mcp_mqtt::command_line {
namespace {

struct PingOptions {
  std::string server;
  int count = 10;
};

void show(Output& out, std::vector<std::chrono::microseconds> times) {
  std::sort(times.begin(), times.end());
  const auto median = quantile(times, 0.5);
  const auto p99 = quantile(times, 0.99);
  if (out.format() == Format::json) {
    return out.json({{"count", times.size()},
                     {"min_us", times.front().count()},
                     {"median_us", median.count()},
                     {"p99_us", p99.count()},
                     {"max_us", times.back().count()}});
  }
  Table table({"PINGS", "MIN", "MEDIAN", "P99", "MAX"});
  table.add({std::to_string(times.size()), milliseconds_text(times.front()),
             milliseconds_text(median), milliseconds_text(p99), milliseconds_text(times.back())});
  out.table(table);
}

ExitCode ping(Program& program, const PingOptions& options) {
  if (options.count < 1 || options.count > 1'000'000) {
    throw Failure(ExitCode::usage, "--count takes a number from 1 to 1000000");
  }
  Connection connection(program);
  const ClientSession session = connection.open(options.server);
  std::vector<std::chrono::microseconds> times;
  try {
    while (times.size() < static_cast<std::size_t>(options.count)) {
      times.push_back(session.ping(program.call_options()));
    }
  } catch (const McpError&) {
    // What was measured until then is worth showing.
    if (!times.empty()) show(program.out, std::move(times));
    throw;
  }
  show(program.out, std::move(times));
  return ExitCode::ok;
}

}  // namespace

void add_ping(Commands& commands) {
  CLI::App& command =
      commands.add("ping", "Measure the round trip to a server, one ping after the other",
                   "mcp-mqtt ping desk/companion --count 100");
  auto options = std::make_shared<PingOptions>();
  add_server_name(command, options->server);
  command.add_option("--count", options->count, "How many pings")
      ->capture_default_str()
      ->type_name("N");
  commands.on_run(command, [options](Program& program) { return ping(program, *options); });
}

}  // namespace mcp_mqtt::command_line
