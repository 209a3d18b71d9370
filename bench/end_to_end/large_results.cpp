#include <malloc.h>

#include "end_to_end/site.hpp"
#include "support/samples.hpp"

namespace mcp_mqtt::bench {
namespace {

/// How much more memory than before `work` needed at its peak, here and in `other`, in bytes.
struct Growth {
  double here = 0;
  double there = 0;
};

Growth peak_of(pid_t other, const std::function<void()>& work) {
  const pid_t self = ::getpid();
  // What earlier cases left with malloc would hide what is needed now.
  ::malloc_trim(0);
  Usage::reset_peak(self);
  Usage::reset_peak(other);
  const double here = static_cast<double>(Usage::resident_bytes(self));
  const double there = static_cast<double>(Usage::resident_bytes(other));
  work();
  return {static_cast<double>(Usage::peak_resident_bytes(self)) - here,
          static_cast<double>(Usage::peak_resident_bytes(other)) - there};
}

}  // namespace

void measure_large_results(const Site& site, const Way& way, std::size_t bytes) {
  const std::string raw_name = site.fresh_name("raw");
  const std::string name = site.fresh_name("server");
  auto raw_end = site.start_raw(way, raw_name, bytes);
  auto server = site.start_server(way, name, false, bytes);
  raw_end.read_line();
  server.read_line();
  const auto client = site.connect(way);
  const auto session = client->open(name);
  RawEcho echo(site, way, raw_name, call_payload(""));
  const auto call = [&] {
    if (session.call_tool("large").content.empty()) throw std::runtime_error("no result");
  };
  // First of all: memory that was once needed is often kept.
  const Growth growth = peak_of(server.pid(), call);
  Samples raw;
  Samples ours;
  echo.round();
  for (int i = 0; i < site.rounds(bytes > (4U << 20) ? 20 : 300); ++i) {
    raw.add(microseconds([&] { echo.round(); }));
    ours.add(microseconds(call));
  }
  const std::string size = std::to_string(bytes >> 20) + " MiB result";
  const double payload = static_cast<double>(bytes);
  site.report.add({size + ", median", way.name(), "µs", raw.median(), ours.median(), at_most(1.5)});
  site.report.add({size + ", peak memory of the server", way.name(), "payloads", std::nullopt,
                   growth.there / payload, at_most(4)});
  site.report.add({size + ", peak memory of the client", way.name(), "payloads", std::nullopt,
                   growth.here / payload, at_most(4)});
}

}  // namespace mcp_mqtt::bench
