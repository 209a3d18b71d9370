#include "mcp-mqtt/command_line.hpp"

int main(int argc, char** argv) { return mcp_mqtt::command_line::run(argc, argv); }
