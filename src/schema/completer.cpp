#include <algorithm>

#include <mcp_mqtt/schema/completer.hpp>

namespace mcp_mqtt {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool begins_with(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

Completion matching(const std::vector<std::string>& candidates, std::string_view typed) {
  Completion completion;
  std::int64_t total = 0;
  for (const std::string& candidate : candidates) {
    if (!begins_with(candidate, typed)) continue;
    ++total;
    if (completion.values.size() < Completion::max_values) completion.values.push_back(candidate);
  }
  completion.total = total;
  completion.has_more = static_cast<std::size_t>(total) > completion.values.size();
  return completion;
}

}  // namespace mcp_mqtt
