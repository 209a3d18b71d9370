#include <algorithm>
#include <set>
#include <stdexcept>

#include <mcp_mqtt/schema/encode.hpp>
#include <mcp_mqtt/schema/enum_names.hpp>

#include "schema/text.hpp"

namespace mcp_mqtt::schema {

std::string enum_name(const EnumNames& names, std::int64_t value) {
  const auto entry = std::find_if(names.begin(), names.end(),
                                  [&](const auto& each) { return each.second == value; });
  return entry != names.end() ? entry->first : std::to_string(value);
}

std::int64_t enum_value(const EnumNames& names, std::string_view name) {
  const auto entry = std::find_if(names.begin(), names.end(),
                                  [&](const auto& each) { return each.first == name; });
  if (entry == names.end()) throw std::out_of_range("the enum has no value of that name");
  return entry->second;
}

std::vector<std::string> enum_choices(const EnumNames& names) {
  if (names.empty()) throw std::invalid_argument("an enum is described without any value");
  std::set<std::string_view> seen;
  std::vector<std::string> choices;
  for (const auto& [name, value] : names) {
    if (name.empty()) throw std::invalid_argument("the name of an enum value is empty");
    if (!seen.insert(name).second)
      throw std::invalid_argument("two enum values are named '" + name + "'");
    if (valid_utf8(name) != name)
      throw std::invalid_argument("'" + shown(name) + "' is not valid UTF-8");
    choices.push_back(name);
  }
  return choices;
}

}  // namespace mcp_mqtt::schema
