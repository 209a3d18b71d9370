#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <set>

#include "hostile/row.hpp"

// docs/hostile_input.md holds the table as it is here. MCP_MQTT_UPDATE_HOSTILE=1 writes it.
namespace mcp_mqtt::hostile {
namespace {

constexpr const char* begin_mark = "<!-- table: made by tests/hostile/document_test.cpp -->\n";
constexpr const char* end_mark = "<!-- end of the table -->\n";

/// Text for a cell of a table: no control characters, no bars.
std::string cell(const std::string& text) {
  std::string shown;
  for (const char c : text) {
    if (c == '|') {
      shown += "\\|";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      shown += "�";
    } else {
      shown += c;
    }
  }
  return shown;
}

std::string expected(const Row& row) {
  const Outcome& outcome = row.outcome;
  switch (outcome.kind) {
    case Outcome::Kind::ignored:
      return "nothing";
    case Outcome::Kind::warned:
      return "dropped; the log warns: \"" + outcome.text + "\"";
    case Outcome::Kind::answered:
      return "answered";
    case Outcome::Kind::refused:
      return "error " + std::to_string(outcome.code) +
             (outcome.id.is_null() ? " with the id null" : "");
    case Outcome::Kind::ended:
      return "the sender's session is over";
    case Outcome::Kind::failed:
      return std::string(row.place == Place::handshake ? "open()" : "the call") +
             " fails: " + std::string(to_string(outcome.error));
    case Outcome::Kind::succeeded:
      return std::string(row.place == Place::handshake ? "open()" : "the call") + " returns";
    case Outcome::Kind::found:
      return "found";
    case Outcome::Kind::not_found:
      return "not found";
  }
  return {};
}

std::string table() {
  std::string text = begin_mark;
  for (const bool to_server : {true, false}) {
    text += to_server ? "## To a server\n" : "## To a client\n";
    for (const Group& group : groups()) {
      if (group.to_server != to_server) continue;
      text += "### " + group.name + "\n" + group.about +
              "\n\n| row | sent | expected |\n|---|---|---|\n";
      for (const Row& row : group.rows) {
        text += "| `" + row.name + "`" + (row.no_broker ? " ¹" : "") + " | " + cell(row.sent) +
                " | " + cell(expected(row)) + " |\n";
      }
      text += "\n";
    }
  }
  return text + end_mark;
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Document, HoldsEveryRow) {
  const std::string path = MCP_MQTT_HOSTILE_DOCUMENT;
  const std::string document = read(path);
  const auto begin = document.find(begin_mark);
  const auto end = document.find(end_mark);
  ASSERT_NE(begin, std::string::npos) << path << " has no place for the table";
  ASSERT_NE(end, std::string::npos);
  const std::string wanted =
      document.substr(0, begin) + table() + document.substr(end + std::string(end_mark).size());
  if (std::getenv("MCP_MQTT_UPDATE_HOSTILE") != nullptr && document != wanted) {
    std::ofstream(path, std::ios::binary) << wanted;
    return;
  }
  EXPECT_TRUE(document == wanted) << path << " is not the table any more; MCP_MQTT_UPDATE_HOSTILE=1"
                                  << " with this test writes it anew";
}

TEST(Document, NamesEachRowOnce) {
  std::set<std::string> names;
  std::size_t rows = 0;
  for (const Group& group : groups()) {
    for (const Row& row : group.rows) {
      EXPECT_TRUE(names.insert(row.name).second) << row.name;
      EXPECT_FALSE(row.sent.empty()) << row.name;
      ++rows;
    }
  }
  std::printf("hostile: groups=%zu rows=%zu\n", groups().size(), rows);
}

}  // namespace
}  // namespace mcp_mqtt::hostile
