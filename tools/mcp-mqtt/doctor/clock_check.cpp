#include <cmath>
#include <cstdio>
#include <ctime>
#include <sys/timex.h>

#include "mcp-mqtt/doctor/checks.hpp"
#include "mcp-mqtt/numbers.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// Where EMQX tells its time, once in a while.
constexpr const char* broker_time = "$SYS/brokers/+/datetime";
/// It tells whole seconds, and the message takes its time.
constexpr milliseconds tolerated{3'000};

/// `2025-06-18T12:00:00Z`, also with a blank or an offset such as +02:00.
std::optional<std::chrono::system_clock::time_point> parse_time(const std::string& text) {
  std::tm parts{};
  char between = 0;
  int used = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%c%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &between, &parts.tm_hour, &parts.tm_min, &parts.tm_sec,
                  &used) != 7) {
    return std::nullopt;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const std::time_t seconds = ::timegm(&parts);
  std::string rest = text.substr(static_cast<std::size_t>(used));
  rest.erase(0, rest.find_first_of("+-Z"));
  int hours = 0;
  int minutes = 0;
  // Without an offset it may be any local time.
  if (rest.empty()) return std::nullopt;
  if (rest.front() != 'Z' && std::sscanf(rest.c_str() + 1, "%2d:%2d", &hours, &minutes) != 2) {
    return std::nullopt;
  }
  const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return std::chrono::system_clock::from_time_t(seconds) - (rest.front() == '-' ? -offset : offset);
}

std::string seconds_text(milliseconds time) {
  char text[40];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(std::abs(time.count())) / 1'000);
  return text;
}

}  // namespace

ClockWatch::ClockWatch()
    : wall_(std::chrono::system_clock::now()), steady_(std::chrono::steady_clock::now()) {}

void ClockWatch::ask_broker(Site& site) { (void)site.main().subscribe(broker_time); }

void ClockWatch::hear_broker(Site& site) {
  const auto told = site.main().wait_for(
      [](const mqtt::Message& message) {
        // A kept one is of the past.
        return !message.retain && message.topic.starts_with("$SYS/brokers/") &&
               message.topic.ends_with("/datetime");
      },
      milliseconds(0));
  if (!told) return;
  if (const auto time = parse_time(told->payload)) {
    broker_ahead_ =
        std::chrono::duration_cast<milliseconds>(*time - std::chrono::system_clock::now());
  }
}

ClockSeen ClockWatch::seen() const {
  ClockSeen seen;
  seen.local = std::chrono::system_clock::now();
  const auto by_steady = std::chrono::steady_clock::now() - steady_;
  seen.jumped = std::chrono::duration_cast<milliseconds>((seen.local - wall_) - by_steady);
  seen.broker_ahead = broker_ahead_;
  timex kernel{};
  const int state = ::adjtimex(&kernel);
  if (state >= 0) {
    seen.synchronized = state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
    seen.error_bound = std::chrono::microseconds(kernel.maxerror);
  }
  return seen;
}

Finding clock_finding(const ClockSeen& seen) {
  const char* const check = "clock";
  const char* const keep_it = "let an NTP client keep it, such as systemd-timesyncd or chrony";
  Json data = Json::object();
  if (seen.broker_ahead) data["broker_ahead_ms"] = seen.broker_ahead->count();
  if (seen.synchronized) data["synchronized"] = *seen.synchronized;
  // Nobody built this program before.
  constexpr std::time_t beginning_of_2025 = 1'735'689'600;
  const std::time_t now = std::chrono::system_clock::to_time_t(seen.local);
  if (now < beginning_of_2025) {
    char day[20] = "";
    std::tm parts{};
    std::strftime(day, sizeof day, "%Y-%m-%d", ::gmtime_r(&now, &parts));
    return {check, Verdict::failed,
            "this machine believes in " + std::string(day) + ": TLS will find no certificate valid",
            keep_it, data};
  }
  if (std::chrono::abs(seen.jumped) > 100ms) {
    data["jumped_ms"] = seen.jumped.count();
    return {check, Verdict::warning,
            "this machine's clock jumped by " + seconds_text(seen.jumped) + " during the checks",
            keep_it, data};
  }
  if (seen.broker_ahead && std::chrono::abs(*seen.broker_ahead) > tolerated) {
    return {check, Verdict::warning,
            "the broker's clock is " + seconds_text(*seen.broker_ahead) +
                (seen.broker_ahead->count() > 0 ? " ahead of" : " behind") +
                " this machine's: log lines of both do not fit together",
            "let NTP keep both", data};
  }
  const std::string others =
      seen.broker_ahead
          ? "the broker's agrees"
          : "MQTT carries no time, so the broker's cannot be seen; MCP needs none of it";
  if (!seen.synchronized) {
    return {check, Verdict::skipped,
            "the kernel does not tell whether this one is right; " + others, "", data};
  }
  if (!*seen.synchronized) {
    return {check, Verdict::warning, "nobody keeps this machine's clock right; " + others, keep_it,
            data};
  }
  return {check, Verdict::ok,
          "this machine's is kept right, to within " + milliseconds_text(seen.error_bound) + "; " +
              others,
          "", data};
}

}  // namespace mcp_mqtt::command_line
