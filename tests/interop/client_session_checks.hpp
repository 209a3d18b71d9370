#pragma once

#include "checks.hpp"

namespace interop {

/// What this library's client must get out of one session with the interop server (README.md).
void check_session(Checks& checks, const mcp_mqtt::ClientSession& session);

}  // namespace interop
