#include "schema/schema_preparation.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "schema/text.hpp"

namespace mcp_mqtt::schema {
namespace {

constexpr std::size_t max_schemas = 10'000;
constexpr std::size_t max_depth = 64;
/// How many subschemas may look at one part of a value, one inside the other: each costs the check
/// some stack.
constexpr std::size_t max_in_place = 32;

/// Where a subschema stands.
struct Place {
  std::string path;          ///< As a JSON pointer, for errors.
  std::size_t depth = 0;     ///< In the definition.
  std::size_t in_place = 0;  ///< How many around it look at the same part of the value.
  std::optional<std::size_t> definition = {};  ///< Set where all around it do.
};

struct Reference {
  std::size_t target;
  std::size_t in_place;
  std::string path;
};

[[noreturn]] void refuse_at(const std::string& path, std::string_view why) {
  throw std::invalid_argument((path.empty() ? "" : "at '" + shown(path, 200) + "': ") +
                              std::string(why));
}

/// `%41` in the fragment of a URI.
std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    const auto at = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
  };
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool encoded = text[at] == '%' && text.size() - at > 2 && digit(text[at + 1]) >= 0 &&
                         digit(text[at + 2]) >= 0;
    decoded +=
        encoded ? static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2])) : text[at];
    if (encoded) at += 2;
  }
  return decoded;
}

/// valijson matches member names with std::regex and no bound on its time. These few words cannot
/// make that much.
bool is_harmless(const std::string& pattern) {
  constexpr std::size_t longest = 100;
  if (pattern.size() > longest || pattern.find_first_of("({") != std::string::npos) return false;
  const auto repeats =
      std::count_if(pattern.begin(), pattern.end(), [](char c) { return c == '*' || c == '+'; });
  if (repeats > 2) return false;
  try {
    const std::regex compiles(pattern);
    return true;
  } catch (const std::regex_error&) {
    return false;
  }
}

class Preparation {
 public:
  explicit Preparation(const Json& root) : root_(root) {}

  PreparedSchema run() && {
    define("");
    Json definitions = Json::object();
    for (std::size_t i = 0; i < pointers_.size(); ++i) {
      const std::string pointer = pointers_[i];
      Json prepared = subschema(target_of(pointer), {.path = pointer, .definition = i});
      // In a list of its own, since valijson takes the member names of a schema that is itself the
      // target of a reference for the schema.
      definitions[std::to_string(i)] = {{"allOf", Json::array({std::move(prepared)})}};
    }
    require_progress();
    result_.schema = {{"allOf", Json::array({reference_to(0)})},
                      {"definitions", std::move(definitions)}};
    return std::move(result_);
  }

 private:
  static Json reference_to(std::size_t definition) {
    return {{"$ref", "#/definitions/" + std::to_string(definition)}};
  }

  /// The index of the definition that stands for the target of a JSON pointer.
  std::size_t define(const std::string& pointer) {
    const auto [place, is_new] = definitions_.try_emplace(pointer, pointers_.size());
    if (is_new) {
      pointers_.push_back(pointer);
      in_place_.emplace_back();
    }
    return place->second;
  }

  const Json& target_of(const std::string& pointer) const {
    const Json::json_pointer parsed(pointer);
    return root_.at(parsed);
  }

  Json subschema(const Json& schema, const Place& place) {
    if (++schemas_ > max_schemas) refuse_at("", "it has more than 10,000 subschemas");
    if (place.depth > max_depth || place.in_place > max_in_place)
      refuse_at(place.path, "it is nested too deeply");
    if (schema.is_boolean()) {
      return schema.get<bool>() ? Json::object() : Json{{"not", Json::object()}};
    }
    if (!schema.is_object()) refuse_at(place.path, "a schema is an object or a boolean");
    Json prepared = Json::object();
    Leaf leaf;
    try {
      leaf = leaf_of(schema);
    } catch (const std::invalid_argument& error) {
      refuse_at(place.path, error.what());
    }
    add_combinations(schema, place, prepared);
    add_reference(schema, place, prepared);
    add_items(schema, place, prepared);
    add_properties(schema, place, prepared, leaf);
    add_dependencies(schema, place, prepared);
    prepared[leaf_keyword] = result_.leaves.size();
    result_.leaves.push_back(std::make_shared<const Leaf>(std::move(leaf)));
    return prepared;
  }

