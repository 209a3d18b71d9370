#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/error.hpp>
#include <mcp_mqtt/json.hpp>

namespace conformance {

using mcp_mqtt::Json;

/// An array of exactly these: braces alone would make an object of pairs.
template <class... Values>
Json list(const Values&... values) {
  Json array = Json::array();
  (array.push_back(Json(values)), ...);
  return array;
}

/// One line for each check on standard output.
class Report {
 public:
  /// Whether `ask` gives exactly `wanted`; a check that throws has failed.
  template <class F>
  void check(const std::string& what, const Json& wanted, F ask) {
    try {
      compare(what, wanted, ask());
    } catch (const std::exception& error) {
      fail(what, wanted, error.what());
    }
  }
  /// Whether `ask` ends with this JSON-RPC error.
  template <class F>
  void check_error(const std::string& what, int code, F ask) {
    const Json wanted{{"error", code}};
    try {
      compare(what, wanted, ask());
    } catch (const mcp_mqtt::McpError& error) {
      compare(what, wanted, {{"error", error.code()}});
    }
  }
  int failures() const noexcept { return failures_; }
  int checks() const noexcept { return checks_; }

 private:
  void compare(const std::string& what, const Json& wanted, const Json& got) {
    if (got != wanted) return fail(what, wanted, got.dump());
    ++checks_;
    std::cout << "ok    " << what << std::endl;
  }
  void fail(const std::string& what, const Json& wanted, const std::string& got) {
    ++checks_;
    ++failures_;
    std::cout << "FAIL  " << what << "\n      wanted " << wanted.dump() << "\n      got    " << got
              << std::endl;
  }

  int checks_ = 0;
  int failures_ = 0;
};

/// What arrived, in order; callbacks put it in, the checks take it out.
class Inbox {
 public:
  void put(Json value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  /// The first `count` values, when so many have come or it takes too long.
  Json take(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return values_.size() >= count; });
    Json taken = Json::array();
    for (; taken.size() < count && !values_.empty(); values_.erase(values_.begin())) {
      taken.push_back(values_.front());
    }
    return taken;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Json> values_;
};

}  // namespace conformance
