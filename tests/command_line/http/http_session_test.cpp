#include "mcp-mqtt/http/http_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mcp-mqtt/http/session_table.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

using Stream = std::shared_ptr<EventStream>;

/// What waits in a stream: the methods of its messages, "answer N" for answers, then "end".
class Reading {
 public:
  explicit Reading(Stream stream) : stream_(std::move(stream)), reader_(stream_->attach()) {}
  ~Reading() { stream_->detach(reader_); }

  std::vector<std::string> all() {
    std::vector<std::string> out;
    while (true) {
      const auto next = stream_->next(reader_, 0ms);
      if (next.kind == EventStream::Next::Kind::nothing) return out;
      if (next.kind == EventStream::Next::Kind::end) {
        out.emplace_back("end");
        return out;
      }
      const Json message = Json::parse(next.message);
      out.push_back(message.contains("method") ? message["method"].get<std::string>()
                                               : "answer " + message["id"].dump());
    }
  }

 private:
  Stream stream_;
  std::uint64_t reader_;
};

Stream opened(HttpSession& session, std::vector<RequestId> ids) {
  auto out = session.open(ids);
  return std::holds_alternative<Stream>(out) ? std::get<Stream>(out) : nullptr;
}

/// A session whose handshake is over.
class HttpSessionRouting : public ::testing::Test {
 protected:
  explicit HttpSessionRouting(const HttpSessionLimits& limits = {}) : session(limits) {
    const Stream first = opened(session, {RequestId("first")});
    session.send(wire::Response{"first", {{"protocolVersion", "2025-06-18"}}}, std::nullopt);
    session.forget(first);
  }

  void tell(const std::string& method, const std::optional<RequestId>& related = {}) {
    session.send(wire::Notification{method}, related);
  }
  void answer(std::int64_t id) { session.send(wire::Response{id, Json::object()}, std::nullopt); }

  HttpSession session;
};

TEST_F(HttpSessionRouting, LearnsTheRevision) {
  EXPECT_EQ(session.revision(), Revision::v2025_06_18);
  EXPECT_FALSE(session.initialize_error());
}

TEST_F(HttpSessionRouting, GivesEachRequestItsAnswer) {
  Reading one(opened(session, {1}));
  Reading two(opened(session, {2}));
  answer(2);
  answer(2);
  answer(99);
  EXPECT_THAT(two.all(), ElementsAre("answer 2", "end"));
  EXPECT_THAT(one.all(), ElementsAre());
  answer(1);
  EXPECT_THAT(one.all(), ElementsAre("answer 1", "end"));
}

TEST_F(HttpSessionRouting, EndsABatchWithItsLastAnswer) {
  Reading both(opened(session, {1, "1"}));
  answer(1);
  EXPECT_THAT(both.all(), ElementsAre("answer 1"));
  session.send(wire::ErrorResponse{RequestId("1"), rpc_error(-1, "no")}, std::nullopt);
  EXPECT_THAT(both.all(), ElementsAre("answer \"1\"", "end"));
}

TEST_F(HttpSessionRouting, KeepsWhatBelongsToARequestWithIt) {
  Reading alone(session.standalone());
  Reading one(opened(session, {1}));
  Reading two(opened(session, {2}));
  tell("progress", RequestId(1));
  tell("other");
  EXPECT_THAT(one.all(), ElementsAre("progress"));
  EXPECT_THAT(two.all(), ElementsAre());
  EXPECT_THAT(alone.all(), ElementsAre("other"));
}

TEST_F(HttpSessionRouting, SendsTheRestWithTheNewestRequestWhereNobodyGets) {
  Reading one(opened(session, {1}));
  Reading two(opened(session, {2}));
  tell("log");
  tell("late", RequestId(77));
  EXPECT_THAT(two.all(), ElementsAre("log", "late"));
  EXPECT_THAT(one.all(), ElementsAre());
}

TEST_F(HttpSessionRouting, LetsTheRestWaitForAStream) {
  const Stream unread = opened(session, {1});
  tell("a");
  session.send(wire::Request{5, "roots/list"}, std::nullopt);
  Reading alone(session.standalone());
  EXPECT_THAT(alone.all(), ElementsAre());
  session.standalone_is_read();
  EXPECT_THAT(alone.all(), ElementsAre("a", "roots/list"));
}

