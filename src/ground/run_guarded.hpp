#pragma once

#include <exception>
#include <string_view>
#include <utility>

#include "ground/logging.hpp"

namespace mcp_mqtt {

/// Runs the program's own code, whose exceptions must not end the program: they become a line of
/// the log. `what` it is, for that line.
template <class F>
void run_guarded(std::string_view what, F&& work) {
  try {
    std::forward<F>(work)();
  } catch (const std::exception& error) {
    log::error("{} threw: {}", what, error.what());
  } catch (...) {
    log::error("{} threw something that is no std::exception", what);
  }
}

}  // namespace mcp_mqtt
