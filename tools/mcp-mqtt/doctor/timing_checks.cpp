#include <algorithm>
#include <system_error>

#include "mcp-mqtt/doctor/checks.hpp"
#include "mcp-mqtt/doctor/plain_route.hpp"
#include "mcp-mqtt/numbers.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

/// A delayed acknowledgement comes after 40 ms.
constexpr microseconds stall_begins{25'000};
/// Beside what this takes, nobody waits for a measurement.
constexpr std::chrono::seconds longest_measurement{5};
/// The first packets of a connection are acknowledged at once.
constexpr int stall_rounds = 12;

/// Round trips one after the other: a request and its answer between two connections; or, with one,
/// a message that comes back.
class RoundTrips {
 public:
  explicit RoundTrips(Site& site)
      : site_(site), topic_(site.is_pair() ? site.rpc_topic() : site.own_topic("ping")) {}

  bool prepare() {
    if (!site_.is_pair()) return site_.main().subscribe(topic_).has_value();
    return site_.server()->subscribe(topic_, true) && site_.client()->subscribe(topic_, true);
  }

  /// As many as asked for, as far as they arrive in time.
  std::vector<microseconds> measure(int count, mqtt::Qos qos) {
    std::vector<microseconds> times;
    const auto end = std::chrono::steady_clock::now() + longest_measurement;
    while (static_cast<int>(times.size()) < count && std::chrono::steady_clock::now() < end) {
      const auto time = once(qos);
      if (!time) break;
      times.push_back(*time);
    }
    return times;
  }

 private:
  std::optional<microseconds> once(mqtt::Qos qos) {
    const std::string number = std::to_string(++number_);
    const auto begin = std::chrono::steady_clock::now();
    bool came = false;
    if (site_.is_pair()) {
      site_.client()->send({.topic = topic_, .payload = "ping " + number, .qos = qos});
      if (site_.server()->wait_for(on_topic(topic_, "ping " + number))) {
        site_.server()->send({.topic = topic_, .payload = "pong " + number, .qos = qos});
        came = site_.client()->wait_for(on_topic(topic_, "pong " + number)).has_value();
      }
    } else {
      site_.main().send({.topic = topic_, .payload = number, .qos = qos});
      came = site_.main().wait_for(on_topic(topic_, number)).has_value();
    }
    if (!came) return std::nullopt;
    return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begin);
  }

  Site& site_;
  const std::string topic_;
  int number_ = 0;
};

std::string both_ways(Site& site) {
  return site.is_pair() ? " requests with their answers" : " messages there and back";
}

