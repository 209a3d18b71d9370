#include <memory>

#include <mcp_mqtt/context.hpp>

#include "engine/discovery_registry.hpp"
#include "ground/utf8.hpp"
#include "nodes.hpp"
#include "pieces.hpp"
#include "protocol/base64.hpp"
#include "schema/schema_validator.hpp"
#include "texts.hpp"

namespace mcp_mqtt::bench {

Pieces check_pieces() {
  const Json arguments = call_params().at("arguments");
  const auto tool = std::make_shared<const ToolDefinition>(volume_tool(64));
  const auto schema = schema::SchemaValidator::compile(tool->tool.input_schema).value();
  const std::string bytes = prose(1U << 20);
  return {
      {"arguments of a typed tool, checked and decoded",
       [tool, arguments] {
         RequestContext context;
         keep(tool->handler(arguments, context));
       }},
      {"arguments against a JSON Schema",
       [schema, arguments] { require(schema->problems_of(arguments).empty(), "problems"); }},
      {"UTF-8 of 1 MiB", [bytes] { require(!utf8::first_invalid_byte(bytes), "not UTF-8"); }},
      {"Base64 of 1 MiB, encode", [bytes] { keep(protocol::base64_encode(bytes)); }},
      {"Base64 of 1 MiB, decode",
       [text = protocol::base64_encode(bytes)] {
         require(protocol::base64_decode(text).has_value(), "no Base64");
       }},
  };
}

Pieces discovery_pieces() {
  constexpr int servers = 10'000;
  const auto registry = std::make_shared<engine::DiscoveryRegistry>(100'000);
  for (int i = 0; i < servers; ++i) {
    const std::string number = std::to_string(i);
    registry->announce({"id-" + number,
                        "plant/line-" + std::to_string(i % 100) + "/press/" + number,
                        "Volume and lights", Json{{"location", "hall 3"}}});
  }
  const auto query = [registry](const char* name, const char* filter, std::size_t wanted) {
    return Piece{name, [registry, filter, wanted] {
                   const auto found = registry->instances(filter);
                   require(found.size() == wanted, "the registry does not find what it has");
                   keep(found);
                 }};
  };
  return {query("10,000 servers: one by its name", "plant/line-7/press/4207", 1),
          query("10,000 servers: 100 of one line", "plant/line-7/#", 100),
          query("10,000 servers: 100 of one line, + in front", "+/line-7/press/+", 100),
          query("10,000 servers: all", "#", servers)};
}

}  // namespace mcp_mqtt::bench
