#pragma once

#include <string>
#include <vector>

namespace mcp_mqtt::command_line {

/// The name among `names` that looks most like `wanted`; empty where none does.
std::string closest(const std::string& wanted, const std::vector<std::string>& names);

/// Up to eight names with commas between, and how many more there are.
std::string listed(const std::vector<std::string>& names);

/// What to say of a name that is not there: "did you mean 'volume'?", "there are a, b and c".
std::string instead_of(const std::string& wanted, const std::vector<std::string>& names);

}  // namespace mcp_mqtt::command_line
