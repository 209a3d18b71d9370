#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mcp_mqtt/result.hpp>

namespace mcp_mqtt {

/// A URI template (RFC 6570, levels 1 to 3): `plant://{bed}/soil`, `file:///{+path}`,
/// `log://all{?level,since}`. A value: copies are equal and independent, and any thread may use one
/// that nobody changes.
class UriTemplate {
 public:
  using Values = std::map<std::string, std::string>;

  static constexpr std::size_t max_length = 8192;   ///< Bytes, of a template and of a URI.
  static constexpr std::size_t max_variables = 64;  ///< Named in one template, repetitions too.

  /// `invalid_argument` with what is wrong and where: also for the modifiers of level 4 (`{list*}`,
  /// `{name:3}`) and beyond the limits above.
  static Result<UriTemplate> parse(std::string_view text);

  const std::string& text() const noexcept { return text_; }

  /// The names of the variables, each once, in the order of the text.
  const std::vector<std::string>& variables() const noexcept { return variables_; }

  /// The URI for these values. A variable without one is undefined, as the RFC calls it; names that
  /// the template lacks are ignored.
  std::string expand(const Values& values) const;

  /// The values that `uri` has where the template has variables, percent-decoded; nullopt where it
  /// does not match. The inverse of expand():
  ///  - `{var}` takes at least one character and none of `/?#`; `{+var}` takes at least one, any.
  ///    What begins with an operator (`{/var}`, `{.var}`, `{;var}`, `{?var}`, `{&var}`, `{#var}`)
  ///    may be missing; its variables then have no value.
  ///  - `{?a,b}`, `{&a,b}` and `{;a,b}` take their names in any order, each at most once, and no
  ///    others. In the other lists the values stand in order, and the last takes the rest.
  ///  - Where several divisions fit, earlier variables take as much as they can.
  ///  - A variable that stands twice has the same value twice.
  /// A URI that is too long, has a broken `%` or decodes to what is not UTF-8 does not match. Takes
  /// time in proportion to the length of the URI. Decoded values may hold anything, "../" too.
  std::optional<Values> match(std::string_view uri) const;

  /// The bytes outside the variables: of two templates that match a URI, the one with more is the
  /// more specific.
  std::size_t literal_length() const noexcept { return literal_length_; }

  bool operator==(const UriTemplate& other) const { return text_ == other.text_; }

  /// A piece of the text: a literal, as it stands in the URI, or the variables of one expression.
  struct Part {
    std::string literal;
    char operation = '\0';  ///< One of `+#./;?&`; NUL for none.
    std::vector<std::string> names = {};

    bool is_literal() const noexcept { return names.empty(); }
  };

 private:
  UriTemplate() = default;

  std::string text_;
  std::vector<Part> parts_;
  std::vector<std::string> variables_;
  std::size_t literal_length_ = 0;
};

}  // namespace mcp_mqtt
