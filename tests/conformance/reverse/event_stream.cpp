#include "conformance/reverse/event_stream.hpp"

#include <charconv>
#include <utility>

namespace mcp_mqtt::test {

void EventStream::feed(std::string_view bytes) {
  rest_.append(bytes);
  std::size_t begin = 0;
  for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
    std::string_view line = std::string_view(rest_).substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    on_line(line);
    begin = end + 1;
  }
  rest_.erase(0, begin);
}

void EventStream::on_line(std::string_view line) {
  if (line.empty()) {
    if (!data_.empty()) on_data_(std::exchange(data_, {}));
    return;
  }
  const auto colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "id") {
    last_id_ = value;
  } else if (field == "data") {
    if (!data_.empty()) data_ += '\n';
    data_ += value;
  } else if (field == "retry") {
    int milliseconds = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), milliseconds);
    if (read.ec == std::errc() && milliseconds >= 0) {
      retry_ = std::chrono::milliseconds(milliseconds);
    }
  }
}

}  // namespace mcp_mqtt::test
