#include <tuple>
#include <utility>

#include <mcp_mqtt/uri_template.hpp>

#include "protocol/percent.hpp"

// Matching is two passes over the parts. The backward pass finds from which offsets the rest of the
// template can match the rest of the URI; the forward pass then takes for each part the longest
// stretch that leaves a possible rest. Nothing is tried twice, so no URI makes it slow.
namespace mcp_mqtt {
namespace {

using Part = UriTemplate::Part;
using Values = UriTemplate::Values;
/// For each offset, whether the rest can match from there.
using Offsets = std::vector<bool>;

/// What may not stand inside a value of the expression.
std::string_view stops_of(char operation) {
  switch (operation) {
    case '+':
    case '#':
      return "";
    case ';':
      return ";/?#";
    case '?':
    case '&':
      return "&?#";
    default:
      return "/?#";
  }
}

class Matcher {
 public:
  Matcher(const std::vector<Part>& parts, std::string_view uri) : parts_(parts), uri_(uri) {}

  std::optional<Values> run() {
    find_possible();
    if (!possible_.front()[0]) return std::nullopt;
    std::size_t at = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      std::size_t longest = at;
      visit_ends(parts_[i], at, [&](std::size_t end) {
        if (possible_[i + 1][end]) longest = end;
        return true;
      });
      if (!take(parts_[i], at, longest)) return std::nullopt;
      at = longest;
    }
    return std::move(values_);
  }

 private:
  void find_possible() {
    possible_.assign(parts_.size() + 1, Offsets(uri_.size() + 1));
    possible_.back()[uri_.size()] = true;
    for (std::size_t i = parts_.size(); i-- > 0;) {
      if (is_run(parts_[i])) {
        find_run_starts(parts_[i], possible_[i + 1], possible_[i]);
      } else {
        find_starts(parts_[i], possible_[i + 1], possible_[i]);
      }
    }
  }

  /// Expressions whose stretch is any text without their stops. Only these can overlap themselves,
  /// so they are not looked at from each offset anew.
  static bool is_run(const Part& part) {
    return !part.is_literal() && (part.operation == '\0' || part.operation == '+' ||
                                  part.operation == '#' || part.operation == '.');
  }

  void find_run_starts(const Part& part, const Offsets& next, Offsets& starts) const {
    const bool prefixed = part.operation == '#' || part.operation == '.';
    const std::string_view stops = stops_of(part.operation);
    bool rest_of_run = next[uri_.size()];
    starts[uri_.size()] = prefixed && next[uri_.size()];
    for (std::size_t at = uri_.size(); at-- > 0;) {
      if (prefixed) {
        starts[at] = next[at] || (uri_[at] == part.operation && rest_of_run);
      } else {
        starts[at] = in_value(at, stops) && rest_of_run && is_boundary(at);
      }
      rest_of_run = next[at] || (in_value(at, stops) && rest_of_run);
    }
  }

  void find_starts(const Part& part, const Offsets& next, Offsets& starts) const {
    for (std::size_t at = 0; at <= uri_.size(); ++at) {
      if (!is_boundary(at)) continue;
      visit_ends(part, at, [&](std::size_t end) {
        starts[at] = next[end];
        return !next[end];
      });
    }
  }

  /// Calls `visit` with the offsets at which a stretch of the part that begins at `at` can end, in
  /// rising order, until it returns false.
  template <class Visit>
  void visit_ends(const Part& part, std::size_t at, const Visit& visit) const {
    if (part.is_literal()) {
      if (uri_.substr(at, part.literal.size()) == part.literal) visit(at + part.literal.size());
      return;
    }
    const std::string_view stops = stops_of(part.operation);
    switch (part.operation) {
      case '\0':
      case '+':
        if (at < uri_.size() && in_value(at, stops)) visit_value_ends(at + 1, stops, visit);
        return;
      case '#':
      case '.':
        if (!visit(at)) return;
        if (at < uri_.size() && uri_[at] == part.operation) visit_value_ends(at + 1, stops, visit);
        return;
      case '/':
        if (visit(at)) visit_segment_ends(part, at, visit);
        return;
      default:
        if (visit(at)) visit_pairs(part, at, visit, [](auto&&...) {});
    }
  }

  /// The offsets from `at` to the end of the value there; {false, …} where `visit` had enough.
  template <class Visit>
  std::pair<bool, std::size_t> visit_value_ends(std::size_t at, std::string_view stops,
                                                const Visit& visit) const {
    while (true) {
      if (is_boundary(at) && !visit(at)) return {false, at};
      if (at == uri_.size() || !in_value(at, stops)) return {true, at};
      ++at;
    }
  }

