#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mcp_mqtt::schema {

/// The problems found so far, as one text. It counts them all and keeps the first ten.
class ProblemList {
 public:
  /// `make` makes the text; it is called only where the text is kept.
  template <class Make>
  void add(const Make& make) {
    if (++count_ > most) return;
    if (!text_.empty()) text_ += "; ";
    text_ += make();
  }

  bool empty() const noexcept { return count_ == 0; }
  std::string text() const;

 private:
  static constexpr std::size_t most = 10;

  std::string text_;
  std::size_t count_ = 0;
};

/// "has 2 items, needs at least 3"; nullopt where `count` lies within both ends.
std::optional<std::string> count_problem(std::size_t count, std::size_t minimum,
                                         std::size_t maximum, std::string_view unit);

}  // namespace mcp_mqtt::schema
