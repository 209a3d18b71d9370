#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::command_line {

/// What a JSON Schema says of one value, as far as a command line needs it: which types it may
/// have, one of which values, between which bounds. `$ref` into the document itself is followed.
/// The server checks the rest. A schema is a stranger's: what is too deep or too wide counts as
/// unsaid.
class SchemaView {
 public:
  /// Both must outlive this object. `root` is what `$ref` points into.
  SchemaView(const Json& schema, const Json& root);

  /// "integer", "number", "boolean", "string", "array", "object", "null"; empty: not said.
  const std::set<std::string>& types() const noexcept { return types_; }
  bool may_be(const std::string& type) const { return types_.count(type) > 0; }
  /// Of `enum` and `const`; empty: any.
  const std::vector<Json>& choices() const noexcept { return choices_; }
  const std::optional<double>& minimum() const noexcept { return minimum_; }
  const std::optional<double>& maximum() const noexcept { return maximum_; }
  const std::string& description() const noexcept { return description_; }
  const Json& default_value() const noexcept { return default_; }  ///< null: none.

  /// The schema of a member of an object; null where there is none of that name.
  const Json* property(const std::string& name) const;
  std::vector<std::string> property_names() const;
  std::vector<std::string> required() const;
  /// Whether members that it does not name are foreseen: there are no properties, or
  /// `additionalProperties` is there and not false.
  bool takes_others() const;

  /// Of `anyOf` or `oneOf`: the value fits one of these, beside what the schema itself says.
  const std::vector<SchemaView>& alternatives() const noexcept { return alternatives_; }

  /// In words: "integer from 0 to 100", "one of "c", "f"", "string".
  std::string words() const;

 private:
  SchemaView(const Json& schema, const Json& root, int depth, int& budget);

  void add(const Json& schema, int depth, int& budget);
  void add_types(const Json& schema);
  void add_alternatives(const Json& schema, int depth, int& budget);
  std::string own_words() const;

  const Json* root_;
  const Json* object_ = nullptr;
  std::set<std::string> types_;
  std::vector<Json> choices_;
  std::optional<double> minimum_;
  std::optional<double> maximum_;
  std::string description_;
  Json default_;
  std::vector<SchemaView> alternatives_;
};

}  // namespace mcp_mqtt::command_line
