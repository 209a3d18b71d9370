#include "mcp-mqtt/output.hpp"

#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/safe_text.hpp"

namespace mcp_mqtt::command_line {
namespace {

std::size_t width_of(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

std::string dump(const Json& document, int indent, bool ascii) {
  return document.dump(indent, ' ', ascii, Json::error_handler_t::replace) + '\n';
}

}  // namespace

std::optional<Format> parse_format(std::string_view text) noexcept {
  if (text == "table") return Format::table;
  if (text == "plain") return Format::plain;
  if (text == "json") return Format::json;
  return std::nullopt;
}

Terminal Terminal::of_process() {
  Terminal terminal;
  terminal.output = ::isatty(STDOUT_FILENO) == 1;
  terminal.error = ::isatty(STDERR_FILENO) == 1;
  if (terminal.output) terminal.width = width_of(STDOUT_FILENO);
  if (terminal.error) terminal.error_width = width_of(STDERR_FILENO);
  // https://no-color.org: set to anything but nothing.
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  terminal.colours = terminal.output && !dumb && (no_color == nullptr || *no_color == '\0');
  return terminal;
}

Output::Output(std::optional<Format> format, const Terminal& terminal)
    : format_(format.value_or(terminal.output ? Format::table : Format::plain)),
      terminal_(terminal) {}

Output::~Output() { end_status(); }

void Output::write(std::string_view text) {
  const std::lock_guard lock(mutex_);
  const bool shown = !status_.empty();
  if (shown) erase_status();
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) {
    throw Failure(ExitCode::other, "standard output cannot be written");
  }
  if (shown) std::fputs(status_.c_str(), stderr);
}

void Output::text(std::string_view text) {
  std::string safe = safe_text(text);
  if (!safe.ends_with('\n')) safe += '\n';
  write(safe);
}

void Output::table(const Table& table) {
  if (format_ == Format::plain) return write(table.plain());
  write(table.aligned(terminal_.width, terminal_.colours));
}

void Output::json(const Json& document) { write(dump(document, 2, terminal_.output)); }
void Output::json_line(const Json& document) { write(dump(document, -1, terminal_.output)); }

void Output::note(std::string_view line) {
  const std::string safe = safe_line(line) + '\n';
  const std::lock_guard lock(mutex_);
  if (!status_.empty()) erase_status();
  std::fputs(safe.c_str(), stderr);
  std::fputs(status_.c_str(), stderr);
}

void Output::status(std::string_view line) {
  if (!terminal_.error) return;
  // A line that fills the last column would wrap, and could not be erased.
  const std::size_t width = terminal_.error_width > 1 ? terminal_.error_width - 1 : 79;
  std::string shown = cut(line, width);
  const std::lock_guard lock(mutex_);
  erase_status();
  status_ = std::move(shown);
  std::fputs(status_.c_str(), stderr);
}

void Output::end_status() {
  const std::lock_guard lock(mutex_);
  if (status_.empty()) return;
  erase_status();
  status_.clear();
}

void Output::erase_status() { std::fputs("\r\x1b[K", stderr); }

}  // namespace mcp_mqtt::command_line
