#include "mcp-mqtt/http/event_reader.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// A comment after so much silence: those in between keep the connection, and one that broke is
/// found out.
constexpr auto silence = 15s;
constexpr auto retry = 1'000ms;

}  // namespace

std::shared_ptr<void> StreamSlots::take() {
  if (taken_->fetch_add(1) >= most_) {
    taken_->fetch_sub(1);
    return nullptr;
  }
  return std::shared_ptr<void>(taken_.get(),
                               [taken = taken_](void* /*unused*/) { taken->fetch_sub(1); });
}

EventReader::EventReader(std::shared_ptr<GatewaySession> session,
                         std::shared_ptr<EventStream> stream, std::uint64_t reader,
                         std::shared_ptr<void> slot)
    : session_(std::move(session)),
      stream_(std::move(stream)),
      reader_(reader),
      slot_(std::move(slot)) {}

EventReader::~EventReader() {
  stream_->detach(reader_);
  session_->touch(std::chrono::steady_clock::now());
}

void EventReader::prime() { prime_ = true; }

std::optional<std::string> EventReader::read(std::chrono::milliseconds timeout) {
  const auto now = std::chrono::steady_clock::now();
  if (std::exchange(prime_, false)) {
    written_ = now;
    return "id: " + event_id(stream_->number(), stream_->position()) +
           "\nretry: " + std::to_string(retry.count()) + "\ndata: \n\n";
  }
  EventStream::Next next = stream_->next(reader_, timeout);
  switch (next.kind) {
    case EventStream::Next::Kind::end:
      return std::nullopt;
    case EventStream::Next::Kind::event:
      written_ = now;
      return "event: message\nid: " + event_id(stream_->number(), next.event) +
             "\ndata: " + next.message + "\n\n";
    case EventStream::Next::Kind::nothing:
      if (now - written_ < silence) return std::string();
      written_ = now;
      return ": \n\n";
  }
  return std::nullopt;
}

}  // namespace mcp_mqtt::command_line
