#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include <mcp_mqtt/mcp_mqtt.hpp>

namespace interop {

/// "ok - …" and "not ok - …" lines, and the exit status that follows from them.
class Checks {
 public:
  /// Runs one check; an exception fails it. The next one runs in any case. Returns whether it held.
  bool check(const std::string& what, const std::function<void()>& body) {
    try {
      body();
    } catch (const std::exception& error) {
      ++failures_;
      std::cout << "not ok - " << what << ": " << error.what() << std::endl;
      return false;
    }
    ++passed_;
    std::cout << "ok - " << what << std::endl;
    return true;
  }

  int finish() const {
    std::cout << "# " << passed_ << " passed, " << failures_ << " failed" << std::endl;
    return failures_ != 0 || passed_ == 0 ? 1 : 0;
  }

 private:
  int passed_ = 0;
  int failures_ = 0;
};

inline void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

inline std::string shown(const std::string& text) {
  return text.size() <= 300 ? text : text.substr(0, 300) + "…";
}

inline void require_equal(const mcp_mqtt::Json& is, const mcp_mqtt::Json& wanted,
                          const std::string& what) {
  require(is == wanted, what + " is " + shown(is.dump()) + ", not " + shown(wanted.dump()));
}

/// `body` must throw an McpError of this kind and, where it is not 0, code.
template <class Body>
mcp_mqtt::Error require_error(mcp_mqtt::ErrorKind kind, int code, Body body) {
  try {
    body();
  } catch (const mcp_mqtt::McpError& error) {
    const std::string is = std::string(to_string(error.kind())) + " " +
                           std::to_string(error.code()) + " (" + error.what() + ")";
    require(error.kind() == kind && (code == 0 || error.code() == code),
            "the error is " + is + ", not " + std::string(to_string(kind)) + " " +
                std::to_string(code));
    return error.error();
  }
  throw std::runtime_error("there was no error, where " + std::string(to_string(kind)) +
                           " was expected");
}

/// Asks again and again; for states of a peer that tells nobody when they change.
template <class Probe>
void require_eventually(const std::string& what, Probe probe) {
  using namespace std::chrono_literals;
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!probe()) {
    require(std::chrono::steady_clock::now() < end, what + " did not happen within 10 s");
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace interop
