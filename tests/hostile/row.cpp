#include "hostile/row.hpp"

#include <iterator>

namespace mcp_mqtt::hostile {

const std::vector<Group>& groups() {
  static const std::vector<Group> all = [] {
    std::vector<Group> groups;
    for (const auto part : {&names_and_senders, &payloads, &requests, &lifecycle, &broker_words,
                            &presence_to_clients, &answers_to_clients, &messages_to_clients}) {
      auto more = part();
      std::move(more.begin(), more.end(), std::back_inserter(groups));
    }
    return groups;
  }();
  return all;
}

std::string repeat(std::string_view piece, std::size_t times) {
  if (piece.size() == 1) return std::string(times, piece.front());
  std::string text(piece);
  text.reserve(piece.size() * times);
  // In blocks: these are tests' sources, which are not optimized.
  while (text.size() < piece.size() * times) {
    text.append(text, 0, piece.size() * times - text.size());
  }
  return text.substr(0, piece.size() * times);
}

std::string request(const std::string& id, const std::string& method, const std::string& params) {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params +
         "}";
}

std::string notification(const std::string& method, const std::string& params) {
  return R"({"jsonrpc":"2.0","method":")" + method + R"(","params":)" + params + "}";
}

}  // namespace mcp_mqtt::hostile
