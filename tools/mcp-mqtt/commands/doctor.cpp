#include <string>
#include <vector>

#include "mcp-mqtt/commands/commands.hpp"
#include "mcp-mqtt/doctor/checks.hpp"
#include "mcp-mqtt/numbers.hpp"
#include "mcp-mqtt/topic_words.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

struct DoctorOptions {
  std::string as = "both";
  std::string name;
  std::optional<std::string> peer_username;
  std::optional<std::string> peer_password_file;
  std::string peer_client_id;
  int count = 200;
  int burst = 1'200;
  bool quick = false;
};

Examination::As side_of(const std::string& word) {
  if (word == "both") return Examination::As::both;
  if (word == "server") return Examination::As::server;
  if (word == "client") return Examination::As::client;
  throw Failure(ExitCode::usage, "there is no --as '" + word + "': server, client or both");
}

Examination examination_of(const DoctorOptions& options, const Settings& settings,
                           const std::string& peer_password) {
  Examination examination;
  examination.as = side_of(options.as);
  if (!options.name.empty()) check_server_name("--name", options.name);
  examination.server_name = options.name;
  const bool peer = options.peer_username.has_value();
  if (peer && examination.as == Examination::As::both) {
    throw Failure(ExitCode::usage,
                  "--peer-username is the other side's: say which one yours is, --as server or "
                  "--as client");
  }
  if (!peer && (options.peer_password_file || !options.peer_client_id.empty())) {
    throw Failure(ExitCode::usage, "what is told of the other side needs its --peer-username");
  }
  examination.peer_username = options.peer_username;
  examination.peer_password = peer_password;
  if (!options.peer_client_id.empty()) check_id("--peer-client-id", options.peer_client_id);
  examination.peer_client_id = options.peer_client_id;
  examination.client_id = settings.client_id;
  if (options.count < 1 || options.count > 100'000) {
    throw Failure(ExitCode::usage, "--count takes a number from 1 to 100000");
  }
  if (options.burst < 0 || options.burst > 100'000) {
    throw Failure(ExitCode::usage, "--burst takes a number from 0 to 100000");
  }
  examination.round_trips = options.count;
  examination.burst = options.burst;
  return examination;
}

Route route_to(const Settings& settings, const Program& program) {
  Route route;
  route.broker = mqtt::parse_broker_url(settings.broker).value();
  const ConnectionOptions& connection = settings.connection;
  if (!connection.username.empty()) route.broker.username = connection.username;
  if (!connection.password.empty()) route.broker.password = connection.password;
  route.tls = connection.tls;
  route.make_transport = [kind = connection.transport](const mqtt::BrokerUrl& broker) {
    return mqtt::make_transport(kind, broker);
  };
  if (program.timeout) {
    route.connect_timeout = *program.timeout;
    route.patience = *program.timeout;
  }
  route.stop = program.interruption.token();
  return route;
}

void examine(Site& site, bool quick) {
  ClockWatch clocks;
  check_connection(site);
  clocks.ask_broker(site);
  check_topics(site);
  check_messages(site);
  check_round_trips(site);
  clocks.hear_broker(site);
  if (!quick) {
    check_stall(site);
    check_burst(site);
  }
  check_will(site);
  site.add(clock_finding(clocks.seen()));
}

std::string shown(const Finding& finding) {
  return finding.advice.empty() ? finding.seen : finding.seen + " -> " + finding.advice;
}

/// A line for a script as soon as it is known; the rest at the end.
void show_line(Output& out, const Finding& finding) {
  Table line({"CHECK", "RESULT", "SEEN", "ADVICE"});
  line.add({finding.check, std::string(to_string(finding.verdict)), finding.seen, finding.advice});
  out.write(line.plain());
}

void show_all(Output& out, const Report& report, const std::string& broker) {
  if (out.format() == Format::plain) return;
  if (out.format() == Format::table) {
    Table table({"CHECK", "RESULT", "SEEN -> WHAT TO DO"});
    for (const Finding& finding : report.findings()) {
      table.add({finding.check, std::string(to_string(finding.verdict)), shown(finding)});
    }
    return out.table(table);
  }
  Json checks = Json::array();
  for (const Finding& finding : report.findings()) {
    checks.push_back(
        {{"check", finding.check}, {"result", to_string(finding.verdict)}, {"seen", finding.seen}});
    if (!finding.advice.empty()) checks.back()["advice"] = finding.advice;
    if (!finding.data.is_null()) checks.back()["data"] = finding.data;
  }
  out.json({{"broker", broker},
            {"checks", std::move(checks)},
            {"failed", report.count(Verdict::failed)},
            {"warnings", report.count(Verdict::warning)}});
}

ExitCode doctor(Program& program, const DoctorOptions& options) {
  const Settings settings = make_settings(program.connection, program.environment);
  std::vector<std::string> warnings = settings.warnings;
  const std::string peer_password =
      options.peer_password_file ? read_password(*options.peer_password_file, warnings) : "";
  const Examination examination = examination_of(options, settings, peer_password);
  for (const std::string& warning : warnings) program.out.note("mcp-mqtt: warning: " + warning);
  const Route route = route_to(settings, program);
  Output& out = program.out;
  Report report([&](const Finding& finding) {
    if (out.format() == Format::plain) show_line(out, finding);
  });
  {
    Site site(examination, route, report,
              [&](const std::string& what) { out.status("looking at: " + what); });
    out.status("connecting to " + settings.broker_name);
    if (const auto opened = site.open(); !opened) {
      throw Failure(ExitCode::broker, connect_failure(route, opened.error()) +
                                          " (--broker or MCP_MQTT_BROKER names another broker)");
    }
    try {
      examine(site, options.quick);
    } catch (const Failure&) {
      // What was seen until then is worth showing. The site cleans up.
      out.end_status();
      show_all(out, report, settings.broker_name);
      throw;
    }
    out.status("cleaning up");
  }
  out.end_status();
  show_all(out, report, settings.broker_name);
  return report.count(Verdict::failed) == 0 ? ExitCode::ok : ExitCode::check_failed;
}

}  // namespace

void add_doctor(Commands& commands) {
  CLI::App& command = commands.add("doctor", "Look at what the broker allows and how fast it is",
                                   "mcp-mqtt --broker mqtts://broker.example doctor --as client");
  auto options = std::make_shared<DoctorOptions>();
  command
      .add_option("--as", options->as,
                  "What your user is to be at the broker: server, client or both")
      ->capture_default_str()
      ->type_name("SIDE");
  command
      .add_option("--name", options->name,
                  "The server-name for the topics, where the user may use one only (else one that "
                  "nobody has)")
      ->type_name("NAME");
  command
      .add_option("--peer-username", options->peer_username,
                  "Another user for the other side, which proves what one user alone cannot")
      ->type_name("USER");
  command
      .add_option("--peer-password-file", options->peer_password_file,
                  "File whose first line is that user's password")
      ->type_name("FILE");
  command
      .add_option("--peer-client-id", options->peer_client_id, "That user's client id (else any)")
      ->type_name("ID");
  command.add_option("--count", options->count, "How many round trips to measure")
      ->capture_default_str()
      ->type_name("N");
  command
      .add_option("--burst", options->burst,
                  "How many retained messages to ask for at once; 0: none")
      ->capture_default_str()
      ->type_name("N");
  command.add_flag("--quick", options->quick,
                   "Leave out what takes seconds: the stall and the burst");
  commands.on_run(command, [options](Program& program) { return doctor(program, *options); });
}

}  // namespace mcp_mqtt::command_line