  template <class Visit>
  void visit_segment_ends(const Part& part, std::size_t at, const Visit& visit) const {
    for (std::size_t i = 0; i < part.names.size(); ++i) {
      if (at == uri_.size() || uri_[at] != '/') return;
      const auto [goes_on, end] = visit_value_ends(at + 1, stops_of('/'), visit);
      if (!goes_on) return;
      at = end;
    }
  }

  /// `name=value` of `{;…}`, `{?…}` and `{&…}`. `pair` gets the name and where its value begins and
  /// ends.
  template <class Visit, class Pair>
  void visit_pairs(const Part& part, std::size_t at, const Visit& visit, const Pair& pair) const {
    const std::string_view stops = stops_of(part.operation);
    std::vector<bool> used(part.names.size());
    for (bool is_first = true; at < uri_.size(); is_first = false) {
      if (uri_[at] != (part.operation == '?' && !is_first ? '&' : part.operation)) return;
      std::size_t end_of_name = ++at;
      while (end_of_name < uri_.size() && uri_[end_of_name] != '=' && in_value(end_of_name, stops))
        ++end_of_name;
      const std::size_t index = unused(part, uri_.substr(at, end_of_name - at), used);
      if (index == part.names.size()) return;
      used[index] = true;
      const bool has_value = end_of_name < uri_.size() && uri_[end_of_name] == '=';
      const std::size_t begin = end_of_name + (has_value ? 1 : 0);
      bool goes_on = true;
      std::size_t end = begin;
      if (has_value) {
        std::tie(goes_on, end) = visit_value_ends(begin, stops, visit);
      } else {
        goes_on = visit(end);
      }
      pair(part.names[index], begin, end);
      if (!goes_on) return;
      at = end;
    }
  }

  static std::size_t unused(const Part& part, std::string_view name,
                            const std::vector<bool>& used) {
    std::size_t index = 0;
    while (index < part.names.size() && (used[index] || part.names[index] != name)) ++index;
    return index;
  }

  bool in_value(std::size_t at, std::string_view stops) const {
    return stops.find(uri_[at]) == std::string_view::npos;
  }

  /// Not inside a percent-encoded byte.
  bool is_boundary(std::size_t at) const {
    return (at < 1 || uri_[at - 1] != '%') && (at < 2 || uri_[at - 2] != '%');
  }

  bool take(const Part& part, std::size_t begin, std::size_t end) {
    if (part.is_literal() || begin == end) return true;
    switch (part.operation) {
      case ';':
      case '?':
      case '&':
        return take_pairs(part, begin, end);
      case '\0':
      case '+':
        return take_list(part, uri_.substr(begin, end - begin), ',');
      case '#':
        return take_list(part, uri_.substr(begin + 1, end - begin - 1), ',');
      default:
        return take_list(part, uri_.substr(begin + 1, end - begin - 1), part.operation);
    }
  }

  bool take_pairs(const Part& part, std::size_t begin, std::size_t end) {
    bool fits = true;
    visit_pairs(
        part, begin, [&](std::size_t at) { return at < end; },
        [&](const std::string& name, std::size_t from, std::size_t to) {
          fits = put(name, uri_.substr(from, to - from)) && fits;
        });
    return fits;
  }

  bool take_list(const Part& part, std::string_view text, char separator) {
    for (const std::string& name : part.names) {
      const bool is_last = &name == &part.names.back();
      const std::size_t end = is_last ? std::string_view::npos : text.find(separator);
      if (!put(name, text.substr(0, end))) return false;
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
    return true;
  }

  bool put(const std::string& name, std::string_view encoded) {
    auto value = protocol::percent_decode(encoded);
    if (!value) return false;
    const auto [place, is_new] = values_.try_emplace(name, *value);
    return is_new || place->second == *value;
  }

  const std::vector<Part>& parts_;
  std::string_view uri_;
  std::vector<Offsets> possible_;
  Values values_;
};

bool has_broken_triplet(std::string_view uri) {
  for (std::size_t at = uri.find('%'); at != std::string_view::npos; at = uri.find('%', at + 1))
    if (!protocol::is_triplet(uri, at)) return true;
  return false;
}

/// Most URIs are meant for another template: these are told apart at once.
bool may_match(const std::vector<Part>& parts, std::string_view uri) {
  if (parts.empty()) return uri.empty();
  return (!parts.front().is_literal() || uri.starts_with(parts.front().literal)) &&
         (!parts.back().is_literal() || uri.ends_with(parts.back().literal));
}

}  // namespace

std::optional<UriTemplate::Values> UriTemplate::match(std::string_view uri) const {
  if (uri.size() > max_length || has_broken_triplet(uri)) return std::nullopt;
  // Literals stand in the parts encoded, so what a peer left unencoded is encoded too.
  const std::string encoded = protocol::percent_encode_uri(uri);
  if (!may_match(parts_, encoded)) return std::nullopt;
  return Matcher(parts_, encoded).run();
}

}  // namespace mcp_mqtt
