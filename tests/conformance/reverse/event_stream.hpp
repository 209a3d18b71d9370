#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mcp_mqtt::test {

/// Reads Server-Sent Events as they come, in pieces of any size.
class EventStream {
 public:
  /// `data` of one event; the lines of several `data` fields are joined.
  using OnData = std::function<void(const std::string& data)>;

  explicit EventStream(OnData on_data) : on_data_(std::move(on_data)) {}

  void feed(std::string_view bytes);

  /// The last event id; empty: none yet.
  const std::string& last_id() const noexcept { return last_id_; }
  /// How long to wait before the stream is taken up again, where the server said so.
  std::optional<std::chrono::milliseconds> retry() const noexcept { return retry_; }

 private:
  void on_line(std::string_view line);

  OnData on_data_;
  std::string rest_;
  std::string data_;
  std::string last_id_;
  std::optional<std::chrono::milliseconds> retry_;
};

}  // namespace mcp_mqtt::test
