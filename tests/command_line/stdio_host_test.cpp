#include "mcp-mqtt/stdio/stdio_host.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stop_token>
#include <string>
#include <thread>
#include <unistd.h>

#include "support/waiting.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;
using test::EventLog;
using test::patience;

struct TwoEnds {
  TwoEnds() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    out = Descriptor(ends[0]);
    in = Descriptor(ends[1]);
  }
  Descriptor out;
  Descriptor in;
};

/// Tells what came, and that it ended.
class Told final : public HostSession {
 public:
  Told(EventLog<wire::RpcMessage> came, EventLog<int> ended)
      : came_(std::move(came)), ended_(std::move(ended)) {}
  ~Told() override { ended_.push(1); }
  void on_message(wire::RpcMessage message) override { came_.push(std::move(message)); }

 private:
  EventLog<wire::RpcMessage> came_;
  EventLog<int> ended_;
};

class StdioHosts : public ::testing::Test {
 protected:
  void serve(const StdioLimits& limits = {}, std::chrono::milliseconds last_answers = patience) {
    host_ = std::make_shared<StdioHost>(
        StdioHost::Streams{to_us_.out.get(), from_us_.in.get()}, limits,
        [notes = notes_](const std::string& line) { notes.push(line); });
    thread_ = std::thread([this, last_answers] {
      results_.push(
          host_->serve(std::make_unique<Told>(came_, ended_), stop_.get_token(), last_answers));
    });
  }
  void TearDown() override {
    stop_.request_stop();
    if (thread_.joinable()) thread_.join();
  }
  void put(const std::string& line) const {
    EXPECT_EQ(::write(to_us_.in.get(), (line + '\n').data(), line.size() + 1),
              static_cast<ssize_t>(line.size() + 1));
  }
  /// Reads what we wrote, up to so many lines.
  std::string read_lines(std::size_t lines) const {
    std::string text;
    char c = 0;
    while (lines > 0 && ::read(from_us_.out.get(), &c, 1) == 1) {
      text += c;
      if (c == '\n') --lines;
    }
    return text;
  }

  TwoEnds to_us_;
  TwoEnds from_us_;
  EventLog<wire::RpcMessage> came_;
  EventLog<int> ended_;
  EventLog<std::string> notes_;
  EventLog<std::optional<Error>> results_;
  std::stop_source stop_;
  std::shared_ptr<StdioHost> host_;
  std::thread thread_;
};

wire::Notification told_of(std::size_t bytes) {
  return {"notifications/message", {{"data", std::string(bytes, 'x')}}};
}

TEST_F(StdioHosts, AHostThatDoesNotReadCostsNoMemoryWithoutBound) {
  // A pipe takes 64 KiB.
  serve({.message = {}, .slow = 100'000, .most = 300'000});
  put(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  ASSERT_TRUE(came_.wait_for_count(1));
  for (int i = 0; i < 200; ++i) host_->send(told_of(10'000), std::nullopt);
  EXPECT_EQ(notes_.take(), "the host does not read: notifications are dropped");
  EXPECT_EQ(notes_.size(), 0U);
  // Nothing more is taken from it.
  put(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  EXPECT_EQ(came_.size(), 1U);
  // What was asked is answered, to a bound.
  for (int id = 1; id < 60; ++id) {
    host_->send(wire::Response{id, {{"data", std::string(10'000, 'x')}}}, std::nullopt);
  }
  const auto result = results_.take();
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->message, "the host does not read its answers");
  EXPECT_EQ(ended_.size(), 1U);
}

TEST_F(StdioHosts, AHostThatReadsAgainIsReadAgain) {
  serve({.message = {}, .slow = 100'000, .most = 1'000'000});
  for (int i = 0; i < 40; ++i) host_->send(told_of(10'000), std::nullopt);
  ASSERT_TRUE(notes_.wait_for_count(1));
  put(R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  EXPECT_FALSE(read_lines(10).empty());
  EXPECT_TRUE(came_.wait_for_count(1));
}

TEST_F(StdioHosts, AHostThatClosedItsEndGetsItsAnswers) {
  serve();
  put(R"({"jsonrpc":"2.0","id":"a","method":"ping"})");
  ASSERT_TRUE(came_.wait_for_count(1));
  to_us_.in.close();
  EXPECT_EQ(ended_.size(), 0U);
  host_->send(wire::Response{"a", Json::object()}, std::nullopt);
  EXPECT_FALSE(results_.take().value());
  EXPECT_EQ(read_lines(1), "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{}}\n");
}

TEST_F(StdioHosts, AHostThatIsGoneGetsNone) {
  serve();
  put(R"({"jsonrpc":"2.0","id":"a","method":"ping"})");
  ASSERT_TRUE(came_.wait_for_count(1));
  from_us_.out.close();
  to_us_.in.close();
  EXPECT_FALSE(results_.take().value());
  EXPECT_EQ(ended_.size(), 1U);
}

TEST_F(StdioHosts, WhoNeverAnswersIsNotWaitedForForEver) {
  serve({}, 50ms);
  put(R"({"jsonrpc":"2.0","id":"a","method":"ping"})");
  ASSERT_TRUE(came_.wait_for_count(1));
  to_us_.in.close();
  EXPECT_FALSE(results_.take().value());
}

TEST_F(StdioHosts, TheEndOfTheSessionIsTheEnd) {
  serve();
  host_->ended({ErrorKind::server_gone, 0, "it left", nullptr});
  EXPECT_EQ(results_.take().value()->message, "it left");
}

TEST_F(StdioHosts, AnAnswerThatCannotBeWrittenIsAnError) {
  serve({.message = {.max_bytes = 200}, .slow = 1'000, .most = 1'000});
  host_->send(wire::Response{7, {{"data", std::string(500, 'x')}}}, std::nullopt);
  EXPECT_TRUE(read_lines(1).starts_with(R"({"jsonrpc":"2.0","id":7,"error":{"code":-32603)"));
}

TEST_F(StdioHosts, AnIdIsInUseUntilItIsAnswered) {
  serve();
  put(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  put(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  EXPECT_TRUE(read_lines(1).starts_with(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32600)"));
  host_->send(wire::Response{1, Json::object()}, std::nullopt);
  EXPECT_EQ(read_lines(1), "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
  put(R"({"jsonrpc":"2.0","id":1,"method":"ping"})");
  EXPECT_TRUE(came_.wait_for_count(2));
  EXPECT_EQ(came_.size(), 2U);
}

}  // namespace
}  // namespace mcp_mqtt::command_line
