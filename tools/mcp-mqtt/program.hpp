#pragma once

#include <chrono>
#include <optional>

#include <mcp_mqtt/call.hpp>

#include "mcp-mqtt/interruption.hpp"
#include "mcp-mqtt/output.hpp"
#include "mcp-mqtt/settings.hpp"

namespace mcp_mqtt::command_line {

/// What every subcommand gets.
struct Program {
  Output& out;
  Interruption& interruption;
  ConnectionFlags connection;
  Environment environment;
  /// `--timeout`: how long each request may take.
  std::optional<std::chrono::milliseconds> timeout = {};
  /// `--wait`: how long a server may take to be found.
  std::chrono::milliseconds wait{2'000};

  /// For a request: ends as `cancelled` on Ctrl-C.
  CallOptions call_options() const {
    CallOptions options;
    options.timeout = timeout;
    options.stop = interruption.token();
    return options;
  }
};

}  // namespace mcp_mqtt::command_line
