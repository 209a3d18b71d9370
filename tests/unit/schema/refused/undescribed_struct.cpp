#include <mcp_mqtt/schema/typed_tool.hpp>

struct Point {};
auto tool = mcp_mqtt::typed_tool("move", "", {mcp_mqtt::arg("to")}, [](Point) {});
