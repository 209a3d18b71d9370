#include <algorithm>

#include <mcp_mqtt/uri_template.hpp>

#include "ground/utf8.hpp"
#include "protocol/percent.hpp"

namespace mcp_mqtt {
namespace {

using protocol::is_triplet;

Error refusal(const std::string& why) {
  return {.kind = ErrorKind::invalid_argument, .message = "the URI template is not valid: " + why};
}

std::string at_byte(std::size_t offset) { return " at byte " + std::to_string(offset); }

std::string in_quotes(std::string_view text) { return '\'' + std::string(text) + '\''; }

/// RFC 6570, 2.1. (The apostrophe, which it leaves out, is what its errata allow.)
bool may_be_literal(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F &&
         std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
}

std::optional<Error> literal_problem(std::string_view text, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin; at < end; ++at) {
    const char c = text[at];
    if (c == '%' && !is_triplet(text.substr(0, end), at))
      return refusal("'%' without two hexadecimal digits" + at_byte(at));
    if (c == '}') return refusal("'}' without '{'" + at_byte(at));
    if (!may_be_literal(c))
      return refusal("a character that no URI may hold, percent-encode it," + at_byte(at));
  }
  return std::nullopt;
}

/// RFC 6570, 2.3: varname.
bool is_name(std::string_view name) {
  if (name.empty() || name.front() == '.' || name.back() == '.') return false;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    if (c == '%') {
      if (!is_triplet(name, at)) return false;
      at += 2;
    } else if (c == '.') {
      if (name[at + 1] == '.') return false;
    } else if (c != '_' && (c == '-' || c == '~' || !protocol::is_unreserved(c))) {
      return false;
    }
  }
  return true;
}

Result<UriTemplate::Part> parse_expression(std::string_view body, std::size_t offset) {
  const std::string where = in_quotes('{' + std::string(body) + '}') + at_byte(offset);
  UriTemplate::Part part;
  if (body.empty()) return refusal("nothing in " + where);
  if (std::string_view("+#./;?&").find(body.front()) != std::string_view::npos) {
    part.operation = body.front();
    body.remove_prefix(1);
  } else if (std::string_view("=,!@|").find(body.front()) != std::string_view::npos) {
    return refusal("the operator of " + where + " is reserved for the future");
  }
  for (std::size_t begin = 0; begin <= body.size();) {
    const std::size_t end = std::min(body.find(',', begin), body.size());
    const std::string_view name = body.substr(begin, end - begin);
    if (name.find_first_of("*:") != std::string_view::npos)
      return refusal("the modifiers '*' and ':' (level 4 of RFC 6570) are not supported, in " +
                     where);
    if (!is_name(name)) return refusal(in_quotes(name) + " is no variable name, in " + where);
    part.names.emplace_back(name);
    begin = end + 1;
  }
  return part;
}

/// What the operator puts before the first value and between values, whether it names them, and
/// whether reserved characters stay (RFC 6570, appendix A).
struct Style {
  std::string_view first;
  std::string_view separator;
  bool named = false;
  bool keeps_reserved = false;
};

Style style_of(char operation) {
  switch (operation) {
    case '+':
      return {"", ",", false, true};
    case '#':
      return {"#", ",", false, true};
    case '.':
      return {".", "."};
    case '/':
      return {"/", "/"};
    case ';':
      return {";", ";", true};
    case '?':
      return {"?", "&", true};
    case '&':
      return {"&", "&", true};
    default:
      return {"", ","};
  }
}

void expand_part(const UriTemplate::Part& part, const UriTemplate::Values& values,
                 std::string& uri) {
  const Style style = style_of(part.operation);
  bool is_first = true;
  for (const std::string& name : part.names) {
    const auto value = values.find(name);
    if (value == values.end()) continue;
    uri += is_first ? style.first : style.separator;
    is_first = false;
    if (style.named) {
      uri += name;
      // `{;x}` writes an empty value as the bare name.
      if (!value->second.empty() || part.operation != ';') uri += '=';
    }
    uri += style.keeps_reserved ? protocol::percent_encode_uri(value->second)
                                : protocol::percent_encode(value->second);
  }
}

}  // namespace

Result<UriTemplate> UriTemplate::parse(std::string_view text) {
  if (text.size() > max_length)
    return refusal("it is longer than " + std::to_string(max_length) + " bytes");
  if (const auto at = utf8::first_invalid_byte(text)) return refusal("no UTF-8" + at_byte(*at));
  UriTemplate result;
  result.text_ = text;
  std::size_t variables = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    if (text[begin] != '{') {
      const std::size_t end = std::min(text.find('{', begin), text.size());
      if (auto problem = literal_problem(text, begin, end)) return *std::move(problem);
      Part part{.literal = protocol::percent_encode_uri(text.substr(begin, end - begin))};
      result.literal_length_ += part.literal.size();
      result.parts_.push_back(std::move(part));
      begin = end;
      continue;
    }
    const std::size_t end = text.find('}', begin);
    if (end == std::string_view::npos) return refusal("'{' without '}'" + at_byte(begin));
    auto part = parse_expression(text.substr(begin + 1, end - begin - 1), begin);
    if (!part) return std::move(part).error();
    variables += part->names.size();
    if (variables > max_variables)
      return refusal("it has more than " + std::to_string(max_variables) + " variables");
    for (const std::string& name : part->names) {
      auto& known = result.variables_;
      if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
    }
    result.parts_.push_back(*std::move(part));
    begin = end + 1;
  }
  return result;
}

std::string UriTemplate::expand(const Values& values) const {
  std::string uri;
  for (const Part& part : parts_) {
    if (part.is_literal()) {
      uri += part.literal;
    } else {
      expand_part(part, values, uri);
    }
  }
  return uri;
}

}  // namespace mcp_mqtt
