#pragma once

#include <string>
#include <string_view>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/schema/shape.hpp>

namespace mcp_mqtt::schema {

/// Everything that is wrong with `value`, one sentence after the other ("; " between them, at most
/// ten, then how many more); empty where nothing is. `noun` names a part of the value and `whole`
/// the value itself ("argument", "arguments"). Never throws for what the value holds.
std::string problems_of(const Json& value, const Shape& shape, std::string_view noun,
                        std::string_view whole);

/// The arguments of a call as an object: null stands for {}. Throws ArgumentError with everything
/// that is wrong.
const Json& checked_arguments(const Json& arguments, const Shape& shape);

}  // namespace mcp_mqtt::schema
