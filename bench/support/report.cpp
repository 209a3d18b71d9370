#include "support/report.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <memory>
#include <sys/utsname.h>
#include <thread>

#include <mcp_mqtt/version.hpp>

namespace mcp_mqtt::bench {
namespace {

std::string number(double value) {
  std::array<char, 64> text{};
  const int digits = std::fabs(value) >= 100 ? 0 : std::fabs(value) >= 10 ? 1 : 2;
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string describe(const Target& target) {
  return (target.kind == Target::Kind::at_most ? "≤ " : "≥ ") + number(target.value);
}

std::string line_of(const Row& row) {
  return "| " + row.what + " | " + row.variant + " | " +
         (row.raw ? number(*row.raw) + " " + row.unit : "") + " | " + number(row.measured) + " " +
         row.unit + " | " + (row.raw ? number(row.figure()) : "") + " | " +
         (row.target ? describe(*row.target) : "") + " | " +
         (row.target ? (row.target->met(row.figure()) ? "yes" : "**no**") : "") + " |\n";
}

constexpr const char* heading =
    "| | | raw | measured | ratio | target | met |\n|---|---|---|---|---|---|---|\n";

std::string first_line_of(const char* command) {
  struct Close {
    void operator()(FILE* pipe) const { ::pclose(pipe); }
  };
  const std::unique_ptr<FILE, Close> pipe(::popen(command, "r"));
  std::array<char, 256> text{};
  if (!pipe || std::fgets(text.data(), text.size(), pipe.get()) == nullptr) return "";
  std::string line = text.data();
  while (!line.empty() && line.back() == '\n') line.pop_back();
  return line;
}

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

/// As the package manager has it; empty elsewhere than on Debian and its kin.
std::string package_version(const std::string& package) {
  return first_line_of(("dpkg-query -W -f '${Version}' " + package + " 2>/dev/null").c_str());
}

}  // namespace

void Report::add(Row row) {
  if (print_) {
    if (rows_.empty()) std::fputs(heading, stdout);
    std::fputs(line_of(row).c_str(), stdout);
    std::fflush(stdout);
  }
  rows_.push_back(std::move(row));
}

std::string Report::table() const {
  std::string table = heading;
  for (const Row& row : rows_) table += line_of(row);
  return table;
}

Json Report::json() const {
  Json rows = Json::array();
  for (const Row& row : rows_) {
    Json entry = {{"what", row.what},
                  {"variant", row.variant},
                  {"unit", row.unit},
                  {"measured", row.measured}};
    if (row.raw) {
      entry["raw"] = *row.raw;
      entry["ratio"] = row.figure();
    }
    if (row.target) {
      entry["target"] = {
          {"kind", row.target->kind == Target::Kind::at_most ? "at_most" : "at_least"},
          {"value", row.target->value}};
      entry["met"] = row.target->met(row.figure());
    }
    rows.push_back(std::move(entry));
  }
  return {{"machine", machine_}, {"rows", std::move(rows)}};
}

Json describe_machine(const std::string& broker) {
  utsname system{};
  ::uname(&system);
  std::array<char, 32> date{};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {{"date", date.data()},
          {"processor", processor()},
          {"cores", std::thread::hardware_concurrency()},
          {"system", std::string(system.sysname) + " " + system.release},
          {"mcp_mqtt", MCP_MQTT_VERSION},
          {"compiler", std::string("gcc ") + __VERSION__},
          {"broker", broker},
          {"mosquitto", package_version("mosquitto")},
          {"libmosquitto", package_version("libmosquitto1")},
          {"paho.mqtt.c", package_version("libpaho-mqtt1.3")},
          {"nlohmann_json", package_version("nlohmann-json3-dev")}};
}

}  // namespace mcp_mqtt::bench
