#include <mcp_mqtt/schema/typed_tool.hpp>

auto tool = mcp_mqtt::typed_tool("move", "", {mcp_mqtt::arg("to")}, [](int& to) { ++to; });
