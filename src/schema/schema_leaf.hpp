#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>

// What one JSON Schema object says of a value by itself, without its subschemas. It is checked here
// and not by the library that walks the schema: exactly (2^53 + 1 is not 2^53, 3.0 is an integer),
// with the words of check.hpp, and in a time that no value can stretch.
namespace mcp_mqtt::schema {

struct Leaf {
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
  /// Bytes of a text that is matched against a pattern.
  static constexpr std::size_t max_pattern_subject = 4096;

  struct Count {
    std::size_t minimum = 0;
    std::size_t maximum = unlimited;
  };

  std::vector<std::string> types;  ///< In the order of the schema; empty: any.
  Json minimum = nullptr;          ///< Null: none, as in the next three.
  Json maximum = nullptr;
  Json exclusive_minimum = nullptr;
  Json exclusive_maximum = nullptr;
  std::optional<double> multiple_of = {};
  Count length = {};
  Count items = {};
  Count members = {};
  std::string pattern_text = {};
  std::optional<std::wregex> pattern = {};
  std::optional<std::vector<Json>> choices = {};
  std::vector<std::string> required = {};
  std::map<std::string, std::vector<std::string>> dependent = {};
  std::optional<std::set<std::string>> known = {};  ///< The only members allowed.
  bool unique_items = false;

  bool needs_members() const { return !required.empty() || !dependent.empty() || known; }
  /// Whether arrays and objects are compared.
  bool needs_whole_value() const;
};

/// Throws std::invalid_argument for a keyword whose value makes no sense.
Leaf leaf_of(const Json& schema);

/// As much of a value as a leaf looks at.
struct Instance {
  /// A scalar; an array or object only for a leaf that needs the whole value, else empty.
  Json value;
  std::size_t size = 0;              ///< Items or members.
  std::set<std::string> names = {};  ///< Of the members, for a leaf that needs them.
};

struct Finding {
  enum class Kind { wrong, missing, unknown };
  Kind kind = Kind::wrong;
  std::string member = {};  ///< Which one is missing or unknown.
  std::string text = {};
};

std::vector<Finding> findings_of(const Leaf& leaf, const Instance& instance);

}  // namespace mcp_mqtt::schema
