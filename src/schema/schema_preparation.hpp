#pragma once

#include <memory>
#include <vector>

#include <mcp_mqtt/json.hpp>

#include "schema/schema_leaf.hpp"

namespace mcp_mqtt::schema {

/// The keyword that stands for the leaf of that index.
inline constexpr const char* leaf_keyword = "mcp_mqtt leaf";

/// A JSON Schema as valijson can walk it: the applicators of draft 7 alone, a leaf in each object,
/// every reference to a definition of its own, and none that leads back to itself before it has
/// gone a step into the value.
struct PreparedSchema {
  Json schema;
  std::vector<std::shared_ptr<const Leaf>> leaves;
};

/// Understands 2020-12 and what it shares with drafts 4 to 7; keywords that it does not know are
/// left out. Throws std::invalid_argument with what is wrong and where: a keyword whose value makes
/// no sense, a `$ref` that leads out of the schema, nowhere or in a circle, and a schema beyond all
/// measure (10,000 subschemas, 64 levels).
PreparedSchema prepare_schema(const Json& schema);

}  // namespace mcp_mqtt::schema
