#pragma once

#include <fmt/format.h>
#include <string_view>
#include <utility>

#include <mcp_mqtt/log.hpp>

// The library's own way to write a log line. fmt stays inside the library; so does spdlog, which
// carries the lines to standard error when the program sets no handler.
namespace mcp_mqtt::log {

bool enabled(LogLevel level) noexcept;
void write(LogLevel level, std::string_view message) noexcept;
/// Whether there is room for one more line about what a peer sent. Where lines were left out
/// before, it says so first.
bool admit_peer_line() noexcept;

template <class... Args>
void line(LogLevel level, fmt::format_string<Args...> format, Args&&... args) noexcept {
  if (!enabled(level)) return;
  try {
    write(level, fmt::format(format, std::forward<Args>(args)...));
  } catch (...) {
    write(level, "a log line could not be formatted");
  }
}

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) noexcept {
  line(LogLevel::debug, format, std::forward<Args>(args)...);
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) noexcept {
  line(LogLevel::info, format, std::forward<Args>(args)...);
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) noexcept {
  line(LogLevel::warning, format, std::forward<Args>(args)...);
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) noexcept {
  line(LogLevel::error, format, std::forward<Args>(args)...);
}

/// A line whose cause is what a peer sent: it may send that a million times. A hundred pass at
/// once, and then ten a second.
template <class... Args>
void peer(LogLevel level, fmt::format_string<Args...> format, Args&&... args) noexcept {
  if (enabled(level) && admit_peer_line()) line(level, format, std::forward<Args>(args)...);
}

/// `text` fit for one log line: control characters escaped, cut after `limit` bytes.
std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace mcp_mqtt::log