TEST_F(HttpSessionRouting, PoursWhatWaitsIntoTheNextRequest) {
  tell("a");
  Reading one(opened(session, {1}));
  answer(1);
  EXPECT_THAT(one.all(), ElementsAre("a", "answer 1", "end"));
}

TEST_F(HttpSessionRouting, ForgetsWhatTheHostGaveUp) {
  Reading one(opened(session, {1}));
  session.give_up(1);
  answer(1);
  EXPECT_THAT(one.all(), ElementsAre("end"));
  EXPECT_NE(opened(session, {1}), nullptr);
}

TEST_F(HttpSessionRouting, RefusesAnIdThatIsInUse) {
  const Stream kept = opened(session, {1});
  const auto again = session.open({2, 1});
  ASSERT_TRUE(std::holds_alternative<HttpSession::Refused>(again));
  EXPECT_EQ(std::get<HttpSession::Refused>(again), HttpSession::Refused::id_in_use);
  // The other one was not taken.
  EXPECT_NE(opened(session, {2}), nullptr);
}

TEST_F(HttpSessionRouting, TurnsAnAnswerThatCannotBeWrittenIntoAnError) {
  const Stream stream = opened(session, {1});
  session.send(wire::Response{1, {{"text", "\xff"}}}, std::nullopt);
  const auto text = stream->only_answer(0ms);
  ASSERT_TRUE(text);
  EXPECT_EQ(Json::parse(*text)["error"]["code"], -32603);
}

TEST_F(HttpSessionRouting, EndsEverything) {
  Reading one(opened(session, {1}));
  Reading alone(session.standalone());
  EXPECT_TRUE(session.being_read());
  session.close();
  answer(1);
  EXPECT_THAT(one.all(), ElementsAre("end"));
  EXPECT_THAT(alone.all(), ElementsAre("end"));
  EXPECT_TRUE(opened(session, {2})->finished());
}

TEST_F(HttpSessionRouting, SaysWhyItEnded) {
  EXPECT_FALSE(session.end_reason());
  EXPECT_FALSE(session.wait_for_end(0ms));
  session.ended({ErrorKind::server_gone, 0, "gone", nullptr});
  session.ended({ErrorKind::timeout, 0, "later", nullptr});
  EXPECT_EQ(session.wait_for_end(0ms)->message, "gone");
}

class HttpSessionBounds : public HttpSessionRouting {
 protected:
  HttpSessionBounds()
      : HttpSessionRouting({.requests = 2,
                            .stream = {.queued_bytes = 100, .kept_bytes = 100},
                            .waiting_messages = 2,
                            .finished_streams = 2}) {}
};

TEST_F(HttpSessionBounds, BoundsTheRequests) {
  const Stream one = opened(session, {1});
  const Stream two = opened(session, {2});
  const auto three = session.open({3});
  ASSERT_TRUE(std::holds_alternative<HttpSession::Refused>(three));
  EXPECT_EQ(std::get<HttpSession::Refused>(three), HttpSession::Refused::too_many);
  answer(1);
  EXPECT_NE(opened(session, {3}), nullptr);
}

TEST_F(HttpSessionBounds, BoundsWhatWaits) {
  for (const char* method : {"a", "b", "c"}) tell(method);
  session.send(wire::Request{5, "roots/list"}, std::nullopt);
  EXPECT_THAT(session.take_unheard(), ElementsAre(RequestId(5)));
  EXPECT_THAT(session.take_unheard(), ElementsAre());
  Reading alone(session.standalone());
  session.standalone_is_read();
  EXPECT_THAT(alone.all(), ElementsAre("a", "b"));
}

TEST_F(HttpSessionBounds, BoundsWhatASlowReaderMisses) {
  Reading one(opened(session, {1}));
  for (int count = 0; count < 10; ++count) tell("0123456789", RequestId(1));
  session.send(wire::Request{5, "sampling/createMessage"}, RequestId(1));
  EXPECT_THAT(session.take_unheard(), ElementsAre(RequestId(5)));
  answer(1);
  const auto heard = one.all();
  EXPECT_LT(heard.size(), 5U);
  EXPECT_EQ(heard[heard.size() - 2], "answer 1");
}

