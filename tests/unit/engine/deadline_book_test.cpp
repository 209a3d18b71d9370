#include "engine/deadline_book.hpp"

#include <gtest/gtest.h>

namespace mcp_mqtt::engine {
namespace {

TimePoint at(int seconds) { return TimePoint(std::chrono::seconds(seconds)); }
using Keys = std::vector<int>;

TEST(DeadlineBook, KnowsTheEarliest) {
  DeadlineBook<int> book;
  EXPECT_FALSE(book.next());
  book.set(1, at(5));
  book.set(2, at(3));
  book.set(3, at(4));
  EXPECT_EQ(book.next(), at(3));
  EXPECT_EQ(book.take_due(at(2)), Keys());
  EXPECT_EQ(book.take_due(at(4)), (Keys{2, 3}));
  EXPECT_EQ(book.next(), at(5));
  EXPECT_EQ(book.take_due(at(100)), Keys{1});
  EXPECT_FALSE(book.next());
}

TEST(DeadlineBook, OneDeadlineForEach) {
  DeadlineBook<int> book;
  book.set(1, at(3));
  book.set(1, at(7));
  EXPECT_EQ(book.next(), at(7));
  book.set(1, at(7));
  book.set(1, at(2));
  EXPECT_EQ(book.take_due(at(10)), Keys{1});
  EXPECT_EQ(book.take_due(at(10)), Keys());
}

TEST(DeadlineBook, NoneIsNoDeadline) {
  DeadlineBook<int> book;
  book.set(1, std::nullopt);
  EXPECT_FALSE(book.next());
  book.set(1, at(3));
  book.set(2, at(3));
  book.set(1, std::nullopt);
  EXPECT_EQ(book.take_due(at(3)), Keys{2});
}

TEST(DeadlineBook, AtTheSameTimeAllAreDue) {
  DeadlineBook<int> book;
  for (const int key : {3, 1, 2}) book.set(key, at(1));
  EXPECT_EQ(book.take_due(at(1)), (Keys{1, 2, 3}));
}

TEST(DeadlineBook, ClearedItIsEmpty) {
  DeadlineBook<int> book;
  book.set(1, at(1));
  book.clear();
  EXPECT_FALSE(book.next());
  book.set(1, at(1));
  EXPECT_EQ(book.next(), at(1));
}

}  // namespace
}  // namespace mcp_mqtt::engine
