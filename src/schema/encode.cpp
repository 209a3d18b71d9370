#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <mcp_mqtt/schema/encode.hpp>

#include "ground/utf8.hpp"

namespace mcp_mqtt::schema {
namespace {

void make_writable(Json& json) {
  switch (json.type()) {
    case Json::value_t::string: {
      auto& text = json.get_ref<std::string&>();
      if (utf8::first_invalid_byte(text)) text = valid_utf8(text);
      break;
    }
    case Json::value_t::array:
      for (Json& item : json) make_writable(item);
      break;
    case Json::value_t::object: {
      Json::object_t members;
      for (auto& [key, member] : json.get_ref<Json::object_t&>()) {
        make_writable(member);
        members.emplace(valid_utf8(key), std::move(member));
      }
      json = std::move(members);
      break;
    }
    case Json::value_t::number_float:
      json = encode_number(json.get<double>());
      break;
    case Json::value_t::discarded:
      json = nullptr;
      break;
    default:
      break;
  }
}

}  // namespace

Json encode_json(Json json) {
  make_writable(json);
  return json;
}

Json encode_text(std::string_view text) { return valid_utf8(text); }

Json encode_number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json encode_number(float value) {
  if (!std::isfinite(value)) return nullptr;
  std::array<char, 32> decimal{};
  const auto written = std::to_chars(decimal.data(), decimal.data() + decimal.size(), value);
  double exact = static_cast<double>(value);
  std::from_chars(decimal.data(), written.ptr, exact);
  return exact;
}

}  // namespace mcp_mqtt::schema