TEST_F(HttpSessionBounds, KeepsTheLastStreamsForWhoComesBack) {
  std::vector<std::uint64_t> numbers;
  for (std::int64_t id = 1; id <= 4; ++id) {
    numbers.push_back(opened(session, {id})->number());
    answer(id);
  }
  opened(session, {9});
  EXPECT_EQ(session.find(numbers[0]), nullptr);
  EXPECT_EQ(session.find(numbers[1]), nullptr);
  ASSERT_NE(session.find(numbers[3]), nullptr);
  EXPECT_THAT(Reading(session.find(numbers[3])).all(), ElementsAre("answer 4", "end"));
}

TEST(HttpSessionHandshake, KeepsOtherMessagesOutOfTheAnswerToInitialize) {
  HttpSession session({});
  const Stream first = opened(session, {1});
  Reading one(first);
  session.send(wire::Notification{"notifications/message"}, std::nullopt);
  session.send(wire::ErrorResponse{RequestId(1), rpc_error(-32602, "no")}, std::nullopt);
  EXPECT_THAT(one.all(), ElementsAre("answer 1", "end"));
  EXPECT_EQ(session.initialize_error()->code, -32602);
  EXPECT_FALSE(session.revision());
}

class NoHost : public HostSession {
 public:
  explicit NoHost(std::vector<wire::RpcMessage>& heard) : heard_(heard) {}
  void on_message(wire::RpcMessage message) override { heard_.push_back(std::move(message)); }

 private:
  std::vector<wire::RpcMessage>& heard_;
};

/// Time is what the test says it is.
class SessionTableTest : public ::testing::Test {
 protected:
  std::shared_ptr<GatewaySession> begin() {
    auto session = table.create("desk", now);
    if (session) session->set_host(std::make_unique<NoHost>(heard));
    return session;
  }

  GatewaySession::Time now;
  std::vector<wire::RpcMessage> heard;
  std::vector<std::string> ended;
  SessionTable table{2, 60s, {.waiting_bytes = 0}};
};

TEST_F(SessionTableTest, FindsSessionsByIdsThatNobodyGuesses) {
  const auto one = begin();
  const auto two = begin();
  EXPECT_EQ(one->id().size(), 32U);
  EXPECT_EQ(one->id().find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(one->id(), two->id());
  EXPECT_EQ(table.find(one->id()), one);
  EXPECT_EQ(table.find("0"), nullptr);
  EXPECT_EQ(begin(), nullptr) << "there are two";
  table.remove(one, "test");
  EXPECT_EQ(table.find(one->id()), nullptr);
  EXPECT_NE(begin(), nullptr);
}

TEST_F(SessionTableTest, EndsWhatNobodyUses) {
  table.on_end([&](const GatewaySession&, const std::string& why) { ended.push_back(why); });
  const auto idle = begin();
  const auto used = begin();
  const auto stream = used->link()->standalone();
  const auto reader = stream->attach();
  table.tend(now + 60s);
  EXPECT_EQ(table.size(), 2U);
  table.tend(now + 61s);
  EXPECT_EQ(table.find(idle->id()), nullptr);
  EXPECT_THAT(ended, ElementsAre("nobody used it"));
  stream->detach(reader);
  used->touch(now + 100s);
  table.tend(now + 160s);
  EXPECT_EQ(table.find(used->id()), used);
  table.tend(now + 161s);
  EXPECT_EQ(table.size(), 0U);
}

TEST_F(SessionTableTest, EndsWhatTheServerEnded) {
  table.on_end([&](const GatewaySession&, const std::string& why) { ended.push_back(why); });
  const auto one = begin();
  const auto two = begin();
  one->link()->ended({ErrorKind::server_gone, 0, "gone", nullptr});
  EXPECT_EQ(table.find(one->id()), nullptr);
  two->link()->ended({ErrorKind::server_gone, 0, "gone, too", nullptr});
  table.tend(now);
  EXPECT_THAT(ended, ElementsAre("gone", "gone, too"));
}

TEST_F(SessionTableTest, AnswersWhatNoHostHeard) {
  const auto one = begin();
  one->link()->send(wire::Request{5, "roots/list"}, std::nullopt);
  table.tend(now);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(std::get<wire::ErrorResponse>(heard[0]).id, RequestId(5));
}

TEST_F(SessionTableTest, StopsForGood) {
  const auto one = begin();
  table.stop();
  EXPECT_TRUE(one->link()->closed());
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(begin(), nullptr);
  one->deliver({wire::Notification{"late"}});
  EXPECT_TRUE(heard.empty());
}

}  // namespace
}  // namespace mcp_mqtt::command_line
