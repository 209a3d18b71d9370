#include "mcp-mqtt/http/header_text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace mcp_mqtt::command_line {
namespace {

char lower(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the text up to `end` off the front of `rest`.
std::string_view next_part(std::string_view& rest, char end) {
  const std::size_t at = rest.find(end);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return trim_blanks(part);
}

bool refused_by_quality(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view one = next_part(parameters, ';');
    if (one.size() < 3 || lower(one.front()) != 'q' || one[1] != '=') continue;
    const std::string_view value = one.substr(2);
    return value.find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

}  // namespace

bool same_word(std::string_view left, std::string_view right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char one, char other) { return lower(one) == lower(other); });
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool accepts(std::string_view accept, std::string_view type) {
  const std::string family = std::string(type.substr(0, type.find('/'))) + "/*";
  while (!accept.empty()) {
    std::string_view parameters = next_part(accept, ',');
    const std::string_view name = next_part(parameters, ';');
    if (!same_word(name, type) && !same_word(name, family) && name != "*/*") continue;
    if (!refused_by_quality(parameters)) return true;
  }
  return false;
}

bool is_json(std::string_view content_type) {
  return same_word(next_part(content_type, ';'), "application/json");
}

std::optional<HostPort> parse_host(std::string_view text) {
  HostPort out;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    out.host = lower_case(text.substr(0, end + 1));
    in6_addr address{};
    const std::string bare = out.host.substr(1, end - 1);
    if (inet_pton(AF_INET6, bare.c_str(), &address) != 1) return std::nullopt;
    rest = text.substr(end + 1);
  } else {
    const std::size_t end = text.find(':');
    out.host = lower_case(text.substr(0, end));
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
    if (out.host.empty() || out.host.find_first_not_of(letters) != std::string::npos) {
      return std::nullopt;
    }
    rest = end == std::string_view::npos ? std::string_view() : text.substr(end);
  }
  if (rest.empty()) return out;
  int port = 0;
  const char* const end = rest.data() + rest.size();
  const auto parsed = std::from_chars(rest.data() + 1, end, port);
  if (rest.front() != ':' || rest.size() == 1 || parsed.ec != std::errc() || parsed.ptr != end ||
      port < 0 || port > 65'535) {
    return std::nullopt;
  }
  out.port = port;
  return out;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address{};
  const std::string text(host);
  return host.starts_with("127.") && inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool equal_in_constant_time(std::string_view given, std::string_view secret) noexcept {
  if (secret.empty()) return given.empty();
  unsigned char difference = given.size() == secret.size() ? 0 : 1;
  for (std::size_t at = 0; at < given.size(); ++at) {
    const auto one = static_cast<unsigned char>(given[at]);
    const auto other = static_cast<unsigned char>(secret[at % secret.size()]);
    difference = static_cast<unsigned char>(difference | (one ^ other));
  }
  return difference == 0;
}

}  // namespace mcp_mqtt::command_line