  Json beside(const Json& schema, const Place& place, const std::string& keyword) {
    return subschema(schema, {place.path + '/' + keyword, place.depth + 1, place.in_place + 1,
                              place.definition});
  }

  Json inside(const Json& schema, const Place& place, const std::string& keyword) {
    return subschema(schema, {place.path + '/' + keyword, place.depth + 1, 0, std::nullopt});
  }

  static const Json* find(const Json& schema, const char* keyword) {
    const auto found = schema.find(keyword);
    return found == schema.end() ? nullptr : &*found;
  }

  void add_combinations(const Json& schema, const Place& place, Json& prepared) {
    for (const char* const keyword : {"allOf", "anyOf", "oneOf"}) {
      const Json* list = find(schema, keyword);
      if (list == nullptr) continue;
      if (!list->is_array() || list->empty())
        refuse_at(place.path, '\'' + std::string(keyword) + "' is not a list of schemas");
      prepared[keyword] = Json::array();
      for (std::size_t i = 0; i < list->size(); ++i)
        prepared[keyword].push_back(
            beside((*list)[i], place, std::string(keyword) + '/' + std::to_string(i)));
    }
    const bool conditional = schema.contains("if");
    for (const char* const keyword : {"not", "if", "then", "else"}) {
      const Json* other = find(schema, keyword);
      if (other != nullptr && (conditional || std::string_view(keyword) == "not"))
        prepared[keyword] = beside(*other, place, keyword);
    }
  }

  /// A `$ref` stands beside other keywords (2019-09 and later); valijson would see it alone.
  void add_reference(const Json& schema, const Place& place, Json& prepared) {
    const Json* reference = find(schema, "$ref");
    if (reference == nullptr) return;
    if (!reference->is_string()) refuse_at(place.path, "'$ref' is not a string");
    const auto& uri = reference->get_ref<const std::string&>();
    const std::string quoted = '\'' + shown(uri, 200) + '\'';
    if (!uri.starts_with('#'))
      refuse_at(place.path,
                "the $ref " + quoted + " leads out of the schema, and nothing is fetched");
    const std::string pointer = percent_decoded(std::string_view(uri).substr(1));
    try {
      target_of(pointer);
    } catch (const Json::exception&) {
      refuse_at(place.path, "the $ref " + quoted + " leads nowhere");
    }
    const std::size_t target = define(pointer);
    const Reference found{target, place.in_place, place.path};
    if (place.definition) in_place_[*place.definition].push_back(found);
    references_.push_back(found);
    Json& all_of = prepared["allOf"];
    if (!all_of.is_array()) all_of = Json::array();
    all_of.push_back(reference_to(target));
  }

  void add_items(const Json& schema, const Place& place, Json& prepared) {
    const Json* items = find(schema, "items");
    const Json* prefix = find(schema, "prefixItems");
    const Json* rest = prefix != nullptr ? items : find(schema, "additionalItems");
    if (prefix == nullptr && items != nullptr && items->is_array()) prefix = items;
    if (prefix != nullptr && !prefix->is_array())
      refuse_at(place.path, "'prefixItems' is not a list of schemas");
    if (prefix != nullptr && !prefix->empty()) {
      prepared["items"] = Json::array();
      for (std::size_t i = 0; i < prefix->size(); ++i)
        prepared["items"].push_back(
            inside((*prefix)[i], place, "prefixItems/" + std::to_string(i)));
      if (rest != nullptr) prepared["additionalItems"] = inside(*rest, place, "items");
    } else if (prefix != nullptr && rest != nullptr) {
      prepared["items"] = inside(*rest, place, "items");
    } else if (prefix == nullptr && items != nullptr) {
      prepared["items"] = inside(*items, place, "items");
    }
    const Json* contains = find(schema, "contains");
    const Json* least = find(schema, "minContains");
    if (contains != nullptr && (least == nullptr || *least != 0))
      prepared["contains"] = inside(*contains, place, "contains");
  }

