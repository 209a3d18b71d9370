#include "mcp-mqtt/relay/server_prefix.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mcp_mqtt::command_line {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// FNV-1a, mixed once more; eight hexadecimal digits.
std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  hash ^= hash >> 32U;
  hash *= 0xd6e8feb86659fd93U;
  hash ^= hash >> 32U;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned at = 0; at < 8; ++at) out += digits[(hash >> (at * 4)) & 0xfU];
  return out;
}

constexpr std::size_t hash_size = 8;

/// Runs of what is not plain, and of `_`, as one `_`; none at the ends.
std::string cleaned(std::string_view name, std::size_t longest) {
  std::string out;
  for (const char c : name) {
    if (is_plain(c) && c != '_') {
      out += c;
    } else if (!out.empty() && !out.ends_with('_')) {
      out += '_';
    }
    if (out.size() == longest) break;
  }
  while (out.ends_with('_') || out.ends_with('-')) out.pop_back();
  return out.empty() ? std::string("server").substr(0, longest) : out;
}

/// Whether the name can be read back where `--` stands for `/`, and `-_` and `__` for something
/// else.
bool can_be_read_back(std::string_view name) {
  if (name.empty() || name.ends_with('_')) return false;
  if (!std::all_of(name.begin(), name.end(), [](char c) { return is_plain(c) || c == '/'; })) {
    return false;
  }
  constexpr std::array<std::string_view, 6> ambiguous{"__", "--", "-/", "/-", "-_", "/_"};
  return std::none_of(ambiguous.begin(), ambiguous.end(),
                      [&](std::string_view part) { return name.find(part) != name.npos; });
}

}  // namespace

std::string server_prefix(std::string_view server_name, std::size_t longest) {
  if (can_be_read_back(server_name)) {
    std::string prefix;
    for (const char c : server_name) prefix += c == '/' ? std::string("--") : std::string(1, c);
    if (prefix.size() <= longest) return prefix;
  }
  return cleaned(server_name, longest - hash_size - 2) + "-_" + hash_of(server_name);
}

std::string plain_name(std::string_view name, std::size_t longest) {
  if (!name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), is_plain)) {
    return std::string(name);
  }
  std::string out;
  for (const char c : name.substr(0, longest - hash_size - 1)) out += is_plain(c) ? c : '_';
  return out + '_' + hash_of(name);
}

}  // namespace mcp_mqtt::command_line
