#include "wire/json_write.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "ground/plain_text.hpp"
#include "ground/utf8.hpp"

namespace mcp_mqtt::wire {
namespace {

/// It calls itself for each level. Beyond, the caller is left to the JSON library.
constexpr std::size_t most_levels_written = 200;

/// About what it takes at least: all but the escapes of the texts, which are few.
std::size_t bytes_to_write(const Json& json, std::size_t levels) {
  constexpr std::size_t around = 4;
  if (json.is_string()) return json.get_ref<const std::string&>().size() + around;
  std::size_t bytes = around;
  if (levels == 0) return bytes;
  if (json.is_array()) {
    for (const Json& item : json) bytes += bytes_to_write(item, levels - 1);
  } else if (json.is_object()) {
    for (const auto& [name, member] : json.get_ref<const Json::object_t&>()) {
      bytes += name.size() + around + bytes_to_write(member, levels - 1);
    }
  }
  return bytes;
}

class ValueWriter {
 public:
  explicit ValueWriter(std::string& out) : out_(out) {}

  /// `levels`: how many arrays and objects may nest here.
  bool value(const Json& json, std::size_t levels) {
    switch (json.type()) {
      case Json::value_t::null:
        out_ += "null";
        return true;
      case Json::value_t::boolean:
        out_ += json.get_ref<const bool&>() ? "true" : "false";
        return true;
      case Json::value_t::number_integer:
        return integer(json.get_ref<const Json::number_integer_t&>());
      case Json::value_t::number_unsigned:
        return integer(json.get_ref<const Json::number_unsigned_t&>());
      case Json::value_t::number_float:
        // Which digits it chooses is its own.
        out_ += json.dump();
        return true;
      case Json::value_t::string:
        return text(json.get_ref<const std::string&>());
      case Json::value_t::array:
        return levels != 0 && array(json.get_ref<const Json::array_t&>(), levels - 1);
      case Json::value_t::object:
        return levels != 0 && object(json.get_ref<const Json::object_t&>(), levels - 1);
      case Json::value_t::binary:
      case Json::value_t::discarded:
        break;
    }
    return false;
  }

  bool text(std::string_view text) {
    out_ += '"';
    std::size_t begin = 0;
    std::size_t end = plain_text::skip_json_text(text, 0);
    while (end < text.size()) {
      const auto c = static_cast<unsigned char>(text[end]);
      if (c >= 0x80) {
        const std::size_t letters = end;
        end = utf8::skip_beyond_ascii(text, letters);
        if (end == letters) return false;
      } else {
        out_ += text.substr(begin, end - begin);
        escape(text[end]);
        begin = ++end;
      }
      end = plain_text::skip_json_text(text, end);
    }
    out_ += text.substr(begin);
    out_ += '"';
    return true;
  }

 private:
  template <class Number>
  bool integer(Number number) {
    char digits[24];
    out_.append(digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr);
    return true;
  }

  bool array(const Json::array_t& items, std::size_t levels) {
    out_ += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i != 0) out_ += ',';
      if (!value(items[i], levels)) return false;
    }
    out_ += ']';
    return true;
  }

  bool object(const Json::object_t& members, std::size_t levels) {
    out_ += '{';
    bool first = true;
    for (const auto& [name, member] : members) {
      if (!first) out_ += ',';
      first = false;
      if (!text(name)) return false;
      out_ += ':';
      if (!value(member, levels)) return false;
    }
    out_ += '}';
    return true;
  }

  void escape(char c) {
    constexpr std::string_view letters = "\"\\\b\f\n\r\t";
    constexpr std::string_view escapes = "\"\\bfnrt";
    out_ += '\\';
    if (const auto at = letters.find(c); at != std::string_view::npos) {
      out_ += escapes[at];
      return;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    out_ += "u00";
    out_ += digits[static_cast<unsigned char>(c) >> 4];
    out_ += digits[c & 0x0f];
  }

  std::string& out_;
};

}  // namespace

bool write_json(const Json& json, std::size_t max_depth, std::string& out) {
  const std::size_t before = out.size();
  const std::size_t levels = std::min(max_depth, most_levels_written);
  const std::size_t bytes = bytes_to_write(json, levels);
  out.reserve(before + bytes + bytes / 16);
  if (ValueWriter(out).value(json, levels)) return true;
  out.resize(before);
  return false;
}

bool write_json_text(const std::string& text, std::string& out) {
  const std::size_t before = out.size();
  if (ValueWriter(out).text(text)) return true;
  out.resize(before);
  return false;
}

}  // namespace mcp_mqtt::wire
