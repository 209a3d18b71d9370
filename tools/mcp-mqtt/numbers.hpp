#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace mcp_mqtt::command_line {

/// A number as a person writes it: 3, 0.25, 1e+20.
std::string number_text(double number);

/// A time in seconds such as 5 or 0.5, in milliseconds: more than none, at most a day. Throws
/// Failure (`usage`) that names the option otherwise.
std::chrono::milliseconds seconds_option(std::string_view option, double seconds);

/// The value below or at which so much of the sorted values lies, by nearest rank. There is at
/// least one value; `part` is more than 0 and at most 1.
std::chrono::microseconds quantile(const std::vector<std::chrono::microseconds>& sorted,
                                   double part);

/// "0.412 ms".
std::string milliseconds_text(std::chrono::microseconds time);

}  // namespace mcp_mqtt::command_line
