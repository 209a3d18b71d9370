#include "mcp-mqtt/table.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "mcp-mqtt/safe_text.hpp"

namespace mcp_mqtt::command_line {
namespace {

constexpr std::string_view gap = "  ";
constexpr std::size_t least_last_column = 20;

/// The text in lines of at most `width` columns, broken at spaces; a longer word is left whole.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    std::string& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (columns(line) + 1 + columns(word) <= width) {
      line += ' ' + word;
    } else {
      lines.push_back(word);
    }
    begin = end + 1;
  }
  return lines;
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t taken = columns(text);
  return taken < width ? text + std::string(width - taken, ' ') : text;
}

}  // namespace

Table::Table(std::vector<std::string> header) : header_(std::move(header)) {}

void Table::add(std::vector<std::string> cells, std::size_t indent) {
  for (std::string& cell : cells) cell = safe_line(cell);
  cells.resize(header_.size());
  rows_.push_back({std::move(cells), indent});
}

Table Table::without_empty_columns() const {
  Table table({});
  for (std::size_t at = 0; at < header_.size(); ++at) {
    const bool first = at == 0;
    const auto has_text = [at](const Row& row) { return !row.cells[at].empty(); };
    if (!first && std::none_of(rows_.begin(), rows_.end(), has_text)) continue;
    table.header_.push_back(header_[at]);
    table.rows_.resize(rows_.size());
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      const std::size_t indent = first ? rows_[row].indent : 0;
      table.rows_[row].cells.push_back(std::string(indent, ' ') + rows_[row].cells[at]);
    }
  }
  return table;
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths;
  for (const std::string& title : header_) widths.push_back(columns(title));
  for (const Row& row : rows_) {
    for (std::size_t at = 0; at < row.cells.size(); ++at) {
      widths[at] = std::max(widths[at], columns(row.cells[at]));
    }
  }
  return widths;
}

std::string Table::aligned(std::size_t width, bool colours) const {
  const Table shown = without_empty_columns();
  const std::vector<std::size_t> widths = shown.widths();
  std::size_t before_last = 0;
  for (std::size_t at = 0; at + 1 < widths.size(); ++at) before_last += widths[at] + gap.size();
  std::size_t last_width = std::string::npos;
  if (width > 0) last_width = std::max(width, before_last + least_last_column) - before_last;
  std::string out;
  const auto add_line = [&](const std::vector<std::string>& cells, bool bold) {
    if (bold) out += "\x1b[1m";
    std::string line;
    for (std::size_t at = 0; at + 1 < cells.size(); ++at) {
      line += padded(cells[at], widths[at]);
      line += gap;
    }
    const std::vector<std::string> last = wrapped(cells.back(), last_width);
    line += last.front();
    while (line.ends_with(' ')) line.pop_back();
    out += line;
    if (bold) out += "\x1b[0m";
    out += '\n';
    for (std::size_t at = 1; at < last.size(); ++at) {
      out += std::string(before_last, ' ') + last[at] + '\n';
    }
  };
  add_line(shown.header_, colours);
  for (const Row& row : shown.rows_) add_line(row.cells, false);
  return out;
}

std::string Table::plain() const {
  std::string out;
  for (const Row& row : rows_) {
    for (std::size_t at = 0; at < row.cells.size(); ++at) {
      if (at > 0) out += '\t';
      out += row.cells[at];
    }
    out += '\n';
  }
  return out;
}

}  // namespace mcp_mqtt::command_line
