#pragma once

#include <functional>
#include <string_view>

namespace mcp_mqtt {

enum class LogLevel { trace, debug, info, warning, error, off };

/// Which messages of the library reach the log. The default is `warning`. Any thread.
void set_log_level(LogLevel level);

/// A receiver of the library's log lines. It may be called from any of the library's threads,
/// several at once, and must not throw or call back into the library.
using LogHandler = std::function<void(LogLevel level, std::string_view message)>;

/// Sends the library's log lines to `handler` instead of standard error; an empty handler restores
/// standard error. Any thread. No log line ever holds a password or a message payload.
void set_log_handler(LogHandler handler);

}  // namespace mcp_mqtt
