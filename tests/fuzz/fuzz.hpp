#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// What the fuzz targets share. Each target is a file with one LLVMFuzzerTestOneInput: clang links
// libFuzzer's main() to it (scripts/fuzz), any other compiler replay.cpp.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace mcp_mqtt::fuzz {

/// Ends the process where the library broke a promise on this input.
void require(bool holds, std::string_view promise, std::string_view detail = {});

/// Writes log lines of every level, as a program in trouble does, and requires each to be one line
/// of text: what peers send must not forge another. Call it first.
void watch_log();

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Takes what stands before the next `separator`, or all.
inline std::string_view take(std::string_view& rest, char separator = '\n') {
  const std::size_t end = rest.find(separator);
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return taken;
}

/// The value of the first character, as a digit or otherwise by its code, below `limit`; takes it.
inline std::size_t take_index(std::string_view& rest, std::size_t limit) {
  if (rest.empty()) return 0;
  const auto code = static_cast<unsigned char>(rest.front());
  rest.remove_prefix(1);
  return (code >= '0' && code <= '9' ? code - '0' : code) % limit;
}

}  // namespace mcp_mqtt::fuzz
