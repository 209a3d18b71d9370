#include "schema/schema_validator.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include "schema/problem_list.hpp"
#include "schema/schema_preparation.hpp"
#include "schema/text.hpp"

// The only file that includes valijson, which takes seconds to compile.
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace mcp_mqtt::schema {
namespace {

using valijson::ValidationResults;
using valijson::adapters::Adapter;
using valijson::adapters::NlohmannJsonAdapter;
using Leaves = std::vector<std::shared_ptr<const Leaf>>;

constexpr std::size_t max_value_depth = 64;

/// What one check may still do. A schema can make valijson look at the same part of a value again
/// and again, twice as often with each level.
struct Budget {
  explicit Budget(std::size_t value_parts) : looks(100'000 + 20 * value_parts) {}

  std::size_t looks;
  std::size_t problems = 10'000;
};

thread_local Budget* budget = nullptr;

struct BudgetIsSpent {};

void spend(std::size_t& what) {
  if (what == 0) throw BudgetIsSpent();
  --what;
}

/// A value for as long as it is compared.
Json copy_of(const Adapter& value) {
  if (value.isString()) return value.getString();
  if (value.isBool()) return value.getBool();
  if (value.isInteger()) return value.getInteger();
  if (value.isDouble()) return value.getDouble();
  Json copy;
  if (value.isArray()) {
    copy = Json::array();
    value.applyToArray([&](const Adapter& item) {
      copy.push_back(copy_of(item));
      return true;
    });
  } else if (value.isObject()) {
    copy = Json::object();
    value.applyToObject([&](const std::string& name, const Adapter& member) {
      copy[name] = copy_of(member);
      return true;
    });
  }
  return copy;
}

Instance instance_of(const Adapter& value, const Leaf& leaf) {
  Instance instance;
  if (value.isArray()) {
    instance.size = value.getArraySize();
    instance.value = leaf.needs_whole_value() ? copy_of(value) : Json::array();
  } else if (value.isObject()) {
    instance.size = value.getObjectSize();
    instance.value = leaf.needs_whole_value() ? copy_of(value) : Json::object();
    if (leaf.needs_members())
      value.applyToObject([&](const std::string& name, const Adapter&) {
        instance.names.insert(name);
        return true;
      });
  } else {
    instance.value = copy_of(value);
  }
  return instance;
}

/// How the findings of a leaf travel through valijson, which knows but texts: by their first
/// character.
constexpr char wrong_mark = '\1';
constexpr char missing_mark = '\2';
constexpr char unknown_mark = '\3';

void report(const Finding& finding, const std::vector<std::string>& context,
            ValidationResults& results) {
  std::vector<std::string> place = context;
  if (finding.kind != Finding::Kind::wrong) place.push_back('[' + finding.member + ']');
  const char mark = finding.kind == Finding::Kind::wrong     ? wrong_mark
                    : finding.kind == Finding::Kind::missing ? missing_mark
                                                             : unknown_mark;
  results.pushError(place, mark + finding.text);
}

class LeafConstraint final : public valijson::constraints::PolyConstraint {
 public:
  explicit LeafConstraint(std::shared_ptr<const Leaf> leaf) : leaf_(std::move(leaf)) {}

  bool validate(const Adapter& target, const std::vector<std::string>& context,
                ValidationResults* results) const override {
    spend(budget->looks);
    const std::vector<Finding> findings = findings_of(*leaf_, instance_of(target, *leaf_));
    for (const Finding& finding : findings) {
      spend(budget->problems);
      if (results != nullptr) report(finding, context, *results);
    }
    return findings.empty();
  }

 private:
  valijson::constraints::Constraint* cloneInto(void* memory) const override {
    return new (memory) LeafConstraint(*this);
  }
  std::size_t sizeOf() const override { return sizeof(LeafConstraint); }

  std::shared_ptr<const Leaf> leaf_;
};

class LeafBuilder final : public valijson::ConstraintBuilder {
 public:
  explicit LeafBuilder(const Leaves& leaves) : leaves_(leaves) {}

  valijson::constraints::Constraint* make(const Adapter& index) const override {
    return new LeafConstraint(leaves_.at(static_cast<std::size_t>(index.getInteger())));
  }

 private:
  const Leaves& leaves_;
};

/// A place in a value, from the steps that valijson wrote down: "[name]" and "[0]" alike.
std::string path_text(const std::vector<std::string>& context, const Json& root) {
  std::string text;
  const Json* value = &root;
  for (std::size_t i = 1; i < context.size(); ++i) {
    const std::string step = context[i].substr(1, context[i].size() - 2);
    if (value != nullptr && value->is_array()) {
      std::size_t index = 0;
      std::from_chars(step.data(), step.data() + step.size(), index);
      value = index < value->size() ? &(*value)[index] : nullptr;
      text += '[' + step + ']';
      continue;
    }
    const auto* object = value != nullptr ? value->get_ptr<const Json::object_t*>() : nullptr;
    const auto member = object != nullptr ? object->find(step) : Json::object_t::const_iterator();
    value = object != nullptr && member != object->end() ? &member->second : nullptr;
    if (!text.empty()) text += '.';
    text += shown(step);
  }
  return text;
}

/// valijson's own findings in the words of this library. Its others only repeat for the whole what
/// was found in a part.
std::string_view words_for(std::string_view description) {
  using Pair = std::pair<std::string_view, std::string_view>;
  static constexpr std::array<Pair, 6> table{{
      {"Failed to validate against any schemas allowed by anyOf constraint.",
       "fits none of the alternatives (anyOf)"},
      {"Failed to validate against any child schemas allowed by oneOf constraint.",
       "fits none of the alternatives (oneOf)"},
      {"Failed to validate against exactly one child schema.",
       "fits more than one of the alternatives (oneOf)"},
      {"Target should not validate against schema specified in 'not' constraint.",
       "is not allowed (not)"},
      {"Failed to any values against subschema in 'contains' constraint.",
       "lacks an item that it must have (contains)"},
      {"Failed to validate against dependent schema.",
       "does not fit what one of its members asks for (dependentSchemas)"},
  }};
  for (const auto& [theirs, ours] : table)
    if (description == theirs) return ours;
  return {};
}

std::string explained(const ValidationResults& results, const Json& value, std::string_view noun,
                      std::string_view whole) {
  const auto subject = [&](const ValidationResults::Error& error) {
    const std::string path = path_text(error.context, value);
    return path.empty() ? std::string(whole) : std::string(noun) + " '" + path + '\'';
  };
  ProblemList problems;
  for (const ValidationResults::Error& error : results) {
    const char mark = error.description.empty() ? '\0' : error.description.front();
    const std::string_view text = std::string_view(error.description).substr(mark != '\0' ? 1 : 0);
    const std::string aside = text.empty() ? "" : " (" + std::string(text) + ')';
    if (mark == wrong_mark) {
      problems.add([&] { return subject(error) + ": " + std::string(text); });
    } else if (mark == missing_mark) {
      problems.add([&] { return subject(error) + " is missing" + aside; });
    } else if (mark == unknown_mark) {
      problems.add([&] { return "unknown " + subject(error) + aside; });
    } else if (const auto words = words_for(error.description); !words.empty()) {
      problems.add([&] { return subject(error) + ": " + std::string(words); });
    }
  }
  if (problems.empty()) {
    // valijson has no text for a wrong member name (propertyNames).
    problems.add([&] { return std::string(whole) + ": does not fit the schema"; });
  }
  return problems.text();
}

struct Scan {
  std::size_t parts = 0;
  bool too_deep = false;
  bool has_huge_integer = false;
};

/// An integer that valijson would wrap around to a negative one.
bool is_huge(const Json& value) {
  return value.is_number_unsigned() &&
         value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
}

void scan(const Json& value, std::size_t depth, Scan& found) {
  ++found.parts;
  if (depth > max_value_depth) found.too_deep = true;
  if (is_huge(value)) found.has_huge_integer = true;
  if (!value.is_structured() || found.too_deep) return;
  for (const Json& part : value) scan(part, depth + 1, found);
}

void make_doubles_of_huge_integers(Json& value) {
  if (is_huge(value)) value = value.get<double>();
  if (value.is_structured())
    for (Json& part : value) make_doubles_of_huge_integers(part);
}

class BudgetScope {
 public:
  explicit BudgetScope(Budget& mine) : outer_(std::exchange(budget, &mine)) {}
  ~BudgetScope() { budget = outer_; }
  BudgetScope(const BudgetScope&) = delete;
  BudgetScope& operator=(const BudgetScope&) = delete;

 private:
  Budget* outer_;
};

}  // namespace

struct SchemaValidator::Compiled {
  valijson::Schema schema;
};

SchemaValidator::SchemaValidator(std::unique_ptr<const Compiled> compiled)
    : compiled_(std::move(compiled)) {}
SchemaValidator::~SchemaValidator() = default;

Result<std::shared_ptr<const SchemaValidator>> SchemaValidator::compile(const Json& schema) {
  try {
    const PreparedSchema prepared = prepare_schema(schema);
    valijson::SchemaParser parser;
    auto builder = std::make_unique<LeafBuilder>(prepared.leaves);
    parser.addConstraintBuilder(leaf_keyword, builder.get());
    (void)builder.release();  // the parser's now
    auto compiled = std::make_unique<Compiled>();
    parser.populateSchema(NlohmannJsonAdapter(prepared.schema), compiled->schema);
    return std::shared_ptr<const SchemaValidator>(new SchemaValidator(std::move(compiled)));
  } catch (const std::exception& error) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .message = std::string("the JSON Schema cannot be used: ") + error.what()};
  }
}

std::string SchemaValidator::problems_of(const Json& value, std::string_view noun,
                                         std::string_view whole) const {
  ValidationResults results;
  try {
    Scan found;
    scan(value, 0, found);
    if (found.too_deep)
      return std::string(whole) + ": nested too deeply to be checked (more than " +
             std::to_string(max_value_depth) + " levels)";
    Json copy;
    if (found.has_huge_integer) {
      copy = value;
      make_doubles_of_huge_integers(copy);
    }
    const Json& checked = found.has_huge_integer ? copy : value;
    Budget mine(found.parts);
    const BudgetScope scope(mine);
    valijson::Validator validator;
    if (validator.validate(compiled_->schema, NlohmannJsonAdapter(checked), &results)) return {};
    return explained(results, value, noun, whole);
  } catch (const BudgetIsSpent&) {
    // What was found is wrong for sure, whatever the rest would have shown.
    if (results.numErrors() > 0) return explained(results, value, noun, whole);
    return std::string(whole) + ": too large to be checked against the schema";
  } catch (const std::exception& error) {
    return std::string(whole) + ": could not be checked (" + shown(error.what()) + ')';
  }
}

}  // namespace mcp_mqtt::schema
