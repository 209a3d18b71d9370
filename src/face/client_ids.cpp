#include "face/client_ids.hpp"

#include <algorithm>
#include <cctype>
#include <random>

namespace mcp_mqtt::face {

std::string make_client_id(std::string_view name) {
  constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string id(name.substr(0, 40));
  std::replace_if(
      id.begin(), id.end(),
      [](char c) { return !std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-'; },
      '-');
  id += '-';
  std::random_device random;
  std::uniform_int_distribution<std::size_t> letter(0, letters.size() - 1);
  for (int i = 0; i < 12; ++i) id += letters[letter(random)];
  return id;
}

}  // namespace mcp_mqtt::face
