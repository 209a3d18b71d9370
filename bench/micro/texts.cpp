#include "texts.hpp"

#include <stdexcept>

#include "pieces.hpp"

namespace mcp_mqtt::bench {

std::string prose(std::size_t bytes) {
  constexpr const char* line =
      "The press stands still since 14:05, \"guard open\" on line 3; temperature 71.5 °C.\n";
  std::string text;
  while (text.size() < bytes) text += line;
  // Not in the middle of a letter.
  text.resize(bytes - 4);
  while (!text.empty() && static_cast<unsigned char>(text.back()) >= 0x80) text.pop_back();
  text.append(bytes - text.size(), '.');
  return text;
}

const Json& call_params() {
  static const Json params{
      {"name", tool_name},
      {"arguments", {{"device", "speaker in the study"}, {"volume", 30}, {"fade", 1.5}}}};
  return params;
}

void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(std::string("hot path: ") + what);
}

Pieces hot_path() {
  Pieces all;
  for (Pieces some : {codec_pieces(), topic_pieces(), engine_pieces(), call_pieces()}) {
    for (Piece& piece : some) all.push_back(std::move(piece));
  }
  return all;
}

}  // namespace mcp_mqtt::bench
