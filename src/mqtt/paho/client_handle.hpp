#pragma once

#include <MQTTAsync.h>

namespace mqtt {
class async_client;
}

namespace mcp_mqtt::mqtt::paho {

/// The C library's handle of a C++ client. CONNECT, DISCONNECT and what arrives go through the C
/// functions, because in Paho C++ 1.2.0
///  - connect_options is destroyed when connect() returns, while the C library keeps the address of
///    the TLS error handler in it and calls that later; copies lose their properties (#362, #444);
///  - a message that arrives is copied before its handler sees it, and Paho's own is kept until the
///    handler returns;
///  - disconnect_options cannot carry a reason code: its structure says that it is of version 0.
MQTTAsync handle_of(::mqtt::async_client& client) noexcept;

}  // namespace mcp_mqtt::mqtt::paho
