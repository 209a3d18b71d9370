#include "protocol/json_reader.hpp"

#include <cmath>
#include <limits>

namespace mcp_mqtt::protocol {

std::optional<std::int64_t> find_integer(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_unsigned()) {
    const auto number = value->get<std::uint64_t>();
    if (number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value->is_number_integer()) return value->get<std::int64_t>();
  if (!value->is_number_float()) return std::nullopt;
  const auto number = value->get<double>();
  // 2^63 is the first double that does not fit; -2^63 does.
  constexpr double limit = 9'223'372'036'854'775'808.0;
  if (!(number >= -limit && number < limit) || number != std::trunc(number)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<std::chrono::milliseconds> find_duration(const Json& object, std::string_view key) {
  const auto number = find_number(object, key);
  if (!number || !(*number >= 0)) return std::nullopt;
  constexpr std::chrono::milliseconds longest = longest_duration;
  if (*number >= static_cast<double>(longest.count())) return longest;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*number));
}

std::vector<std::string> strings(const Json& object, std::string_view key) {
  std::vector<std::string> list;
  const Json* array = find(object, key);
  if (array == nullptr || !array->is_array()) return list;
  for (const Json& item : *array) {
    if (item.is_string()) list.push_back(item.get<std::string>());
  }
  return list;
}

std::string quoted(std::string_view word) {
  constexpr std::size_t longest = 64;
  if (word.size() <= longest) return '"' + std::string(word) + '"';
  std::size_t end = longest;
  // Not inside a character of UTF-8.
  while (end > 0 && (static_cast<unsigned char>(word[end]) & 0xC0U) == 0x80U) --end;
  return '"' + std::string(word.substr(0, end)) + "…\"";
}

}  // namespace mcp_mqtt::protocol