void tell_of_round_trip(Site& site, const std::string& check, std::vector<microseconds> times) {
  const int wanted = site.examination().round_trips;
  if (times.empty()) {
    site.add({check, Verdict::failed,
              "no message came back within " +
                  number_text(static_cast<double>(site.main().route().patience.count()) / 1'000) +
                  " s"});
    return;
  }
  std::sort(times.begin(), times.end());
  const microseconds median = quantile(times, 0.5);
  const microseconds p99 = quantile(times, 0.99);
  Finding finding{
      check,
      Verdict::ok,
      "median " + milliseconds_text(median) + ", p99 " + milliseconds_text(p99) + ": " +
          std::to_string(times.size()) + both_ways(site),
      "",
      {{"count", times.size()}, {"median_us", median.count()}, {"p99_us", p99.count()}}};
  const bool cut = times.back() < site.main().route().patience &&
                   static_cast<int>(times.size()) < wanted && times.size() * median < 4s;
  if (cut) {
    finding.verdict = Verdict::warning;
    finding.advice = "some did not come at all: look at the broker's log";
  }
  site.add(std::move(finding));
}

/// The median over a route of plain sockets; nothing where it does not work.
std::optional<microseconds> median_of_plain(Site& site, bool no_delay) {
  const mqtt::BrokerUrl direct = site.main().route().broker;
  const PlainRoute route(direct.host, direct.port, no_delay);
  const auto go = [&](Probe& probe, const std::string& host, std::uint16_t port) {
    mqtt::BrokerUrl url = probe.route().broker;
    url.host = host;
    url.port = port;
    const Opening opening{.role = probe.role(), .id = probe.id()};
    probe.leave();
    probe.go_by(url);
    return probe.connect(opening).has_value();
  };
  std::vector<microseconds> times;
  if (go(*site.server(), "127.0.0.1", route.port()) &&
      go(*site.client(), "127.0.0.1", route.port())) {
    RoundTrips trips(site);
    if (trips.prepare()) times = trips.measure(stall_rounds, mqtt::Qos::at_least_once);
  }
  const bool back = go(*site.server(), direct.host, direct.port) &&
                    go(*site.client(), direct.host, direct.port) &&
                    (!site.has_own_topics() || site.main().subscribe(site.own_topic("fence")));
  if (!back || times.size() < stall_rounds / 2) return std::nullopt;
  // What comes before the kernel starts to delay says nothing.
  times.erase(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
  std::sort(times.begin(), times.end());
  return quantile(times, 0.5);
}

}  // namespace

void check_round_trips(Site& site) {
  const bool possible = site.is_pair() ? site.rpc_works : site.has_own_topics();
  RoundTrips trips(site);
  const bool prepared = possible && site.main().connected() && trips.prepare();
  for (const auto& [check, qos] : {std::pair("round trip QoS 0", mqtt::Qos::at_most_once),
                                   std::pair("round trip QoS 1", mqtt::Qos::at_least_once)}) {
    if (!prepared) {
      site.add({check, Verdict::skipped, "there is no topic that takes a message there and back"});
      continue;
    }
    if (qos > site.main().info().maximum_qos) {
      site.add({check, Verdict::skipped, "the broker takes QoS 0 only"});
      continue;
    }
    site.now_checking(check);
    std::vector<microseconds> times = trips.measure(site.examination().round_trips, qos);
    if (qos == mqtt::Qos::at_least_once && !times.empty()) {
      std::vector<microseconds> sorted = times;
      std::sort(sorted.begin(), sorted.end());
      site.round_trip = quantile(sorted, 0.5);
    }
    tell_of_round_trip(site, check, std::move(times));
  }
}

Finding stall_finding(microseconds treated, microseconds broker_side, microseconds untreated) {
  const char* const check = "Nagle, delayed ACK";
  const Json data{{"median_us", treated.count()},
                  {"broker_side_us", broker_side.count()},
                  {"untreated_us", untreated.count()}};
  const std::string ours = "calls of this library take " + milliseconds_text(treated);
  if (broker_side > treated + stall_begins) {
    return {check, Verdict::warning,
            ours + "; a program that does not acknowledge at once waits " +
                milliseconds_text(broker_side) + ", and " + milliseconds_text(untreated) +
                " if it leaves Nagle on, too: the broker holds small packets back",
            "set_tcp_nodelay true in mosquitto.conf, for programs of other libraries", data};
  }
  if (untreated > treated + stall_begins) {
    return {check, Verdict::ok,
            ours + ", and the broker holds nothing back; a program that leaves Nagle on waits " +
                milliseconds_text(untreated),
            "programs of other libraries: set TCP_NODELAY in them", data};
  }
  return {check, Verdict::ok,
          "no stall: " + ours + ", and " + milliseconds_text(untreated) +
              " over sockets that do nothing about it",
          "", data};
}

void check_stall(Site& site) {
  const char* const check = "Nagle, delayed ACK";
  if (site.main().route().broker.scheme != mqtt::BrokerUrl::Scheme::mqtt) {
    return site.add({check, Verdict::skipped, "it can be measured over mqtt:// only"});
  }
  if (!site.is_pair() || !site.rpc_works || !site.round_trip) {
    return site.add({check, Verdict::skipped,
                     "it takes two connections that talk on an RPC topic at QoS 1",
                     site.is_pair() ? "" : "--peer-username names a user for the other side"});
  }
  site.now_checking(check);
  try {
    const auto broker_side = median_of_plain(site, true);
    const auto untreated = broker_side ? median_of_plain(site, false) : std::nullopt;
    if (untreated) return site.add(stall_finding(*site.round_trip, *broker_side, *untreated));
    site.add({check, Verdict::skipped, "the way over plain sockets did not work"});
  } catch (const std::system_error& error) {
    site.add({check, Verdict::skipped, error.what()});
  }
}

}  // namespace mcp_mqtt::command_line
