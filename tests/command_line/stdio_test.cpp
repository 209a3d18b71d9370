#include <array>
#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "mcp-mqtt/child/line_rate.hpp"
#include "mcp-mqtt/stdio/line_reader.hpp"
#include "mcp-mqtt/stdio/line_writer.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::command_line {
namespace {

using test::EventLog;
using test::patience;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    out = Descriptor(ends[0]);
    in = Descriptor(ends[1]);
  }
  void put(const std::string& text) const {
    EXPECT_EQ(::write(in.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  Descriptor out;
  Descriptor in;
};

std::vector<std::string> cut_lines(const std::vector<std::string>& pieces, std::size_t most) {
  std::vector<std::string> lines;
  LineBuffer buffer(most, {[&](const std::string& line) { lines.push_back(line); },
                           [&](const std::string& beginning, std::size_t bytes) {
                             lines.push_back("(" + beginning + " " + std::to_string(bytes) + ")");
                           }});
  for (const std::string& piece : pieces) buffer.add(piece);
  buffer.end();
  return lines;
}

TEST(LineBuffer, CutsWhereverThePiecesEnd) {
  const std::vector<std::string> wanted{"one", "two", "three"};
  EXPECT_EQ(cut_lines({"one\ntwo\r\n\n\r\nthree"}, 10), wanted);
  EXPECT_EQ(cut_lines({"o", "ne", "\n", "two\r", "\nth", "ree\n"}, 10), wanted);
  EXPECT_EQ(cut_lines({}, 10), std::vector<std::string>());
}

TEST(LineBuffer, PassesOverWhatIsTooLong) {
  EXPECT_EQ(cut_lines({"12345\n123456\n12", "345", "6\n12345"}, 5),
            (std::vector<std::string>{"12345", "(123456 6)", "(123456 6)", "12345"}));
  const std::vector<std::string> lines =
      cut_lines(std::vector<std::string>(1'000, std::string(1'000, 'x')), 10'000);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "(" + std::string(200, 'x') + " 1000000)");
}

struct ReadLines {
  LineEvents events() const {
    return {[lines = lines](std::string line) { lines.push(std::move(line)); },
            [lines = lines](std::string beginning, std::size_t) {
              lines.push("too long: " + std::move(beginning));
            }};
  }
  std::function<void()> on_end() const {
    return [lines = lines] { lines.push("(end)"); };
  }
  EventLog<std::string> lines;
};

TEST(LineReader, TellsOfEachLineAndOfTheEnd) {
  Pipe pipe;
  const ReadLines read;
  const LineReader reader(pipe.out.get(), 10, read.events(), read.on_end());
  pipe.put("one\n");
  EXPECT_EQ(read.lines.take(), "one");
  pipe.put("01234567890\ntw");
  EXPECT_EQ(read.lines.take(), "too long: 01234567890");
  pipe.in.close();
  EXPECT_EQ(read.lines.take(), "tw");
  EXPECT_EQ(read.lines.take(), "(end)");
}

TEST(LineReader, EndsWhileThereIsNothingToRead) {
  const Pipe pipe;
  const ReadLines read;
  { const LineReader reader(pipe.out.get(), 10, read.events(), read.on_end()); }
  EXPECT_EQ(read.lines.size(), 0U);
}

TEST(LineRate, AdmitsABurstAndSoManyASecondAfterThat) {
  LineRate rate;
  LineRate::TimePoint now = LineRate::TimePoint() + std::chrono::hours(1);
  const auto admitted = [&] {
    int count = 0;
    for (int line = 0; line < 1'000; ++line) count += rate.admit(now) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(admitted(), LineRate::burst);
  EXPECT_EQ(rate.take_left_out(), 800U);
  EXPECT_EQ(rate.take_left_out(), 0U);
  now += std::chrono::seconds(1);
  EXPECT_EQ(admitted(), LineRate::per_second);
  now += std::chrono::hours(1);
  EXPECT_EQ(admitted(), LineRate::burst);
}

TEST(LineWriter, WritesWholeLinesInTheirOrder) {
  Pipe pipe;
  const ReadLines read;
  {
    LineWriter writer(pipe.in.get(), 1U << 20, {});
    // More than a pipe holds, so that lines go out in parts.
    for (int at = 0; at < 50; ++at) {
      EXPECT_TRUE(writer.write(std::to_string(at) + std::string(10'000, 'x')));
    }
    const LineReader reader(pipe.out.get(), 1U << 20, read.events(), read.on_end());
    EXPECT_TRUE(writer.finish(patience));
    ASSERT_TRUE(read.lines.wait_for_count(50));
  }
  int at = 0;
  for (const std::string& line : read.lines.all()) {
    EXPECT_EQ(line, std::to_string(at++) + std::string(10'000, 'x'));
  }
}

TEST(LineWriter, RefusesWhatNobodyReads) {
  for (const int flags : {0, O_NONBLOCK}) {
    const Pipe pipe;
    ASSERT_EQ(::fcntl(pipe.in.get(), F_SETFL, flags), 0);
    LineWriter writer(pipe.in.get(), 100'000, {});
    int taken = 0;
    while (writer.write(std::string(10'000, 'x'))) ++taken;
    EXPECT_GE(taken, 9);
    EXPECT_LE(taken, 30);
    EXPECT_FALSE(writer.finish(std::chrono::milliseconds(1)));
  }
}

TEST(LineWriter, TellsThatNobodyReadsAnyMore) {
  Pipe pipe;
  pipe.out.close();
  const EventLog<int> failed;
  LineWriter writer(pipe.in.get(), 100, [failed](int reason) { failed.push(reason); });
  EXPECT_TRUE(writer.write("one"));
  EXPECT_EQ(failed.take(), EPIPE);
  EXPECT_FALSE(writer.write("two"));
  EXPECT_FALSE(writer.finish(patience));
}

}  // namespace
}  // namespace mcp_mqtt::command_line
