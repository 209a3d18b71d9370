#include "ground/logging.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace mcp_mqtt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class LoggingTest : public testing::Test {
 protected:
  void collect() {
    set_log_handler(
        [this](LogLevel level, std::string_view message) { lines_.emplace_back(level, message); });
  }
  void TearDown() override {
    set_log_handler(nullptr);
    set_log_level(LogLevel::warning);
  }

  std::vector<std::pair<LogLevel, std::string>> lines_;
};

TEST_F(LoggingTest, WarningsAndErrorsReachTheHandlerByDefault) {
  collect();
  log::debug("a {}", 1);
  log::info("b {}", 2);
  log::warning("c {}", 3);
  log::error("d {}", 4);
  EXPECT_THAT(lines_, ElementsAre(Pair(LogLevel::warning, "c 3"), Pair(LogLevel::error, "d 4")));
}

TEST_F(LoggingTest, TheLevelDecidesWhatIsWritten) {
  collect();
  set_log_level(LogLevel::debug);
  log::line(LogLevel::trace, "too fine");
  log::debug("kept");
  EXPECT_THAT(lines_, ElementsAre(Pair(LogLevel::debug, "kept")));

  set_log_level(LogLevel::trace);
  EXPECT_TRUE(log::enabled(LogLevel::trace));
}

TEST_F(LoggingTest, OffSilencesErrorsToo) {
  collect();
  set_log_level(LogLevel::off);
  EXPECT_FALSE(log::enabled(LogLevel::error));
  log::error("nobody hears this");
  EXPECT_TRUE(lines_.empty());
}

TEST_F(LoggingTest, AnEmptyHandlerRestoresStandardError) {
  collect();
  log::warning("to the handler");
  set_log_handler(nullptr);
  testing::internal::CaptureStderr();
  log::warning("to standard error");
  const std::string captured = testing::internal::GetCapturedStderr();
  EXPECT_THAT(captured, HasSubstr("to standard error"));
  EXPECT_THAT(captured, HasSubstr("mcp_mqtt"));
  EXPECT_THAT(captured, Not(HasSubstr("to the handler")));
  EXPECT_THAT(lines_, ElementsAre(Pair(LogLevel::warning, "to the handler")));
}

TEST_F(LoggingTest, AHandlerThatThrowsHurtsNobody) {
  int calls = 0;
  set_log_handler([&](LogLevel, std::string_view) {
    ++calls;
    throw std::runtime_error("disk full");
  });
  EXPECT_NO_THROW(log::error("a line"));
  EXPECT_EQ(calls, 1);
}

TEST_F(LoggingTest, BracesInALineAreTextNotFormat) {
  collect();
  log::warning("{}", "{not a format}");
  EXPECT_THAT(lines_, ElementsAre(Pair(LogLevel::warning, "{not a format}")));
  set_log_handler(nullptr);
  testing::internal::CaptureStderr();
  log::write(LogLevel::error, "{0} {bad");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("{0} {bad"));
}

TEST_F(LoggingTest, WhatIsQuotedMakesNoSecondLine) {
  collect();
  log::warning("said: {}", std::string("a\nb\x1b[2J\x7f\xc2\x9b") + std::string(1, '\0') + "ü");
  log::warning("said: {}", std::string(10'000'000, 'x'));
  ASSERT_EQ(lines_.size(), 2U);
  EXPECT_EQ(lines_[0].second, "said: a\\x0ab\\x1b[2J\\x7f\\xc2\\x9b\\x00ü");
  EXPECT_LT(lines_[1].second.size(), 5'000U);
}

TEST_F(LoggingTest, TheHandlerMayChangeWhileOthersLog) {
  std::atomic<int> heard{0};
  const auto handler = [&](LogLevel, std::string_view) { heard.fetch_add(1); };
  set_log_handler(handler);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int line = 0; line < 200; ++line) log::warning("line {}", line);
    });
  }
  for (int i = 0; i < 200; ++i) set_log_handler(handler);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(heard.load(), 800);
}

TEST(PrintableTest, PlainTextStaysAsItIs) {
  EXPECT_EQ(log::printable("tools/call \"x\""), "tools/call \"x\"");
  EXPECT_EQ(log::printable(""), "");
}

TEST(PrintableTest, ControlCharactersAndHighBytesAreEscaped) {
  EXPECT_EQ(log::printable("a\nb\x1b[31m\x7f"), "a\\x0ab\\x1b[31m\\x7f");
  EXPECT_EQ(log::printable(std::string_view("\0\xff", 2)), "\\x00\\xff");
}

TEST(PrintableTest, LongTextIsCutAndItsLengthNamed) {
  const std::string cut = log::printable(std::string(1000, 'a'), 10);
  EXPECT_EQ(cut, "aaaaaaaaaa… (1000 bytes)");
  EXPECT_EQ(log::printable(std::string(10, 'a'), 10), "aaaaaaaaaa");
}

TEST_F(LoggingTest, WhatPeersSendWritesSoManyLinesAndNoMore) {
  collect();
  constexpr std::size_t sent = 10'000;
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < sent; ++i) log::peer(LogLevel::warning, "garbage {}", i);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(lines_.size(), 100U);
  EXPECT_LE(static_cast<double>(lines_.size()), 100 + 2 + took.count() * 10);
  EXPECT_EQ(lines_.front().second, "garbage 0");

  // What the program itself does is not a part of it, and what nobody reads costs no room.
  lines_.clear();
  log::peer(LogLevel::info, "unread");
  log::warning("own");
  EXPECT_THAT(lines_, ElementsAre(Pair(LogLevel::warning, "own")));
}

TEST_F(LoggingTest, WhatWasLeftOutIsCountedInTheNextLine) {
  collect();
  const auto told = [&] {
    return std::any_of(lines_.begin(), lines_.end(), [](const auto& line) {
      return line.second.ends_with("log lines about what peers sent were left out");
    });
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!told() && std::chrono::steady_clock::now() < end) {
    log::peer(LogLevel::warning, "garbage");
    std::this_thread::yield();
  }
  EXPECT_TRUE(told());
}

}  // namespace
}  // namespace mcp_mqtt
