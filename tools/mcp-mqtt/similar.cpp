#include "mcp-mqtt/similar.hpp"

#include <algorithm>
#include <numeric>

namespace mcp_mqtt::command_line {
namespace {

/// How many letters must be added, dropped or changed.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::string closest(const std::string& wanted, const std::vector<std::string>& names) {
  // Names come from strangers, and the comparison takes the product of the lengths.
  constexpr std::size_t longest = 200;
  if (wanted.size() > longest) return {};
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(wanted.size() / 3, 1) + 1;
  for (const std::string& name : names) {
    if (name.size() > longest) continue;
    const std::size_t d = distance(wanted, name);
    if (d < best_distance) {
      best = name;
      best_distance = d;
    }
  }
  return best;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 8;
  std::string out;
  for (std::size_t at = 0; at < std::min(names.size(), most); ++at) {
    if (at > 0) out += ", ";
    out += names[at];
  }
  if (names.size() > most) out += " and " + std::to_string(names.size() - most) + " more";
  return out;
}

std::string instead_of(const std::string& wanted, const std::vector<std::string>& names) {
  if (names.empty()) return "there are none";
  if (names.size() == 1) return "there is only '" + names.front() + "'";
  const std::string near = closest(wanted, names);
  return near.empty() ? "there are " + listed(names) : "did you mean '" + near + "'?";
}

}  // namespace mcp_mqtt::command_line