  void add_properties(const Json& schema, const Place& place, Json& prepared, Leaf& leaf) {
    std::set<std::string> known;
    add_named(schema, place, "properties", prepared);
    if (prepared.contains("properties"))
      for (const auto& [name, property] : prepared["properties"].items()) known.insert(name);
    bool closed_by_names = true;
    bool knows_all_patterns = true;
    if (const Json* patterns = find(schema, "patternProperties");
        patterns != nullptr && patterns->is_object() && !patterns->empty()) {
      closed_by_names = false;
      for (const auto& [pattern, property] : patterns->items())
        knows_all_patterns = knows_all_patterns && is_harmless(pattern);
      if (knows_all_patterns) add_named(schema, place, "patternProperties", prepared);
    }
    const Json* others = find(schema, "additionalProperties");
    if (others != nullptr && *others == false && closed_by_names) {
      leaf.known = std::move(known);
    } else if (others != nullptr && *others != true && knows_all_patterns) {
      prepared["additionalProperties"] = inside(*others, place, "additionalProperties");
    }
    if (const Json* names = find(schema, "propertyNames"))
      prepared["propertyNames"] = inside(*names, place, "propertyNames");
  }

  void add_named(const Json& schema, const Place& place, const char* keyword, Json& prepared) {
    const Json* named = find(schema, keyword);
    if (named == nullptr) return;
    if (!named->is_object())
      refuse_at(place.path, '\'' + std::string(keyword) + "' is not an object of schemas");
    prepared[keyword] = Json::object();
    for (const auto& [name, property] : named->items())
      prepared[keyword][name] = inside(property, place, std::string(keyword) + '/' + name);
  }

  void add_dependencies(const Json& schema, const Place& place, Json& prepared) {
    for (const char* const keyword : {"dependencies", "dependentSchemas"}) {
      const Json* dependent = find(schema, keyword);
      if (dependent == nullptr) continue;
      if (!dependent->is_object())
        refuse_at(place.path, '\'' + std::string(keyword) + "' is not an object");
      for (const auto& [name, needs] : dependent->items())
        if (!needs.is_array())
          prepared["dependencies"][name] = beside(needs, place, std::string(keyword) + '/' + name);
    }
  }

  /// That each reference gets somewhere, and not through too many others.
  void require_progress() {
    longest_.assign(pointers_.size(), std::nullopt);
    for (const Reference& reference : references_)
      if (reference.in_place + longest_from(reference, {}) > max_in_place)
        refuse_at(reference.path, "its references are nested too deeply");
  }

  /// How many subschemas are at most gone through in one place behind the reference.
  std::size_t longest_from(const Reference& reference, std::vector<std::size_t> through) {
    auto& known = longest_[reference.target];
    if (known) return *known;
    if (std::find(through.begin(), through.end(), reference.target) != through.end())
      refuse_at(reference.path, "its $ref comes back to itself without going into the value");
    if (through.size() > max_in_place)
      refuse_at(reference.path, "its references are nested too deeply");
    through.push_back(reference.target);
    std::size_t longest = 2;
    for (const Reference& next : in_place_[reference.target])
      longest = std::max(longest, 2 + next.in_place + longest_from(next, through));
    known = longest;
    return longest;
  }

  const Json& root_;
  PreparedSchema result_;
  std::map<std::string, std::size_t> definitions_;
  std::vector<std::string> pointers_;
  std::vector<std::vector<Reference>> in_place_;  ///< By definition: what looks at its own place.
  std::vector<Reference> references_;
  std::vector<std::optional<std::size_t>> longest_;
  std::size_t schemas_ = 0;
};

}  // namespace

PreparedSchema prepare_schema(const Json& schema) { return Preparation(schema).run(); }

}  // namespace mcp_mqtt::schema
