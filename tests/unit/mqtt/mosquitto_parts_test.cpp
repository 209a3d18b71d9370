#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

#include <mcp_mqtt/log.hpp>

#include "mqtt/mosquitto/call_inbox.hpp"
#include "mqtt/mosquitto/delivery_queue.hpp"
#include "mqtt/mosquitto/pending_calls.hpp"
#include "mqtt/mosquitto/property_list.hpp"

// The small parts under the transport on libmosquitto.
namespace mcp_mqtt::mqtt::libmosquitto {
namespace {

/// A completion that notes its name.
Completion noting(std::vector<std::string>& called, std::string name) {
  return [&called, name = std::move(name)](Result<void>) { called.push_back(name); };
}

void call(const std::optional<PendingCalls::Call>& pending) {
  ASSERT_TRUE(pending);
  pending->done({});
}

TEST(PendingCalls, GivesACallBackOnceByItsId) {
  std::vector<std::string> called;
  PendingCalls calls;
  ASSERT_TRUE(calls.add(7, {noting(called, "seven"), true}));
  ASSERT_TRUE(calls.add(8, {noting(called, "eight"), false}));
  EXPECT_FALSE(calls.take(9));
  const auto seven = calls.take(7);
  call(seven);
  EXPECT_TRUE(seven->in_window);
  EXPECT_FALSE(calls.take(7));
  EXPECT_EQ(calls.size(), 1u);
  call(calls.take(8));
  EXPECT_TRUE(calls.empty());
  EXPECT_EQ(called, (std::vector<std::string>{"seven", "eight"}));
}

TEST(PendingCalls, AnIdInUseIsNotTakenAndTheCallStaysWhole) {
  std::vector<std::string> called;
  PendingCalls calls;
  ASSERT_TRUE(calls.add(1, {noting(called, "first"), true}));
  PendingCalls::Call second{noting(called, "second"), true};
  EXPECT_FALSE(calls.add(1, std::move(second)));
  ASSERT_TRUE(second.done);
  second.done({});
  call(calls.take(1));
  EXPECT_EQ(called, (std::vector<std::string>{"second", "first"}));
}

TEST(PendingCalls, AnUnacknowledgedMessageMayShareAnId) {
  std::vector<std::string> called;
  PendingCalls calls;
  ASSERT_TRUE(calls.add(1, {noting(called, "acknowledged"), true}));
  calls.add_unacknowledged(5, noting(called, "written first"));
  calls.add_unacknowledged(1, noting(called, "written second"));
  // They are written in their order, so 1 is the acknowledgement while 5 is not written.
  call(calls.take(1));
  call(calls.take(5));
  call(calls.take(1));
  EXPECT_EQ(called, (std::vector<std::string>{"acknowledged", "written first", "written second"}));
  EXPECT_TRUE(calls.empty());
}

TEST(PendingCalls, AllOfThemComeInTheOrderOfTheCallsAlsoWhereIdsWrapAround) {
  std::vector<std::string> called;
  PendingCalls calls;
  ASSERT_TRUE(calls.add(65'535, {noting(called, "a"), true}));
  ASSERT_TRUE(calls.add(1, {noting(called, "b"), true}));
  ASSERT_TRUE(calls.add(2, {noting(called, "c"), true}));
  call(calls.take(1));
  called.clear();
  for (auto& done : calls.take_all()) done({});
  EXPECT_EQ(called, (std::vector<std::string>{"a", "c"}));
  EXPECT_TRUE(calls.empty());
  EXPECT_TRUE(calls.add(2, {noting(called, "d"), true})) << "its id is free again";
}

TEST(CallInbox, KeepsTheOrderAndIsEmptyAfterwards) {
  CallInbox inbox;
  std::string order;
  for (const char name : {'a', 'b', 'c'}) {
    ASSERT_TRUE(inbox.push(1, [&order, name] { order += name; }));
  }
  for (auto& next : inbox.take()) next();
  EXPECT_EQ(order, "abc");
  EXPECT_TRUE(inbox.take().empty());
}

TEST(CallInbox, IsBoundedByItsCalls) {
  CallInbox inbox;
  std::size_t taken = 0;
  while (taken < 100'000 && inbox.push(0, [] {})) ++taken;
  EXPECT_EQ(taken, 10'000u);
  CallInbox::Call refused = [] {};
  EXPECT_FALSE(inbox.push(0, std::move(refused)));
  EXPECT_TRUE(refused) << "left as it was";
  inbox.push_always([] {});
  EXPECT_EQ(inbox.take().size(), 10'001u);
  EXPECT_TRUE(inbox.push(0, [] {})) << "there is room again";
}

TEST(CallInbox, IsBoundedByItsBytesButTakesOneCallOfAnySize) {
  CallInbox inbox;
  constexpr std::size_t limit = 64U << 20;
  ASSERT_TRUE(inbox.push(2 * limit, [] {}));
  EXPECT_FALSE(inbox.push(1, [] {}));
  inbox.take();
  ASSERT_TRUE(inbox.push(limit - 1, [] {}));
  EXPECT_TRUE(inbox.push(1, [] {}));
  EXPECT_FALSE(inbox.push(1, [] {}));
}

TEST(DeliveryQueue, RunsInOrderUpToTheLimit) {
  DeliveryQueue queue;
  std::string order;
  for (const char name : {'a', 'b', 'c'}) queue.push([&order, name] { order += name; });
  queue.run(2);
  EXPECT_EQ(order, "ab");
  EXPECT_FALSE(queue.empty());
  queue.run(2);
  EXPECT_EQ(order, "abc");
  EXPECT_TRUE(queue.empty());
}

TEST(DeliveryQueue, NoCallbackRunsInsideAnother) {
  DeliveryQueue queue;
  std::string order;
  queue.push([&] {
    order += '(';
    EXPECT_TRUE(queue.running());
    queue.push([&] { order += 'x'; });
    queue.run(10);
    order += ')';
  });
  EXPECT_FALSE(queue.running());
  queue.run(10);
  EXPECT_EQ(order, "()x");
}

TEST(DeliveryQueue, ACallbackThatThrowsIsLoggedAndStopsNobody) {
  std::vector<std::string> lines;
  set_log_handler([&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  DeliveryQueue queue;
  bool called = false;
  queue.push([] { throw std::runtime_error("the user's own"); });
  queue.push([] { throw 1; });
  queue.push([&] { called = true; });
  queue.run(10);
  set_log_handler({});
  EXPECT_TRUE(called);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_NE(lines[0].find("the user's own"), std::string::npos);
}

TEST(PropertyList, KeepsOrderDuplicatesAndEmptyStrings) {
  const UserProperties properties{{"b", "2"}, {"a", "1"}, {"b", "2"}, {"", "x"}, {"y", ""}};
  const PropertyList list = make_property_list(properties);
  EXPECT_EQ(user_properties_of(list.get()), properties);
  EXPECT_TRUE(user_properties_of(make_property_list({}).get()).empty());
}

}  // namespace
}  // namespace mcp_mqtt::mqtt::libmosquitto
