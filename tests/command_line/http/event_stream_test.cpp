#include "mcp-mqtt/http/event_stream.hpp"

#include <gtest/gtest.h>
#include <thread>

#include "support/waiting.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;
using Kind = EventStream::Next::Kind;
using test::patience;

std::string text_of(const EventStream::Next& next) {
  if (next.kind == Kind::end) return "end";
  if (next.kind == Kind::nothing) return "nothing";
  return std::to_string(next.event) + ' ' + next.message;
}

TEST(EventStream, GivesMessagesInOrderAndEnds) {
  EventStream stream(1, {});
  const auto reader = stream.attach();
  stream.push("a");
  stream.push_answer("b");
  stream.finish();
  stream.push("late");
  EXPECT_EQ(text_of(stream.next(reader, 0ms)), "1 a");
  EXPECT_EQ(text_of(stream.next(reader, 0ms)), "2 b");
  EXPECT_EQ(text_of(stream.next(reader, 0ms)), "end");
  EXPECT_TRUE(stream.drained());
}

TEST(EventStream, WaitsForAMessage) {
  EventStream stream(1, {});
  const auto reader = stream.attach();
  EXPECT_EQ(text_of(stream.next(reader, 0ms)), "nothing");
  std::jthread later([&] { stream.push("a"); });
  EXPECT_EQ(text_of(stream.next(reader, patience)), "1 a");
}

TEST(EventStream, RefusesWhatASlowReaderHasNoRoomFor) {
  EventStream stream(1, {.queued_bytes = 10});
  EXPECT_TRUE(stream.push("0123456"));
  EXPECT_FALSE(stream.push("0123"));
  stream.push_answer("an answer beyond it");
  const auto reader = stream.attach();
  EXPECT_EQ(text_of(stream.next(reader, 0ms)), "1 0123456");
  EXPECT_EQ(text_of(stream.next(reader, 0ms)), "2 an answer beyond it");
  EXPECT_EQ(text_of(stream.next(reader, 0ms)), "nothing");
  EXPECT_TRUE(stream.push("0123"));
}

TEST(EventStream, GoesOnWhereTheClientSays) {
  EventStream stream(1, {});
  const auto first = stream.attach();
  for (const char* text : {"a", "b", "c"}) stream.push(text);
  EXPECT_EQ(text_of(stream.next(first, 0ms)), "1 a");
  EXPECT_EQ(text_of(stream.next(first, 0ms)), "2 b");
  stream.detach(first);
  const auto second = stream.attach(1);
  EXPECT_EQ(text_of(stream.next(second, 0ms)), "2 b");
  EXPECT_EQ(text_of(stream.next(second, 0ms)), "3 c");
}

TEST(EventStream, GivesWhatWasNotWrittenToTheNextReader) {
  EventStream stream(1, {});
  const auto first = stream.attach();
  stream.push("a");
  stream.push("b");
  EXPECT_EQ(text_of(stream.next(first, 0ms)), "1 a");
  EXPECT_EQ(text_of(stream.next(first, 0ms)), "2 b");
  stream.detach(first);
  EXPECT_EQ(text_of(stream.next(stream.attach(), 0ms)), "2 b");
}

TEST(EventStream, KeepsALittleOfWhatWasRead) {
  EventStream stream(1, {.queued_bytes = 1'000, .kept_bytes = 2});
  const auto first = stream.attach();
  for (const char* text : {"a", "b", "c", "d"}) stream.push(text);
  for (int count = 0; count < 5; ++count) stream.next(first, 0ms);
  EXPECT_EQ(stream.bytes(), 2U);
  const auto second = stream.attach(0);
  EXPECT_EQ(text_of(stream.next(second, 0ms)), "3 c");
  EXPECT_EQ(text_of(stream.next(second, 0ms)), "4 d");
  EXPECT_EQ(text_of(stream.next(second, 0ms)), "nothing");
}

TEST(EventStream, HasOneReader) {
  EventStream stream(1, {});
  const auto first = stream.attach();
  EXPECT_EQ(stream.attach_if_free(), 0U);
  const auto second = stream.attach();
  stream.push("a");
  EXPECT_EQ(text_of(stream.next(first, 0ms)), "end");
  stream.detach(first);
  EXPECT_TRUE(stream.attached());
  EXPECT_EQ(text_of(stream.next(second, 0ms)), "1 a");
  stream.detach(second);
  EXPECT_NE(stream.attach_if_free(), 0U);
}

TEST(EventStream, LetsTheReaderLookWhoIsWaiting) {
  EventStream stream(1, {});
  const auto reader = stream.attach();
  EXPECT_FALSE(stream.wait_detached(0ms));
  std::jthread looks([&] {
    // It is woken long before the time is over, sees that the client is gone, and leaves.
    EXPECT_EQ(text_of(stream.next(reader, patience)), "nothing");
    stream.detach(reader);
  });
  EXPECT_TRUE(stream.wait_detached(patience));
}

TEST(EventStream, TellsWhetherItIsOneAnswer) {
  EventStream one(1, {});
  one.push_answer("yes");
  one.finish();
  EXPECT_EQ(one.only_answer(patience), "yes");
  EventStream more(2, {});
  more.push("progress");
  EXPECT_EQ(more.only_answer(patience), std::nullopt);
  EventStream open(3, {});
  EXPECT_EQ(open.only_answer(0ms), std::nullopt);
  EventStream two(4, {});
  two.push_answer("a");
  two.push_answer("b");
  two.finish();
  EXPECT_EQ(two.only_answer(patience), std::nullopt);
  EventStream nothing(5, {});
  nothing.finish();
  EXPECT_EQ(nothing.only_answer(patience), std::nullopt);
}

TEST(EventStream, HasIdsForItsEvents) {
  EXPECT_EQ(event_id(3, 17), "3-17");
  EXPECT_EQ(parse_event_id("3-17")->stream, 3U);
  EXPECT_EQ(parse_event_id("3-17")->event, 17U);
  for (const char* bad :
       {"", "3", "3-", "-17", "3-17-1", "a-1", "1-a", "3--1", "99999999999999999999-1"}) {
    EXPECT_FALSE(parse_event_id(bad)) << bad;
  }
}

}  // namespace
}  // namespace mcp_mqtt::command_line
