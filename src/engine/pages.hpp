#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/protocol/request_id.hpp>
#include <mcp_mqtt/result.hpp>

#include "engine/json_bytes.hpp"

// Pagination of lists. A cursor names the last entry of the page before, so a list may change
// between two pages: nothing that stays is skipped or told twice.
namespace mcp_mqtt::engine {

/// The opaque cursor of the page that follows the entry `last` of `list`.
std::string make_cursor(std::string_view list, std::string_view last);

/// After which entry the page begins that these params ask for; nullopt: the first page. -32602 for
/// a cursor that is none of this list.
Result<std::optional<std::string>> read_cursor(std::string_view list, const Json& params);

/// What one page may hold. At least one entry is in it, whatever its size.
struct PageRoom {
  std::size_t entries = 100;
  std::size_t bytes = std::numeric_limits<std::size_t>::max();
};

/// What is left for the result of the answer to `id` in a packet of `max_packet_bytes`, which
/// `sender` publishes on `topic`.
std::size_t bytes_for_result(std::size_t max_packet_bytes, const RequestId& id,
                             std::string_view topic, std::string_view sender);

/// About as many bytes as the page takes beside its entries.
std::size_t page_frame_bytes(std::string_view last);

/// A page of an ordered map as `{member: […], "nextCursor": …}`; `write` makes the JSON of an
/// entry.
template <class Map, class Write>
Result<Json> page_of(const Map& map, const char* member, const Json& params, const PageRoom& room,
                     Write&& write) {
  const auto after = read_cursor(member, params);
  if (!after) return after.error();
  auto entry = *after ? map.upper_bound(**after) : map.begin();
  Json items = Json::array();
  const std::size_t most = std::max<std::size_t>(room.entries, 1);  // a page of none leads nowhere
  std::size_t bytes = 0;
  for (; entry != map.end() && items.size() < most; ++entry) {
    Json item = write(*entry);
    bytes += json_bytes(item) + 1;
    if (!items.empty() && bytes + page_frame_bytes(entry->first) > room.bytes) break;
    items.push_back(std::move(item));
  }
  Json page = Json::object();
  if (entry != map.end()) page["nextCursor"] = make_cursor(member, std::prev(entry)->first);
  page[member] = std::move(items);
  return page;
}

}  // namespace mcp_mqtt::engine
