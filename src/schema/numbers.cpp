#include "schema/numbers.hpp"

#include <cmath>
#include <cstdint>

namespace mcp_mqtt::schema {
namespace {

constexpr double two_to_63 = 9223372036854775808.0;
constexpr double two_to_64 = 18446744073709551616.0;

/// An integer as sign and size, which holds every int64 and uint64.
struct Whole {
  bool negative;
  std::uint64_t size;
};

Whole whole_of(const Json& integer) {
  if (integer.is_number_unsigned()) return {false, integer.get<std::uint64_t>()};
  const auto value = integer.get<std::int64_t>();
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? Whole{true, 0 - bits} : Whole{false, bits};
}

bool less(const Whole& left, const Whole& right) {
  if (left.negative != right.negative) return left.negative;
  return left.negative ? left.size > right.size : left.size < right.size;
}

/// -1, 0 or 1, as `integer` is less than, equal to or greater than `real`.
int compare(const Whole& integer, double real) {
  if (real >= two_to_64) return -1;
  if (real < -two_to_63) return 1;
  const double floor = std::floor(real);
  const Whole whole = floor < 0 ? Whole{true, static_cast<std::uint64_t>(-floor)}
                                : Whole{false, static_cast<std::uint64_t>(floor)};
  if (less(integer, whole)) return -1;
  if (less(whole, integer)) return 1;
  return real > floor ? -1 : 0;
}

}  // namespace

bool less(const Json& left, const Json& right) {
  const bool left_real = left.is_number_float();
  const bool right_real = right.is_number_float();
  if (left_real && right_real) return left.get<double>() < right.get<double>();
  if (left_real) return compare(whole_of(right), left.get<double>()) > 0;
  if (right_real) return compare(whole_of(left), right.get<double>()) < 0;
  return less(whole_of(left), whole_of(right));
}

bool is_whole(const Json& number) {
  if (!number.is_number_float()) return true;
  const double value = number.get<double>();
  return std::isfinite(value) && std::trunc(value) == value;
}

}  // namespace mcp_mqtt::schema
