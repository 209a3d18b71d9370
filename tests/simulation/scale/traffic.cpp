#include "traffic.hpp"

#include <algorithm>

namespace mcp_mqtt::simulation::scale {
namespace {

std::size_t index_of(Kind kind) { return static_cast<std::size_t>(kind); }
std::size_t index_of(Direction direction) { return static_cast<std::size_t>(direction); }

bool says(const mqtt::Message& message, std::string_view text) {
  return message.payload.find(text) != std::string::npos;
}

}  // namespace

Kind kind_of(const mqtt::Message& message) {
  if (message.topic.starts_with("$mcp-server/presence/")) return Kind::presence;
  if (says(message, "\"method\":\"initialize\"")) return Kind::initialize;
  if (says(message, "\"method\":\"notifications/initialized\"")) return Kind::initialized;
  if (says(message, "\"protocolVersion\"")) return Kind::initialize_answer;
  return Kind::other;
}

void Traffic::begin(TimePoint at) {
  begin_ = at;
  slices_.clear();
}

void Traffic::add(Kind kind, Direction direction, TimePoint at) {
  const auto index = static_cast<std::size_t>((std::max(at, begin_) - begin_) / slice);
  if (index >= slices_.size()) slices_.resize(index + 1);
  ++slices_[index][index_of(kind)][index_of(direction)];
}

template <class Pick>
std::uint64_t Traffic::sum(Pick pick) const {
  std::uint64_t all = 0;
  for (const Slice& one : slices_) all += pick(one);
  return all;
}

template <class Pick>
std::uint64_t Traffic::most(Pick pick) const {
  std::uint64_t window = 0;
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    window += pick(slices_[i]);
    if (i >= slices_per_second) window -= pick(slices_[i - slices_per_second]);
    most = std::max(most, window);
  }
  return most;
}

std::uint64_t Traffic::total(Kind kind, Direction direction) const {
  return sum([&](const Slice& one) { return one[index_of(kind)][index_of(direction)]; });
}

std::uint64_t Traffic::peak(Kind kind, Direction direction) const {
  return most([&](const Slice& one) { return one[index_of(kind)][index_of(direction)]; });
}

std::uint64_t Traffic::total(Direction direction) const {
  std::uint64_t all = 0;
  for (std::size_t kind = 0; kind < kinds; ++kind) all += total(Kind(kind), direction);
  return all;
}

std::uint64_t Traffic::peak(Direction direction) const {
  return most([&](const Slice& one) {
    std::uint64_t all = 0;
    for (const auto& kind : one) all += kind[index_of(direction)];
    return all;
  });
}

std::uint64_t Traffic::peak() const {
  return most([](const Slice& one) {
    std::uint64_t all = 0;
    for (const auto& kind : one) all += std::uint64_t(kind[0]) + kind[1];
    return all;
  });
}

std::vector<std::uint64_t> Traffic::series() const {
  std::vector<std::uint64_t> all;
  for (const Slice& one : slices_) {
    std::uint64_t messages = 0;
    for (const auto& kind : one) messages += std::uint64_t(kind[0]) + kind[1];
    all.push_back(messages);
  }
  return all;
}

}  // namespace mcp_mqtt::simulation::scale
