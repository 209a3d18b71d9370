#include "fuzz.hpp"

#include <cstdio>
#include <cstdlib>

#include <mcp_mqtt/log.hpp>

#include "ground/utf8.hpp"

namespace mcp_mqtt::fuzz {

void require(bool holds, std::string_view promise, std::string_view detail) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %.*s\n%.*s\n", static_cast<int>(promise.size()),
               promise.data(), static_cast<int>(detail.size()), detail.data());
  std::abort();
}

void watch_log() {
  static const bool watching = [] {
    set_log_level(LogLevel::debug);
    set_log_handler([](LogLevel, std::string_view message) {
      for (const char c : message) {
        const auto code = static_cast<unsigned char>(c);
        require(code >= 0x20 && code != 0x7f, "a log line is one line of text", message);
      }
    });
    return true;
  }();
  static_cast<void>(watching);
}

}  // namespace mcp_mqtt::fuzz
