#include "ground/logging.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <string>

#include "ground/log_gate.hpp"

namespace mcp_mqtt {
namespace {

std::atomic<LogLevel> current_level{LogLevel::warning};

struct Sink {
  std::mutex mutex;
  std::shared_ptr<const LogHandler> handler;
};

// Leaked on purpose: threads of the library may log while the process ends.
Sink& sink() {
  static Sink* const instance = new Sink;
  return *instance;
}

spdlog::logger& stderr_logger() {
  static spdlog::logger* const logger = [] {
    auto* made =
        new spdlog::logger("mcp_mqtt", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      break;
  }
  return spdlog::level::off;
}

constexpr std::size_t max_line_bytes = 4'000;

/// Where a character begins at `at` that could end the line or command a terminal; its bytes.
std::size_t control_at(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x20 || byte == 0x7f) return 1;
  // U+0080 to U+009F, which terminals know too.
  const bool c1 =
      byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
  return c1 ? 2 : 0;
}

/// The words of peers stand in some lines: none of them makes a second line, or one without end.
std::string one_line(std::string_view message) {
  std::size_t end = std::min(message.size(), max_line_bytes);
  while (end > 0 && end < message.size() &&
         (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80)
    --end;
  std::string line;
  for (std::size_t i = 0; i < end;) {
    const std::size_t bytes = control_at(message, i);
    line += bytes == 0 ? std::string(1, message[i]) : log::printable(message.substr(i, bytes));
    i += std::max<std::size_t>(bytes, 1);
  }
  if (end < message.size()) line += fmt::format("… ({} bytes)", message.size());
  return line;
}

bool is_one_line(std::string_view message) {
  for (std::size_t i = 0; i < message.size(); ++i) {
    if (control_at(message, i) != 0) return false;
  }
  return message.size() <= max_line_bytes;
}

}  // namespace

void set_log_level(LogLevel level) { current_level.store(level, std::memory_order_relaxed); }

void set_log_handler(LogHandler handler) {
  auto next = handler ? std::make_shared<const LogHandler>(std::move(handler)) : nullptr;
  const std::lock_guard lock(sink().mutex);
  sink().handler = std::move(next);
}

namespace log {

bool enabled(LogLevel level) noexcept {
  return level >= current_level.load(std::memory_order_relaxed);
}

void write(LogLevel level, std::string_view message) noexcept {
  try {
    std::string escaped;
    if (!is_one_line(message)) message = escaped = one_line(message);
    std::shared_ptr<const LogHandler> handler;
    {
      const std::lock_guard lock(sink().mutex);
      handler = sink().handler;
    }
    if (handler) {
      (*handler)(level, message);
    } else {
      stderr_logger().log(spdlog_level(level),
                          spdlog::string_view_t(message.data(), message.size()));
    }
  } catch (...) {
    // A log line is never worth a failed call.
  }
}

bool admit_peer_line() noexcept {
  struct Peers {
    std::mutex mutex;
    LogGate gate{100, 10};
  };
  static Peers* const peers = new Peers;  // leaked on purpose, as the sink
  std::size_t left_out = 0;
  bool admitted = false;
  {
    const std::lock_guard lock(peers->mutex);
    const auto now = std::chrono::steady_clock::now();
    left_out = peers->gate.take_left_out(now);
    admitted = peers->gate.admit(now);
  }
  if (left_out != 0) {
    line(LogLevel::warning, "{} log lines about what peers sent were left out", left_out);
  }
  return admitted;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char c : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  if (text.size() > limit) out += fmt::format("… ({} bytes)", text.size());
  return out;
}

}  // namespace log
}  // namespace mcp_mqtt
