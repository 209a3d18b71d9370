#include "runtime/fair_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace mcp_mqtt::runtime {
namespace {

using ::testing::ElementsAre;

class FairQueueTest : public ::testing::Test {
 protected:
  void push(FairQueue::Owner owner, const std::string& name) {
    queue_.push(owner, [this, name] { done_.push_back(name); });
  }
  void run_one() { queue_.pop()(); }
  void run_all() {
    while (!queue_.empty()) run_one();
  }

  FairQueue queue_;
  std::vector<std::string> done_;
};

TEST_F(FairQueueTest, WorkOfOneOwnerKeepsItsOrder) {
  for (const char* name : {"a", "b", "c"}) push(1, name);
  run_all();
  EXPECT_THAT(done_, ElementsAre("a", "b", "c"));
}

TEST_F(FairQueueTest, OwnersTakeTurns) {
  for (const char* name : {"a1", "a2", "a3", "a4"}) push(1, name);
  for (const char* name : {"b1", "b2"}) push(2, name);
  push(3, "c1");
  run_all();
  EXPECT_THAT(done_, ElementsAre("a1", "b1", "c1", "a2", "b2", "a3", "a4"));
}

TEST_F(FairQueueTest, WhoComesLateWaitsForOneOfEachOther) {
  for (const char* name : {"a1", "a2", "a3"}) push(1, name);
  run_one();
  push(2, "b1");
  run_one();
  run_one();
  EXPECT_THAT(done_, ElementsAre("a1", "a2", "b1"));
  run_all();
  push(1, "a4");
  run_all();
  EXPECT_THAT(done_, ElementsAre("a1", "a2", "b1", "a3", "a4"));
}

}  // namespace
}  // namespace mcp_mqtt::runtime
