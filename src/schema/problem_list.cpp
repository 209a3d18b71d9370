#include "schema/problem_list.hpp"

namespace mcp_mqtt::schema {

std::string ProblemList::text() const {
  if (count_ <= most) return text_;
  const std::size_t more = count_ - most;
  return text_ + "; and " + std::to_string(more) + (more == 1 ? " more problem" : " more problems");
}

std::optional<std::string> count_problem(std::size_t count, std::size_t minimum,
                                         std::size_t maximum, std::string_view unit) {
  if (count >= minimum && count <= maximum) return std::nullopt;
  std::string text = "has " + std::to_string(count) + ' ' + std::string(unit);
  if (count != 1) text += 's';
  if (minimum == maximum) return text + ", needs exactly " + std::to_string(minimum);
  if (count < minimum) return text + ", needs at least " + std::to_string(minimum);
  return text + ", may have at most " + std::to_string(maximum);
}

}  // namespace mcp_mqtt::schema
