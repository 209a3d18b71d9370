#include "schema/schema_leaf.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "ground/utf8.hpp"
#include "schema/numbers.hpp"
#include "schema/problem_list.hpp"
#include "schema/text.hpp"

namespace mcp_mqtt::schema {
namespace {

struct TypeWord {
  std::string_view type;
  std::string_view words;
};

constexpr std::array<TypeWord, 7> type_words{{{"null", "null"},
                                              {"boolean", "a boolean"},
                                              {"object", "an object"},
                                              {"array", "an array"},
                                              {"number", "a number"},
                                              {"integer", "an integer"},
                                              {"string", "a string"}}};

std::string_view words_of(std::string_view type) {
  const auto* const found = std::find_if(type_words.begin(), type_words.end(),
                                         [&](const TypeWord& each) { return each.type == type; });
  return found == type_words.end() ? std::string_view() : found->words;
}

[[noreturn]] void refuse_keyword(std::string_view keyword, std::string_view why) {
  throw std::invalid_argument('\'' + std::string(keyword) + "' " + std::string(why));
}

const Json* find(const Json& schema, const char* keyword) {
  const auto found = schema.find(keyword);
  return found == schema.end() ? nullptr : &*found;
}

void read_types(const Json& schema, Leaf& leaf) {
  const Json* type = find(schema, "type");
  if (type == nullptr) return;
  const Json list = type->is_array() ? *type : Json::array({*type});
  for (const Json& each : list) {
    if (!each.is_string() || words_of(each.get_ref<const std::string&>()).empty())
      refuse_keyword("type", "is not the name of a type or a list of them");
    leaf.types.push_back(each.get<std::string>());
  }
  if (leaf.types.empty()) refuse_keyword("type", "names no type");
}

Json number_at(const Json& schema, const char* keyword) {
  const Json* value = find(schema, keyword);
  if (value == nullptr) return nullptr;
  if (!value->is_number() || !std::isfinite(value->get<double>()))
    refuse_keyword(keyword, "is not a number");
  return *value;
}

/// Up to draft 4 `exclusiveMaximum` was a boolean beside `maximum`.
void read_bound(const Json& schema, const char* keyword, const char* exclusive_keyword, Json& bound,
                Json& exclusive_bound) {
  bound = number_at(schema, keyword);
  const Json* exclusive = find(schema, exclusive_keyword);
  if (exclusive == nullptr || !exclusive->is_boolean()) {
    exclusive_bound = number_at(schema, exclusive_keyword);
  } else if (exclusive->get<bool>()) {
    exclusive_bound = std::exchange(bound, nullptr);
  }
}

std::optional<std::size_t> count_at(const Json& schema, const char* keyword) {
  const Json number = number_at(schema, keyword);
  if (number.is_null()) return std::nullopt;
  if (!is_whole(number) || less(number, Json(0))) refuse_keyword(keyword, "is not a count");
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  if (less(Json(most), number)) return Leaf::unlimited;
  return static_cast<std::size_t>(number.get<std::int64_t>());
}

Leaf::Count read_count(const Json& schema, const char* minimum, const char* maximum) {
  return {count_at(schema, minimum).value_or(0),
          count_at(schema, maximum).value_or(Leaf::unlimited)};
}

std::vector<std::string> names_in(const Json& list, const char* keyword) {
  if (!list.is_array()) refuse_keyword(keyword, "is not a list of names");
  std::vector<std::string> names;
  for (const Json& name : list) {
    if (!name.is_string()) refuse_keyword(keyword, "is not a list of names");
    names.push_back(name.get<std::string>());
  }
  return names;
}

void read_dependent(const Json& schema, const char* keyword, Leaf& leaf) {
  const Json* dependent = find(schema, keyword);
  if (dependent == nullptr) return;
  if (!dependent->is_object()) refuse_keyword(keyword, "is not an object");
  for (const auto& [name, needs] : dependent->items()) {
    // The other form of `dependencies`, a schema, is none of a leaf's.
    if (needs.is_array()) leaf.dependent[name] = names_in(needs, keyword);
  }
}

/// A pattern counts characters, so it is matched against them and not against bytes.
std::wstring wide(std::string_view text) {
  std::wstring characters;
  for (std::size_t at = 0; at < text.size();) {
    const utf8::CodePoint point = utf8::code_point_at(text, at);
    characters += point.length == 0 ? L'\xFFFD' : static_cast<wchar_t>(point.value);
    at += std::max<std::size_t>(point.length, 1);
  }
  return characters;
}

/// libstdc++ matches by trying everything, in a time that doubles with each character and on a
/// stack that grows with the text, unless it is told to follow all possibilities at once. Then it
/// knows no back-references, and to search is to match with anything before and behind.
std::optional<std::wregex> compiled(std::string_view pattern) {
  constexpr std::size_t longest = 2000;
  if (pattern.size() > longest) return std::nullopt;
  auto flags = std::regex_constants::ECMAScript;
#ifdef __GLIBCXX__
  flags |= std::regex_constants::__polynomial;
#endif
  try {
    const std::wstring characters = wide(pattern);
    // For its errors: in parentheses another text might be well-formed.
    const std::wregex alone(characters, flags);
    return std::wregex(L"[\\s\\S]*(?:" + characters + L")[\\s\\S]*", flags);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

bool is_fraction(const Json& value) {
  return value.is_number_float() && std::isfinite(value.get<double>()) && !is_whole(value);
}

std::string_view name_of(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "a boolean";
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (value.is_string()) return "a string";
  if (value.is_number()) return "a number";
  return "no JSON value";
}

bool has_type(const Json& value, std::string_view type) {
  if (type == "integer") return value.is_number() && is_whole(value);
  return name_of(value) == words_of(type);
}

std::string wrong_type(const Json& value, const std::vector<std::string>& types) {
  std::string text = "expected ";
  for (const std::string& type : types) {
    if (&type != &types.front()) text += &type == &types.back() ? " or " : ", ";
    text += words_of(type);
  }
  const bool wants_integer = std::find(types.begin(), types.end(), "integer") != types.end();
  return text + ", got " +
         (wants_integer && is_fraction(value) ? value.dump() : std::string(name_of(value)));
}

std::string shown_value(const Json& value) {
  if (value.is_string()) return '"' + shown(value.get_ref<const std::string&>()) + '"';
  return shown(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

class Findings {
 public:
  Findings(const Leaf& leaf, const Instance& instance) : leaf_(leaf), instance_(instance) {}

  std::vector<Finding> all() && {
    const Json& value = instance_.value;
    const auto& types = leaf_.types;
    const bool fits =
        types.empty() || std::any_of(types.begin(), types.end(),
                                     [&](const auto& type) { return has_type(value, type); });
    if (!fits) {
      add(wrong_type(value, types));
      return std::move(found_);
    }
    check_choices();
    if (value.is_number()) check_number();
    if (value.is_string()) check_text();
    if (value.is_array()) check_items();
    if (value.is_object()) check_members();
    return std::move(found_);
  }

 private:
  void add(std::string text) { found_.push_back({.text = std::move(text)}); }

  void check_choices() {
    if (!leaf_.choices) return;
    const auto& choices = *leaf_.choices;
    if (std::find(choices.begin(), choices.end(), instance_.value) != choices.end()) return;
    constexpr std::size_t most = 30;
    std::string text = shown_value(instance_.value) + " is not ";
    if (choices.size() != 1) text += "one of ";
    for (std::size_t i = 0; i < std::min(choices.size(), most); ++i)
      text += (i > 0 ? ", " : "") + shown_value(choices[i]);
    if (choices.size() > most) text += ", …";
    add(text);
  }

  void check_number() {
    const Json& value = instance_.value;
    if (!std::isfinite(value.get<double>())) return;
    if (!leaf_.minimum.is_null() && less(value, leaf_.minimum))
      add(value.dump() + " is below the minimum " + leaf_.minimum.dump());
    if (!leaf_.maximum.is_null() && less(leaf_.maximum, value))
      add(value.dump() + " is above the maximum " + leaf_.maximum.dump());
    if (!leaf_.exclusive_minimum.is_null() && !less(leaf_.exclusive_minimum, value))
      add(value.dump() + " is not above " + leaf_.exclusive_minimum.dump());
    if (!leaf_.exclusive_maximum.is_null() && !less(value, leaf_.exclusive_maximum))
      add(value.dump() + " is not below " + leaf_.exclusive_maximum.dump());
    if (leaf_.multiple_of) check_multiple(value);
  }

  /// 0.3 is a multiple of 0.1, although no double is exactly either.
  void check_multiple(const Json& value) {
    const double quotient = value.get<double>() / *leaf_.multiple_of;
    const double distance = std::abs(quotient - std::round(quotient));
    if (distance > 1e-9 * std::max(1.0, std::abs(quotient)))
      add(value.dump() + " is not a multiple of " + Json(*leaf_.multiple_of).dump());
  }

  void check_count(std::size_t count, const Leaf::Count& allowed, std::string_view unit) {
    if (auto problem = count_problem(count, allowed.minimum, allowed.maximum, unit))
      add(*std::move(problem));
  }

  void check_text() {
    const auto& text = instance_.value.get_ref<const std::string&>();
    check_count(count_characters(text), leaf_.length, "character");
    if (!leaf_.pattern) return;
    if (text.size() > Leaf::max_pattern_subject) {
      add("has " + std::to_string(text.size()) + " bytes, too many for its pattern (at most " +
          std::to_string(Leaf::max_pattern_subject) + ')');
    } else if (!std::regex_match(wide(text), *leaf_.pattern)) {
      add('"' + shown(text) + "\" does not match the pattern " + shown(leaf_.pattern_text));
    }
  }

  void check_items() {
    check_count(instance_.size, leaf_.items, "item");
    if (!leaf_.unique_items) return;
    std::vector<Json> sorted(instance_.value.begin(), instance_.value.end());
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) add("has " + shown_value(*twice) + " twice");
  }

  void check_members() {
    const auto& names = instance_.names;
    check_count(instance_.size, leaf_.members, "member");
    for (const std::string& name : leaf_.required)
      if (names.count(name) == 0) found_.push_back({Finding::Kind::missing, name, {}});
    for (const auto& [name, needs] : leaf_.dependent) {
      if (names.count(name) == 0) continue;
      for (const std::string& need : needs)
        if (names.count(need) == 0)
          found_.push_back({Finding::Kind::missing, need, "'" + shown(name) + "' needs it"});
    }
    if (!leaf_.known) return;
    for (const std::string& name : names)
      if (leaf_.known->count(name) == 0)
        found_.push_back({Finding::Kind::unknown, name, "known: " + known_names()});
  }

  std::string known_names() const {
    std::string text;
    for (const std::string& name : *leaf_.known) text += (text.empty() ? "" : ", ") + shown(name);
    return text.empty() ? "none" : text;
  }

  const Leaf& leaf_;
  const Instance& instance_;
  std::vector<Finding> found_;
};

}  // namespace

bool Leaf::needs_whole_value() const {
  return unique_items ||
         (choices && std::any_of(choices->begin(), choices->end(),
                                 [](const Json& choice) { return choice.is_structured(); }));
}

Leaf leaf_of(const Json& schema) {
  Leaf leaf;
  read_types(schema, leaf);
  read_bound(schema, "minimum", "exclusiveMinimum", leaf.minimum, leaf.exclusive_minimum);
  read_bound(schema, "maximum", "exclusiveMaximum", leaf.maximum, leaf.exclusive_maximum);
  if (const Json divisor = number_at(schema, "multipleOf"); !divisor.is_null()) {
    if (!(divisor.get<double>() > 0)) refuse_keyword("multipleOf", "is not above 0");
    leaf.multiple_of = divisor.get<double>();
  }
  leaf.length = read_count(schema, "minLength", "maxLength");
  leaf.items = read_count(schema, "minItems", "maxItems");
  leaf.members = read_count(schema, "minProperties", "maxProperties");
  if (const Json* pattern = find(schema, "pattern")) {
    if (!pattern->is_string()) refuse_keyword("pattern", "is not a string");
    leaf.pattern_text = pattern->get<std::string>();
    leaf.pattern = compiled(leaf.pattern_text);
  }
  if (const Json* choices = find(schema, "enum")) {
    if (!choices->is_array()) refuse_keyword("enum", "is not a list");
    leaf.choices = choices->get<std::vector<Json>>();
  }
  if (const Json* constant = find(schema, "const")) {
    // Beside an enum it says more, and both at once is nobody's schema.
    leaf.choices = std::vector<Json>{*constant};
  }
  // Up to draft 3 `required` was a boolean inside the property.
  if (const Json* required = find(schema, "required");
      required != nullptr && !required->is_boolean())
    leaf.required = names_in(*required, "required");
  read_dependent(schema, "dependentRequired", leaf);
  read_dependent(schema, "dependencies", leaf);
  if (const Json* unique = find(schema, "uniqueItems")) {
    if (!unique->is_boolean()) refuse_keyword("uniqueItems", "is not a boolean");
    leaf.unique_items = unique->get<bool>();
  }
  return leaf;
}

std::vector<Finding> findings_of(const Leaf& leaf, const Instance& instance) {
  return Findings(leaf, instance).all();
}

}  // namespace mcp_mqtt::schema
