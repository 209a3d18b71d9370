#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <optional>

#include <mcp_mqtt/mqtt/broker_url.hpp>

#include "ground/mqtt_text.hpp"

// No message here repeats a part of the URL that could be a piece of the password: a stray '/', ':'
// or '@' in a password moves the borders of the parts behind it.
namespace mcp_mqtt::mqtt {
namespace {

using Scheme = BrokerUrl::Scheme;

struct SchemeFacts {
  Scheme scheme;
  std::string_view name;
  std::uint16_t port;
};

constexpr std::array<SchemeFacts, 4> schemes{{{Scheme::mqtt, "mqtt", 1883},
                                              {Scheme::mqtts, "mqtts", 8883},
                                              {Scheme::ws, "ws", 80},
                                              {Scheme::wss, "wss", 443}}};

struct WrongScheme {
  std::string_view name;
  std::string_view right;
};

/// What other programs call the same things.
constexpr std::array<WrongScheme, 9> wrong_schemes{{{"tcp", "mqtt"},
                                                    {"ssl", "mqtts"},
                                                    {"tls", "mqtts"},
                                                    {"mqtt+ssl", "mqtts"},
                                                    {"mqtt+tls", "mqtts"},
                                                    {"http", "ws"},
                                                    {"https", "wss"},
                                                    {"mqtt+ws", "ws"},
                                                    {"mqtt+wss", "wss"}}};

constexpr std::size_t max_host_name_bytes = 253;  // RFC 1035, without the final dot

constexpr std::string_view delimiter_hint =
    "; if the user name or the password holds one of : / ? # [ ] @, write it percent-encoded";

Error bad_url(std::string message) {
  return Error{ErrorKind::invalid_argument, 0, "the broker URL " + std::move(message)};
}

const SchemeFacts& facts_of(Scheme scheme) {
  return *std::find_if(schemes.begin(), schemes.end(),
                       [&](const SchemeFacts& facts) { return facts.scheme == scheme; });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Result<void> check_characters(std::string_view url) {
  if (url.empty()) return bad_url("is empty");
  for (std::size_t i = 0; i < url.size(); ++i) {
    const auto byte = static_cast<unsigned char>(url[i]);
    if (byte > 0x20 && byte != 0x7f) continue;
    return bad_url(fmt::format("holds {} at byte {}; write it percent-encoded, or leave it out",
                               byte == ' ' ? "a space" : "a control character", i));
  }
  return {};
}

Result<Scheme> parse_scheme(std::string_view text) {
  const std::string name = lower_case(text);
  for (const SchemeFacts& facts : schemes) {
    if (name == facts.name) return facts.scheme;
  }
  const bool well_formed =
      !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
      });
  if (!well_formed) return bad_url("does not begin with mqtt://, mqtts://, ws:// or wss://");
  for (const WrongScheme& wrong : wrong_schemes) {
    if (name == wrong.name) {
      return bad_url(fmt::format("has the scheme {}://: use {}://", name, wrong.right));
    }
  }
  return bad_url(
      fmt::format("has the unknown scheme {}://: use mqtt://, mqtts://, ws:// or wss://", name));
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

Result<void> parse_credentials(std::string_view text, BrokerUrl& url) {
  const auto colon = text.find(':');
  const auto user = percent_decoded(text.substr(0, colon));
  const auto password = colon == std::string_view::npos ? std::optional<std::string>("")
                                                        : percent_decoded(text.substr(colon + 1));
  if (!user || !password) {
    return bad_url(
        fmt::format("has a '%' in its {} that no two hexadecimal digits follow; "
                    "write %25 for a percent sign",
                    user ? "password" : "user name"));
  }
  if (const auto fault = mqtt_text_fault(*user)) return bad_url("has a user name that " + *fault);
  if (password->size() > max_mqtt_text_bytes) {
    return bad_url(fmt::format("has a password longer than the {} bytes that MQTT allows",
                               max_mqtt_text_bytes));
  }
  if (password->find('\0') != std::string::npos) {
    return bad_url("has a NUL character (%00) in its password");
  }
  url.username = *user;
  url.password = *password;
  return {};
}

bool is_ipv6_address(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

/// The text between the brackets; a zone is written `%25zone` (RFC 6874) and kept as `%zone`.
Result<std::string> parse_ipv6(std::string_view text) {
  constexpr std::string_view zone_mark = "%25";
  const auto percent = text.find('%');
  const std::string address(text.substr(0, percent));
  if (!is_ipv6_address(address)) {
    return bad_url("has something other than an IPv6 address in its brackets");
  }
  if (percent == std::string_view::npos) return address;
  const std::string_view marked = text.substr(percent);
  const std::string_view zone =
      marked.substr(0, zone_mark.size()) == zone_mark ? marked.substr(zone_mark.size()) : "";
  const bool plain = std::all_of(zone.begin(), zone.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
  });
  if (zone.empty() || !plain) {
    return bad_url("has an IPv6 zone that is not written as %25 and the interface's name");
  }
  return address + '%' + std::string(zone);
}

Result<void> check_host_name(std::string_view host) {
  if (host.empty()) return bad_url("has no host");
  if (host.size() > max_host_name_bytes) {
    return bad_url(fmt::format("has a host of {} bytes; a host name has at most {}", host.size(),
                               max_host_name_bytes));
  }
  const bool plain = std::all_of(host.begin(), host.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
  });
  if (!plain) {
    return bad_url("has a host with a character other than letters, digits, '.', '-' and '_'" +
                   std::string(delimiter_hint));
  }
  return {};
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || port == 0) {
    return bad_url("has a port that is not a number from 1 to 65535" + std::string(delimiter_hint));
  }
  return port;
}

