#include <limits>
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

double decode_double(const Json& json) { return json.get<double>(); }

bool decode_bool(const Json& json) { return json.get<bool>(); }

const std::string& decode_text(const Json& json) { return json.get_ref<const std::string&>(); }

const Json::array_t& decode_items(const Json& json) { return json.get_ref<const Json::array_t&>(); }

const Json::object_t& decode_members(const Json& json) {
  return json.get_ref<const Json::object_t&>();
}

const Json* find_member(const Json& object, const std::string& name, bool null_is_value) {
  const auto member = object.find(name);
  if (member == object.end()) return nullptr;
  if (member->is_null() && !null_is_value) return nullptr;
  return &*member;
}

const Json& member_or_default(const Json& object, const Property& property, bool null_is_value) {
  static const Json none = nullptr;
  const Json* sent = find_member(object, property.name, null_is_value);
  if (sent != nullptr) return *sent;
  return property.default_value ? *property.default_value : none;
}

}  // namespace mcp_mqtt::schema
