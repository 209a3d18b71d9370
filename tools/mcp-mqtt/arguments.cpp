#include "mcp-mqtt/arguments.hpp"

#include <charconv>
#include <optional>
#include <string_view>

#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/schema_view.hpp"
#include "mcp-mqtt/similar.hpp"

namespace mcp_mqtt::command_line {
namespace {

[[noreturn]] void refuse(const std::string& message) { throw Failure(ExitCode::usage, message); }

struct Word {
  std::string name;
  std::string value;
  /// Taken from a file: blanks around a value that is no string do not count.
  bool from_file = false;
};

Word split(const std::string& word, const FileReader& read) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos || equals == 0) {
    refuse("'" + word + "' is no argument: write name=value");
  }
  Word out{word.substr(0, equals), word.substr(equals + 1), false};
  if (out.value.starts_with("@@")) {
    out.value.erase(0, 1);
  } else if (out.value.starts_with('@')) {
    try {
      out.value = read(out.value.substr(1));
    } catch (const Failure& failure) {
      refuse("argument '" + out.name + "': " + failure.what());
    }
    out.from_file = true;
  }
  return out;
}

std::optional<Json> integer(std::string_view text) {
  const auto parse = [&]<class T>(T value) -> std::optional<Json> {
    const auto end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
    return Json(value);
  };
  if (auto value = parse(std::int64_t{})) return value;
  return parse(std::uint64_t{});
}

/// The text as JSON, where it is a value for which `fits` is true.
template <class Fits>
std::optional<Json> json_that(std::string_view text, Fits fits) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded() || !fits(value)) return std::nullopt;
  return value;
}

std::optional<Json> of_type(const std::string& type, std::string_view text) {
  if (type == "integer") return integer(text);
  if (type == "string") return Json(text);
  return json_that(text, [&](const Json& value) {
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    return type == "null" && value.is_null();
  });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool within_bounds(const SchemaView& schema, const Json& value) {
  if (!value.is_number()) return true;
  const double number = value.get<double>();
  return (!schema.minimum() || number >= *schema.minimum()) &&
         (!schema.maximum() || number <= *schema.maximum());
}

std::optional<Json> read_value(const SchemaView& schema, const Word& word);

/// What the first alternative makes of it that takes it as more than a text, else as a text.
std::optional<Json> read_alternatives(const SchemaView& schema, const Word& word) {
  std::optional<Json> text;
  for (const SchemaView& alternative : schema.alternatives()) {
    auto value = read_value(alternative, word);
    if (value && !value->is_string()) return value;
    if (value && !text) text = std::move(value);
  }
  return text;
}

std::optional<Json> read_own(const SchemaView& schema, const Word& word) {
  const std::string_view bare = word.from_file ? trimmed(word.value) : word.value;
  if (!schema.choices().empty()) {
    for (const Json& choice : schema.choices()) {
      if (choice.is_string() ? choice == bare : choice.dump() == bare) return choice;
    }
    return std::nullopt;
  }
  if (schema.types().empty()) {
    if (auto json = json_that(bare, [](const Json&) { return true; })) return json;
    return Json(word.value);
  }
  // A string takes any text, so it comes last.
  for (const char* type : {"null", "boolean", "integer", "number", "array", "object"}) {
    if (!schema.may_be(type)) continue;
    if (auto value = of_type(type, bare)) return value;
  }
  if (schema.may_be("string")) return Json(word.value);
  return std::nullopt;
}

std::optional<Json> read_value(const SchemaView& schema, const Word& word) {
  const bool says_itself = !schema.choices().empty() || !schema.types().empty();
  auto value = says_itself || schema.alternatives().empty() ? read_own(schema, word)
                                                            : read_alternatives(schema, word);
  if (value && !within_bounds(schema, *value)) return std::nullopt;
  return value;
}

Json typed(const SchemaView& schema, const Word& word) {
  auto value = read_value(schema, word);
  if (value) return std::move(*value);
  constexpr std::size_t longest = 60;
  const std::string shown =
      word.value.size() > longest ? word.value.substr(0, longest) + "…" : word.value;
  refuse("argument '" + word.name + "' is to be " + schema.words() + ", not '" + shown + "'");
}

/// Puts the value of a word where its name says, below `object`, which `schema` describes.
void place(Json& object, const Json& schema, const Json& root, const std::string& name,
           const Word& word) {
  static const Json anything = Json::object();
  const SchemaView view(schema, root);
  const std::size_t dot = name.find('.');
  const Json* property = view.property(name);
  const std::string head = name.substr(0, dot);
  const bool nested =
      property == nullptr && dot != std::string::npos && dot > 0 && dot + 1 < name.size();
  if (nested) property = view.property(head);
  if (property == nullptr && !view.takes_others()) {
    const std::string& unknown = nested ? head : word.name;
    refuse("there is no argument '" + unknown + "': " + instead_of(unknown, view.property_names()));
  }
  if (property == nullptr) property = &anything;
  if (!nested) {
    if (object.contains(name)) refuse("argument '" + word.name + "' is given twice");
    object[name] = typed(SchemaView(*property, root), word);
    return;
  }
  const SchemaView inner(*property, root);
  if (!inner.types().empty() && !inner.may_be("object")) {
    refuse("argument '" + head + "' has no members: it is to be " + inner.words());
  }
  Json& child = object.emplace(head, Json::object()).first.value();
  if (!child.is_object()) refuse("argument '" + head + "' is given twice");
  place(child, *property, root, name.substr(dot + 1), word);
}

[[noreturn]] void refuse_missing(const std::string& name, const std::string& wanted) {
  refuse("argument '" + name + "' is missing: " + name + "=… (" + wanted + ")");
}

void check_required(const Json& object, const Json& schema, const Json& root,
                    const std::string& prefix) {
  const SchemaView view(schema, root);
  for (const std::string& name : view.required()) {
    if (object.contains(name)) continue;
    const Json* property = view.property(name);
    refuse_missing(prefix + name,
                   property == nullptr ? "any value" : SchemaView(*property, root).words());
  }
  for (const auto& [name, value] : object.items()) {
    const Json* property = view.property(name);
    if (property != nullptr && value.is_object()) {
      check_required(value, *property, root, prefix + name + ".");
    }
  }
}

}  // namespace

Json make_arguments(const Json& schema, const std::vector<std::string>& words,
                    const FileReader& read) {
  Json arguments = Json::object();
  for (const std::string& text : words) {
    const Word word = split(text, read);
    place(arguments, schema, schema, word.name, word);
  }
  check_required(arguments, schema, schema, "");
  return arguments;
}

std::vector<std::pair<std::string, std::string>> split_words(const std::vector<std::string>& words,
                                                             const FileReader& read) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& text : words) {
    Word word = split(text, read);
    for (const auto& [name, value] : out) {
      if (name == word.name) refuse("argument '" + name + "' is given twice");
    }
    out.emplace_back(std::move(word.name), std::move(word.value));
  }
  return out;
}

}  // namespace mcp_mqtt::command_line
