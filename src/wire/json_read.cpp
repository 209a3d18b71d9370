#include "wire/json_read.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "ground/plain_text.hpp"
#include "ground/utf8.hpp"

namespace mcp_mqtt::wire {
namespace {

/// It calls itself for each level. Beyond, the caller is left to the JSON library.
constexpr std::size_t most_levels_read = 200;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, std::uint32_t point) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (point < 0x80) {
    byte(point);
    return;
  }
  if (point < 0x800) {
    byte(0xc0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      byte(0xe0 | (point >> 12));
    } else {
      byte(0xf0 | (point >> 18));
      byte(0x80 | ((point >> 12) & 0x3f));
    }
    byte(0x80 | ((point >> 6) & 0x3f));
  }
  byte(0x80 | (point & 0x3f));
}

class ValueReader {
 public:
  explicit ValueReader(std::string_view text) : text_(text) {}

  bool whole(Json& json, std::size_t levels) {
    skip_space();
    if (!value(json, levels)) return false;
    skip_space();
    return at_ == text_.size();
  }

 private:
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool take(char wanted) {
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  /// `json` holds any value before. `levels`: how many arrays and objects may nest here.
  bool value(Json& json, std::size_t levels) {
    if (at_ == text_.size()) return false;
    switch (text_[at_]) {
      case '{':
        return levels != 0 && object(json, levels - 1);
      case '[':
        return levels != 0 && array(json, levels - 1);
      case '"': {
        json = Json(Json::value_t::string);
        return text(json.get_ref<std::string&>());
      }
      case 't':
        json = true;
        return take_word("true");
      case 'f':
        json = false;
        return take_word("false");
      case 'n':
        json = nullptr;
        return take_word("null");
      default:
        return number(json);
    }
  }

  bool object(Json& json, std::size_t levels) {
    ++at_;
    json = Json(Json::value_t::object);
    auto& members = json.get_ref<Json::object_t&>();
    skip_space();
    if (take('}')) return true;
    do {
      skip_space();
      std::string name;
      if (at_ == text_.size() || text_[at_] != '"' || !text(name)) return false;
      skip_space();
      if (!take(':')) return false;
      skip_space();
      // Of equal names the last counts.
      if (!value(members[std::move(name)], levels)) return false;
      skip_space();
    } while (take(','));
    return take('}');
  }

  bool array(Json& json, std::size_t levels) {
    ++at_;
    json = Json(Json::value_t::array);
    auto& items = json.get_ref<Json::array_t&>();
    skip_space();
    if (take(']')) return true;
    do {
      skip_space();
      if (!value(items.emplace_back(), levels)) return false;
      skip_space();
    } while (take(','));
    return take(']');
  }

  /// From the quote on; `out` is empty before.
  bool text(std::string& out) {
    std::size_t begin = ++at_;
    while (true) {
      at_ = plain_text::skip_json_text(text_, at_);
      if (at_ == text_.size()) return false;
      const char c = text_[at_];
      if (c == '"') {
        out.append(text_, begin, at_ - begin);
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (out.empty()) reserve_text(out, begin);
        out.append(text_, begin, at_ - begin);
        ++at_;
        if (!escape(out)) return false;
        begin = at_;
        continue;
      }
      const std::size_t end = utf8::skip_beyond_ascii(text_, at_);
      if (end == at_) return false;  // a control character, or no UTF-8
      at_ = end;
    }
  }

  /// Long texts with escapes do not grow step by step. The string ends no later than where a quote
  /// stands that no backslash precedes.
  void reserve_text(std::string& out, std::size_t begin) const {
    std::size_t quote = text_.find('"', at_);
    while (quote != std::string_view::npos && text_[quote - 1] == '\\') {
      quote = text_.find('"', quote + 1);
    }
    if (quote != std::string_view::npos) out.reserve(quote - begin);
  }

  bool escape(std::string& out) {
    if (at_ == text_.size()) return false;
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view values = "\"\\/\b\f\n\r\t";
    const char c = text_[at_++];
    if (const auto at = letters.find(c); at != std::string_view::npos) {
      out += values[at];
      return true;
    }
    if (c != 'u') return false;
    auto point = hexadecimal();
    if (!point) return false;
    if (*point >= 0xd800 && *point <= 0xdfff) {
      if (*point >= 0xdc00 || !take_word("\\u")) return false;
      const auto low = hexadecimal();
      if (!low || *low < 0xdc00 || *low > 0xdfff) return false;
      point = 0x10000 + ((*point - 0xd800) << 10) + (*low - 0xdc00);
    }
    append_utf8(out, *point);
    return true;
  }

  std::optional<std::uint32_t> hexadecimal() {
    const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value, 16);
    if (digits.size() != 4 || error != std::errc() || end != digits.end()) return std::nullopt;
    at_ += 4;
    return value;
  }

  std::size_t skip_digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ - begin;
  }

  bool number(Json& json) {
    const std::size_t begin = at_;
    const bool negative = take('-');
    const std::size_t first = at_;
    const std::size_t digits = skip_digits();
    if (digits == 0 || (digits > 1 && text_[first] == '0')) return false;
    bool integer = true;
    if (take('.')) {
      integer = false;
      if (skip_digits() == 0) return false;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      integer = false;
      ++at_;
      if (!take('+')) take('-');
      if (skip_digits() == 0) return false;
    }
    if (!integer) return read_number<double>(begin, json);
    return negative ? read_number<std::int64_t>(begin, json)
                    : read_number<std::uint64_t>(begin, json);
  }

  /// False beyond the range: then it is another type's, or nobody's.
  template <class Number>
  bool read_number(std::size_t begin, Json& json) {
    Number number{};
    const char* const end = text_.data() + at_;
    const auto read = std::from_chars(text_.data() + begin, end, number);
    if (read.ec != std::errc() || read.ptr != end) return false;
    json = number;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Json> read_json(std::string_view text, std::size_t max_depth) {
  Json json;
  if (!ValueReader(text).whole(json, std::min(max_depth, most_levels_read))) return std::nullopt;
  return json;
}

}  // namespace mcp_mqtt::wire
