#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "golden/record.hpp"

namespace mcp_mqtt::golden {
namespace {

using Ordered = nlohmann::ordered_json;  // the members as they came over the wire

constexpr std::size_t width = 100;

/// A time of day, wherever it stands.
const std::set<std::string> times{"createdAt", "lastUpdatedAt"};

/// What a run makes up by chance, and what stands for it.
class Placeholders {
 public:
  void collect(const Ordered& json) {
    if (json.is_array()) {
      for (const auto& each : json) collect(each);
    } else if (json.is_object()) {
      for (const auto& [key, value] : json.items()) {
        if (value.is_string() && key == "taskId") note(value.get<std::string>());
        collect(value);
      }
    }
  }
  std::string apply(std::string text) const {
    for (const auto& [value, placeholder] : names_) {
      for (auto at = text.find(value); at != std::string::npos;
           at = text.find(value, at + placeholder.size())) {
        text.replace(at, value.size(), placeholder);
      }
    }
    return text;
  }

 private:
  void note(const std::string& task) {
    if (task.size() < 8) return;  // a scenario's own
    names_.try_emplace(task, "<task-" + std::to_string(names_.size() + 1) + ">");
  }
  std::map<std::string, std::string> names_;
};

bool is_time(const std::string& key, const Ordered& value) {
  return value.is_string() && times.contains(key);
}

std::string on_one_line(const Ordered& json) {
  std::string text;
  if (json.is_array()) {
    for (const auto& each : json) text += (text.empty() ? "" : ", ") + on_one_line(each);
    return "[" + text + "]";
  }
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      text += (text.empty() ? "" : ", ") + Ordered(key).dump() + ": ";
      text += is_time(key, value) ? "\"<time>\"" : on_one_line(value);
    }
    return "{" + text + "}";
  }
  return json.dump();
}

/// `column`: where the value begins; `indent`: that of the line it begins on.
void print(const Ordered& json, std::size_t indent, std::size_t column, std::string& out) {
  const std::string line = on_one_line(json);
  if (column + line.size() < width || !json.is_structured() || json.empty()) {
    out += line;
    return;
  }
  const std::string space(indent + 2, ' ');
  std::string separator = "\n";
  out += json.is_array() ? '[' : '{';
  for (const auto& [key, value] : json.items()) {
    out += separator + space;
    std::size_t begin = space.size();
    if (json.is_object()) {
      const std::string name = Ordered(key).dump() + ": ";
      out += name;
      begin += name.size();
    }
    if (json.is_object() && is_time(key, value)) {
      out += "\"<time>\"";
    } else {
      print(value, indent + 2, begin, out);
    }
    separator = ",\n";
  }
  out += '\n' + std::string(indent, ' ') + (json.is_array() ? ']' : '}');
}

std::string payload_lines(const std::string& payload) {
  if (payload.empty()) return "  (empty)\n";
  const auto json = Ordered::parse(payload, nullptr, false);
  if (json.is_discarded()) return "  (no JSON) " + payload + '\n';
  std::string out = "  ";
  print(json, 2, 2, out);
  return out + '\n';
}

}  // namespace

std::string render(const std::vector<Record::Entry>& entries) {
  using Kind = Record::Entry::Kind;
  std::string out;
  Placeholders placeholders;
  Kind last = Kind::comment;
  for (const auto& entry : entries) {
    if (entry.kind == Kind::comment) {
      out += (last == Kind::comment ? "# " : "\n# ") + entry.text + '\n';
    } else {
      const auto& message = entry.message;
      placeholders.collect(Ordered::parse(message.payload, nullptr, false));
      out += "\n" + entry.who + (entry.kind == Kind::will ? ", will" : "") + " → " + message.topic +
             (message.retain ? " (retained)" : "") + '\n' + payload_lines(message.payload);
    }
    last = entry.kind;
  }
  return placeholders.apply(std::move(out));
}

}  // namespace mcp_mqtt::golden
