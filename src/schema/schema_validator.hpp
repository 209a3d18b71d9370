#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt::schema {

/// Checks values against a JSON Schema that is known only at run time. What is not checked:
/// docs/rough_edges.md. Any number of threads may use one at the same time.
class SchemaValidator {
 public:
  /// `invalid_argument` for a schema that makes no sense or leads out of itself, with what and
  /// where. The caller then does without the check and says so: a tool works without one, and its
  /// author is not there when it is called. Nothing is ever fetched.
  static Result<std::shared_ptr<const SchemaValidator>> compile(const Json& schema);

  ~SchemaValidator();
  SchemaValidator(const SchemaValidator&) = delete;
  SchemaValidator& operator=(const SchemaValidator&) = delete;

  /// As problems_of() of check.hpp: everything that is wrong with `value`; empty where nothing is.
  /// Never throws. A value that is too large or too deep to be checked in reasonable time is a
  /// problem too.
  std::string problems_of(const Json& value, std::string_view noun = "argument",
                          std::string_view whole = "arguments") const;

 private:
  struct Compiled;
  explicit SchemaValidator(std::unique_ptr<const Compiled> compiled);

  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace mcp_mqtt::schema
