#include <mcp_mqtt/schema/typed_tool.hpp>

auto tool =
    mcp_mqtt::typed_tool("add", "", {mcp_mqtt::arg("a")}, [](int a, int b) { return a + b; });
