#include "mcp-mqtt/schema_view.hpp"

#include <array>

#include "mcp-mqtt/numbers.hpp"

namespace mcp_mqtt::command_line {
namespace {

/// A schema may refer to itself, once or in many places.
constexpr int deepest = 16;
constexpr int most_parts = 500;

const Json* member(const Json& json, const char* key) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(key);
  return found == json.end() ? nullptr : &*found;
}

const Json* referred(const Json& root, const Json& reference) {
  if (!reference.is_string()) return nullptr;
  const auto& text = reference.get_ref<const std::string&>();
  if (!text.starts_with('#')) return nullptr;
  try {
    const Json::json_pointer pointer(text.substr(1));
    return root.contains(pointer) ? &root.at(pointer) : nullptr;
  } catch (const Json::exception&) {
    return nullptr;
  }
}

std::string joined(const std::vector<std::string>& words, const std::string& last) {
  std::string out;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (at > 0) out += at + 1 == words.size() ? last : ", ";
    out += words[at];
  }
  return out;
}

}  // namespace

SchemaView::SchemaView(const Json& schema, const Json& root) : root_(&root) {
  int budget = most_parts;
  add(schema, 0, budget);
}

SchemaView::SchemaView(const Json& schema, const Json& root, int depth, int& budget)
    : root_(&root) {
  add(schema, depth, budget);
}

void SchemaView::add(const Json& schema, int depth, int& budget) {
  if (!schema.is_object() || depth > deepest || --budget < 0) return;
  if (const Json* reference = member(schema, "$ref")) {
    if (const Json* target = referred(*root_, *reference)) add(*target, depth + 1, budget);
  }
  add_types(schema);
  if (const Json* values = member(schema, "enum"); values != nullptr && values->is_array()) {
    choices_.insert(choices_.end(), values->begin(), values->end());
  }
  if (const Json* value = member(schema, "const")) choices_.push_back(*value);
  const auto number = [&](const char* key, std::optional<double>& out) {
    const Json* value = member(schema, key);
    if (value != nullptr && value->is_number()) out = value->get<double>();
  };
  number("minimum", minimum_);
  number("maximum", maximum_);
  if (const Json* text = member(schema, "description"); text != nullptr && text->is_string()) {
    description_ = text->get<std::string>();
  }
  if (const Json* value = member(schema, "default")) default_ = *value;
  if (const Json* all = member(schema, "properties"); all != nullptr && all->is_object()) {
    object_ = &schema;
  }
  add_alternatives(schema, depth, budget);
}

void SchemaView::add_alternatives(const Json& schema, int depth, int& budget) {
  for (const char* key : {"anyOf", "oneOf"}) {
    const Json* parts = member(schema, key);
    if (parts == nullptr || !parts->is_array()) continue;
    for (const Json& part : *parts) {
      if (budget <= 0) break;
      alternatives_.push_back(SchemaView(part, *root_, depth + 1, budget));
    }
  }
  // Of one object, or nothing, the members are known; of two it is not known which.
  const Json* only = nullptr;
  int objects = 0;
  for (const SchemaView& alternative : alternatives_) {
    if (alternative.object_ == nullptr) continue;
    only = alternative.object_;
    ++objects;
  }
  if (object_ == nullptr && objects == 1) object_ = only;
}

void SchemaView::add_types(const Json& schema) {
  const Json* type = member(schema, "type");
  if (type == nullptr) return;
  if (type->is_string()) types_.insert(type->get<std::string>());
  if (!type->is_array()) return;
  for (const Json& one : *type) {
    if (one.is_string()) types_.insert(one.get<std::string>());
  }
}

const Json* SchemaView::property(const std::string& name) const {
  if (object_ == nullptr) return nullptr;
  return member(object_->at("properties"), name.c_str());
}

std::vector<std::string> SchemaView::property_names() const {
  std::vector<std::string> names;
  if (object_ == nullptr) return names;
  for (const auto& [name, schema] : object_->at("properties").items()) names.push_back(name);
  return names;
}

std::vector<std::string> SchemaView::required() const {
  std::vector<std::string> names;
  const Json* list = object_ == nullptr ? nullptr : member(*object_, "required");
  if (list == nullptr || !list->is_array()) return names;
  for (const Json& name : *list) {
    if (name.is_string()) names.push_back(name.get<std::string>());
  }
  return names;
}

bool SchemaView::takes_others() const {
  if (property_names().empty()) return true;
  const Json* others = member(*object_, "additionalProperties");
  return others != nullptr && *others != false;
}

std::string SchemaView::words() const {
  if (alternatives_.empty() || !choices_.empty() || !types_.empty()) return own_words();
  std::vector<std::string> words;
  for (const SchemaView& alternative : alternatives_) words.push_back(alternative.words());
  return joined(words, " or ");
}

std::string SchemaView::own_words() const {
  if (!choices_.empty()) {
    std::vector<std::string> values;
    for (const Json& choice : choices_) {
      values.push_back(choice.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    return values.size() == 1 ? values.front() : "one of " + joined(values, " or ");
  }
  std::string bounds;
  if (minimum_ && maximum_) {
    bounds = " from " + number_text(*minimum_) + " to " + number_text(*maximum_);
  } else if (minimum_) {
    bounds = " of at least " + number_text(*minimum_);
  } else if (maximum_) {
    bounds = " of at most " + number_text(*maximum_);
  }
  std::vector<std::string> words;
  for (const std::string& type : types_) {
    const bool numeric = type == "integer" || type == "number";
    words.push_back(numeric ? type + bounds : type);
  }
  return words.empty() ? "any value" : joined(words, " or ");
}

}  // namespace mcp_mqtt::command_line
