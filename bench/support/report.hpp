#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::bench {

/// What a figure may be, and still be as wanted.
struct Target {
  enum class Kind { at_most, at_least } kind = Kind::at_most;
  double value = 0;

  bool met(double figure) const {
    return kind == Kind::at_most ? figure <= value : figure >= value;
  }
};

inline Target at_most(double value) { return {Target::Kind::at_most, value}; }
inline Target at_least(double value) { return {Target::Kind::at_least, value}; }

/// One line of the table.
struct Row {
  std::string what;     ///< `sequential tools/call, median`
  std::string variant;  ///< `libmosquitto, QoS 1`
  std::string unit;
  /// The same without the library; nullopt where the figure stands for itself.
  std::optional<double> raw;
  double measured = 0;
  /// Of the ratio where there is something raw, otherwise of the figure.
  std::optional<Target> target;

  double figure() const { return raw ? measured / *raw : measured; }
};

/// All that was measured in one run. Lines are printed as they come.
class Report {
 public:
  /// `machine`: what it was measured on, an object.
  Report(Json machine, bool print) : machine_(std::move(machine)), print_(print) {}

  void add(Row row);
  /// Markdown.
  std::string table() const;
  Json json() const;

 private:
  Json machine_;
  bool print_;
  std::vector<Row> rows_;
};

/// Processor, system, date, and the versions of what takes part.
Json describe_machine(const std::string& broker);

}  // namespace mcp_mqtt::bench
