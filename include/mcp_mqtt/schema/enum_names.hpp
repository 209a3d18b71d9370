#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp_mqtt::schema {

/// The names of an enum's values, as declared.
using EnumNames = std::vector<std::pair<std::string, std::int64_t>>;

/// The first name of `value`, or its number as a text where it has no name.
std::string enum_name(const EnumNames& names, std::int64_t value);
/// Throws std::out_of_range for a name that is not there; checked arguments only hold known ones.
std::int64_t enum_value(const EnumNames& names, std::string_view name);
/// The names alone. Throws std::invalid_argument where there is none, or one is empty or twice
/// there.
std::vector<std::string> enum_choices(const EnumNames& names);

}  // namespace mcp_mqtt::schema