Result<void> parse_host_and_port(std::string_view text, BrokerUrl& url) {
  std::string_view behind_host;
  if (!text.empty() && text.front() == '[') {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) return bad_url("has a '[' without its ']'");
    auto address = parse_ipv6(text.substr(1, bracket - 1));
    if (!address) return std::move(address).error();
    url.host = *std::move(address);
    behind_host = text.substr(bracket + 1);
    if (!behind_host.empty() && behind_host.front() != ':') {
      return bad_url("has something other than a port behind the ']'");
    }
  } else {
    if (std::count(text.begin(), text.end(), ':') > 1) {
      return bad_url(
          "has more than one ':' in its host and port; an IPv6 address goes in brackets");
    }
    const auto colon = std::min(text.find(':'), text.size());
    url.host = text.substr(0, colon);
    behind_host = text.substr(colon);
    if (auto checked = check_host_name(url.host); !checked) return checked;
  }
  if (behind_host.empty()) return {};
  auto port = parse_port(behind_host.substr(1));
  if (!port) return std::move(port).error();
  url.port = *port;
  return {};
}

Result<void> parse_path(std::string_view text, BrokerUrl& url) {
  if (text.find_first_of("?#") != std::string_view::npos) {
    return bad_url("has a query or a fragment ('?' or '#'), which a broker has no use for" +
                   std::string(delimiter_hint));
  }
  if (!url.uses_websocket()) {
    if (text.empty() || text == "/") return {};
    return bad_url("has a path, which only ws:// and wss:// can have" +
                   std::string(delimiter_hint));
  }
  // More likely a password with a '/' than a path; and a path may be logged.
  if (text.find('@') != std::string_view::npos) {
    return bad_url("has an '@' in its path; write %40 if it belongs there" +
                   std::string(delimiter_hint));
  }
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii || !percent_decoded(text)) {
    return bad_url("has a path with a character that must be percent-encoded");
  }
  url.path = text.empty() ? "/mqtt" : std::string(text);
  return {};
}

}  // namespace

std::string BrokerUrl::to_string() const {
  const SchemeFacts& facts = facts_of(scheme);
  std::string out = fmt::format("{}://", facts.name);
  if (host.find(':') == std::string::npos) {
    out += host;
  } else {
    std::string address = host;
    if (const auto zone = address.find('%'); zone != std::string::npos) {
      address.insert(zone + 1, "25");
    }
    out += '[' + address + ']';
  }
  if (port != facts.port) out += fmt::format(":{}", port);
  return out + path;
}

Result<BrokerUrl> parse_broker_url(std::string_view text) {
  if (auto checked = check_characters(text); !checked) return std::move(checked).error();

  constexpr std::string_view scheme_end = "://";
  const auto separator = text.find(scheme_end);
  if (separator == std::string_view::npos) {
    return bad_url("has no scheme: it begins with mqtt://, mqtts://, ws:// or wss://");
  }
  const auto scheme = parse_scheme(text.substr(0, separator));
  if (!scheme) return scheme.error();
  BrokerUrl url;
  url.scheme = *scheme;
  url.port = facts_of(*scheme).port;

  const std::string_view rest = text.substr(separator + scheme_end.size());
  const auto authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    auto parsed = parse_credentials(authority.substr(0, at), url);
    if (!parsed) return std::move(parsed).error();
    authority.remove_prefix(at + 1);
  }
  if (auto parsed = parse_host_and_port(authority, url); !parsed) return std::move(parsed).error();
  if (auto parsed = parse_path(rest.substr(authority_end), url); !parsed) {
    return std::move(parsed).error();
  }
  return url;
}

}  // namespace mcp_mqtt::mqtt
