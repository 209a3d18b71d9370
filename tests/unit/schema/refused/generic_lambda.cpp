#include <mcp_mqtt/schema/typed_tool.hpp>

auto tool = mcp_mqtt::typed_tool("echo", "", {mcp_mqtt::arg("a")}, [](auto a) { return a; });
