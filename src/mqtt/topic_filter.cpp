#include "mqtt/topic_filter.hpp"

namespace mcp_mqtt::mqtt {
namespace {

std::string_view first_level(std::string_view text) noexcept {
  return text.substr(0, text.find('/'));
}

}  // namespace

bool has_wildcard(std::string_view filter) noexcept {
  return filter.find_first_of("+#") != std::string_view::npos;
}

bool filter_matches(std::string_view filter, std::string_view topic) noexcept {
  if (topic.starts_with('$') && has_wildcard(filter.substr(0, 1))) return false;
  while (true) {
    const std::string_view wanted = first_level(filter);
    if (wanted == "#") return true;
    const std::string_view level = first_level(topic);
    if (wanted != "+" && wanted != level) return false;

    const bool filter_ends = wanted.size() == filter.size();
    const bool topic_ends = level.size() == topic.size();
    if (filter_ends && topic_ends) return true;
    if (filter_ends) return false;
    filter.remove_prefix(wanted.size() + 1);
    // "sport/#" matches its parent "sport" as well (4.7.1.2).
    if (topic_ends) return filter == "#";
    topic.remove_prefix(level.size() + 1);
  }
}

}  // namespace mcp_mqtt::mqtt
