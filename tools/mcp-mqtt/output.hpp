#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <mcp_mqtt/json.hpp>

#include "mcp-mqtt/table.hpp"

namespace mcp_mqtt::command_line {

enum class Format {
  table,  ///< For a person: aligned, with titles.
  plain,  ///< For a script: a line each, tabs between, no titles.
  json,   ///< What the protocol says, as JSON.
};

std::optional<Format> parse_format(std::string_view text) noexcept;

/// What standard output and standard error are.
struct Terminal {
  bool output = false;    ///< Standard output is a terminal.
  bool error = false;     ///< Standard error is one.
  bool colours = false;   ///< Standard output takes colours, and NO_COLOR is not set.
  std::size_t width = 0;  ///< Columns of standard output; 0: not a terminal.
  std::size_t error_width = 0;

  /// As they are now.
  static Terminal of_process();
};

/// Where the program writes. Results go to standard output, all else to standard error; there,
/// on a terminal, one status line can stand below the rest. Any thread.
class Output {
 public:
  /// Without a format: a table on a terminal, plain otherwise.
  Output(std::optional<Format> format, const Terminal& terminal);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  Format format() const noexcept { return format_; }
  const Terminal& terminal() const noexcept { return terminal_; }

  // Standard output. Each throws Failure (`other`) where it cannot be written, and flushes.
  /// As it is.
  void write(std::string_view text);
  /// A text of a server, made safe, with a line feed at its end.
  void text(std::string_view text);
  /// As the format says: table or plain.
  void table(const Table& table);
  /// A document, laid out in lines; on a terminal in ASCII alone, so that nothing in it has power
  /// over the terminal.
  void json(const Json& document);
  /// A document in one line: one of many.
  void json_line(const Json& document);

  // Standard error. What cannot be written is lost.
  /// One line, made safe; above the status line.
  void note(std::string_view line);
  /// Shows this status line in place of the one before; nothing where standard error is no
  /// terminal. The line is safe already: safe_line() went over what a server wrote.
  void status(std::string_view line);
  /// Takes the status line away.
  void end_status();

 private:
  void erase_status();

  Format format_;
  Terminal terminal_;
  std::mutex mutex_;
  std::string status_;
};

}  // namespace mcp_mqtt::command_line
