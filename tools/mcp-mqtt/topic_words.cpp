#include "mcp-mqtt/topic_words.hpp"

#include <algorithm>

#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/safe_text.hpp"

namespace mcp_mqtt::command_line {
namespace {

/// What fits into the longest topic, with room for two ids beside it.
constexpr std::size_t most_bytes = 60'000;
constexpr std::size_t most_levels = 190;

[[noreturn]] void refuse_word(const std::string& what, const std::string& text,
                              const std::string& fault) {
  throw Failure(ExitCode::usage, what + " '" + cut(safe_line(text), 60) + "' " + fault);
}

void check_topic_text(const std::string& what, const std::string& text) {
  if (text.empty()) throw Failure(ExitCode::usage, what + " is empty");
  if (text.size() > most_bytes) refuse_word(what, text, "is too long for a topic");
  // Control characters, and what is no UTF-8, would be lost on the way through it.
  if (safe_text(text) != text || text.find_first_of("\t\n") != std::string::npos) {
    refuse_word(what, text, "holds a control character, or is not UTF-8");
  }
}

std::string_view first_level(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view level = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return level;
}

void check_levels(const std::string& what, const std::string& text) {
  if (text.front() == '/' || text.back() == '/' || text.find("//") != std::string::npos) {
    refuse_word(what, text, "has an empty level: '/' stands between two others only");
  }
  if (std::count(text.begin(), text.end(), '/') >= static_cast<std::ptrdiff_t>(most_levels)) {
    refuse_word(what, text, "has too many levels for a topic");
  }
}

}  // namespace

void check_server_name(const std::string& what, const std::string& name) {
  check_topic_text(what, name);
  if (has_wildcard(name))
    refuse_word(what, name, "holds a wildcard: a server's name has no + or #");
  check_levels(what, name);
}

void check_name_filter(const std::string& what, const std::string& filter) {
  check_topic_text(what, filter);
  check_levels(what, filter);
  for (std::string_view rest = filter; !rest.empty();) {
    const std::string_view level = first_level(rest);
    if (has_wildcard(level) && level.size() > 1) {
      refuse_word(what, filter, "is no filter: + and # are whole levels, as in desk/+ and desk/#");
    }
    if (level == "#" && !rest.empty())
      refuse_word(what, filter, "is no filter: # is the last level");
  }
}

void check_id(const std::string& what, const std::string& id) {
  check_topic_text(what, id);
  if (id.find_first_of("/+#") != std::string::npos) {
    refuse_word(what, id, "holds one of / + #: it is one level of a topic");
  }
  if (id == "presence" || id == "capability") {
    refuse_word(what, id, "is a word of the topics themselves: choose another one");
  }
}

bool has_wildcard(std::string_view filter) {
  return filter.find_first_of("+#") != std::string_view::npos;
}

bool filter_covers(std::string_view filter, std::string_view topic) {
  while (!filter.empty()) {
    const std::string_view wanted = first_level(filter);
    if (wanted == "#") return true;
    if (topic.empty()) return false;
    const std::string_view level = first_level(topic);
    if (wanted != "+" && wanted != level) return false;
    // `a/#` covers `a` itself.
    if (topic.empty() && filter == "#") return true;
  }
  return topic.empty();
}

}  // namespace mcp_mqtt::command_line
