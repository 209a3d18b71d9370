#pragma once

#include <utility>

namespace mcp_mqtt::command_line {

/// A file descriptor that is closed with this object.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const noexcept { return number_; }
  bool open() const noexcept { return number_ >= 0; }
  void close() noexcept;

 private:
  int number_ = -1;
};

/// What ends a poll() of another thread: an eventfd.
class Wake {
 public:
  /// Throws std::system_error where the system has no descriptor left.
  Wake();

  /// Readable from call() to take().
  int descriptor() const noexcept { return event_.get(); }
  void call() const noexcept;
  void take() const noexcept;

 private:
  Descriptor event_;
};

}  // namespace mcp_mqtt::command_line
