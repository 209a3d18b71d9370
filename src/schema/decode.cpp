#include <stdexcept>

#include <mcp_mqtt/schema/decode.hpp>

#include "schema/numbers.hpp"

namespace mcp_mqtt::schema {
namespace {

/// The cast of a double beyond the integer's range is undefined, so it is never made.
template <class Integer>
Integer decode_integer(const Json& json) {
  static const Json lowest = std::numeric_limits<Integer>::lowest();
  static const Json highest = std::numeric_limits<Integer>::max();
  if (!json.is_number() || !is_whole(json) || less(json, lowest) || less(highest, json))
    throw std::out_of_range("an integer was read from JSON that was not checked for it");
  if (json.is_number_float()) return static_cast<Integer>(json.get<double>());
  return json.get<Integer>();
}

}  // namespace

std::int64_t decode_signed(const Json& json) { return decode_integer<std::int64_t>(json); }

std::uint64_t decode_unsigned(const Json& json) { return decode_integer<std::uint64_t>(json); }

const Json* find_member(const Json& object, const std::string& name, bool null_is_value) {
  const auto member = object.find(name);
  if (member == object.end()) return nullptr;
  if (member->is_null() && !null_is_value) return nullptr;
  return &*member;
}

}  // namespace mcp_mqtt::schema
