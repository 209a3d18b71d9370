#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mcp_mqtt::command_line {

/// Rows of cells, for a person or for a script. Cells are made safe for a terminal here, so nobody
/// can forget it.
class Table {
 public:
  explicit Table(std::vector<std::string> header);

  /// As many cells as the header has. The first one is set in by so many columns where the table is
  /// aligned: the row belongs to the one above.
  void add(std::vector<std::string> cells, std::size_t indent = 0);
  bool empty() const noexcept { return rows_.empty(); }

  /// Columns below each other, under their titles; without those that are empty. What the last
  /// column lacks room for, at `width` columns in all, goes on in the next line; 0: it has all the
  /// room it wants. Colours: bold titles.
  std::string aligned(std::size_t width, bool colours) const;
  /// A line for each row, tabs between the cells, no titles.
  std::string plain() const;

 private:
  struct Row {
    std::vector<std::string> cells = {};
    std::size_t indent = 0;
  };

  Table without_empty_columns() const;
  std::vector<std::size_t> widths() const;

  std::vector<std::string> header_;
  std::vector<Row> rows_;
};

}  // namespace mcp_mqtt::command_line
