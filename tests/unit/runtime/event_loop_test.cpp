#include "runtime/event_loop.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/dispatch.hpp>
#include <asio/post.hpp>
#include <atomic>
#include <chrono>
#include <future>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/turn_executor.hpp"

namespace mcp_mqtt::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

std::thread::id here() { return std::this_thread::get_id(); }

/// Holds a turn of the loop's thread until it is let go.
class HeldTurn {
 public:
  explicit HeldTurn(EventLoop& loop) {
    loop.post([this] {
      taken_.set_value();
      let_go_.get_future().wait();
    });
    taken_.get_future().wait();
  }
  void let_go() { let_go_.set_value(); }

 private:
  std::promise<void> taken_;
  std::promise<void> let_go_;
};

TEST(EventLoop, RunsWhatIsPostedOnItsThreadInOrder) {
  EventLoop loop;
  std::vector<int> order;
  loop.post([&] { order.push_back(1); });
  loop.post([&] { order.push_back(2); });
  const auto thread = loop.call([&] {
    EXPECT_TRUE(loop.on_loop());
    return here();
  });
  EXPECT_NE(thread, here());
  EXPECT_FALSE(loop.on_loop());
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(EventLoop, AGuestTakesTheTurnWhenNobodyHasIt) {
  EventLoop loop;
  // The thread may still be leaving its last turn.
  for (std::thread::id ran_on; ran_on != here();) {
    std::promise<std::thread::id> ran;
    loop.run_or_post([&] {
      EXPECT_TRUE(loop.on_loop());
      ran.set_value(here());
    });
    ran_on = ran.get_future().get();
  }
  EXPECT_FALSE(loop.on_loop());
}

TEST(EventLoop, AGuestDoesNotWaitForTheTurnOfAnother) {
  EventLoop loop;
  HeldTurn held(loop);
  std::promise<std::thread::id> ran;
  loop.run_or_post([&] { ran.set_value(here()); });
  held.let_go();
  EXPECT_NE(ran.get_future().get(), here());
}

TEST(EventLoop, AGuestDoesNotOvertakeWhatWaits) {
  EventLoop loop;
  for (int round = 0; round < 1'000; ++round) {
    std::vector<int> order;
    loop.post([&] { order.push_back(1); });
    loop.run_or_post([&] { order.push_back(2); });
    loop.call([] {});
    ASSERT_THAT(order, ElementsAre(1, 2));
  }
}

TEST(EventLoop, WhatAGuestPostsRunsOnTheThread) {
  EventLoop loop;
  std::vector<std::thread::id> ran;
  // The thread may still be leaving its last turn: then nobody is a guest.
  while (ran.empty() || ran.front() != here()) {
    ran.clear();
    std::promise<void> done;
    loop.run_or_post([&] {
      ran.push_back(here());
      loop.post([&] {
        ran.push_back(here());
        done.set_value();
      });
      loop.run_or_post([&] { ran.push_back(here()); });
      EXPECT_EQ(ran.size(), 1U);  // never inside the one who posts
    });
    done.get_future().wait();
    loop.call([] {});
  }
  ASSERT_EQ(ran.size(), 3U);
  EXPECT_NE(ran[1], here());
  EXPECT_EQ(ran[2], ran[1]);
}

TEST(EventLoop, TurnsNeverOverlap) {
  EventLoop loop;
  int value = 0;  // no atomic: the turns guard it
  std::atomic<int> done{0};
  constexpr int each = 5'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < each; ++j) {
        const auto work = [&] {
          ++value;
          ++done;
        };
        if (i % 2 == 0) {
          loop.run_or_post(work);
        } else {
          loop.post(work);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  loop.call([] {});
  EXPECT_EQ(loop.call([&] { return value; }), 4 * each);
  EXPECT_EQ(done, 4 * each);
}

TEST(EventLoop, AnExecutorRunsAtOnceWhereTheTurnIsAndLaterElsewhere) {
  EventLoop loop;
  const asio::any_io_executor executor = loop.executor();
  EXPECT_EQ(&executor.context(), &loop.context());
  std::vector<int> order;
  std::promise<void> posted_ran;
  loop.call([&] {
    asio::dispatch(executor, [&] { order.push_back(1); });
    asio::post(executor, [&] {
      order.push_back(3);
      posted_ran.set_value();
    });
    order.push_back(2);
  });
  posted_ran.get_future().wait();
  std::promise<std::thread::id> ran;
  asio::dispatch(executor, [&] {
    EXPECT_TRUE(loop.on_loop());
    ran.set_value(here());
  });
  EXPECT_NE(ran.get_future().get(), here());
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(EventLoop, AGateDropsWhatComesAfterTheLoop) {
  std::shared_ptr<LoopGate> gate;
  {
    EventLoop loop;
    gate = loop.gate();
    std::promise<void> ran;
    gate->dispatch([&] {
      EXPECT_TRUE(loop.on_loop());
      ran.set_value();
    });
    ran.get_future().wait();
  }
  gate->post([] { ADD_FAILURE() << "the loop is gone"; });
  gate->dispatch([] { ADD_FAILURE() << "the loop is gone"; });
}

TEST(DeadlineTimer, TellsOnceAndInATurn) {
  EventLoop loop;
  std::promise<bool> told;
  std::unique_ptr<DeadlineTimer> timer;
  loop.call([&] {
    timer = std::make_unique<DeadlineTimer>(loop, [&] { told.set_value(loop.on_loop()); });
    timer->arm(now() + 1h);
    timer->arm(now() + 1ms);
  });
  EXPECT_TRUE(told.get_future().get());
  loop.call([&] { timer.reset(); });
}

TEST(DeadlineTimer, ACancelledOneSaysNothingThoughItsTimeHasCome) {
  EventLoop loop;
  std::unique_ptr<DeadlineTimer> timer;
  std::promise<void> later;
  loop.call([&] {
    timer = std::make_unique<DeadlineTimer>(loop, [] { ADD_FAILURE() << "it was cancelled"; });
    timer->arm(now() + 1ms);
    // Its wait is over before the turn is.
    std::this_thread::sleep_for(5ms);
    timer->cancel();
  });
  auto second =
      loop.call([&] { return std::make_unique<DeadlineTimer>(loop, [&] { later.set_value(); }); });
  loop.call([&] { second->arm(now() + 1ms); });
  later.get_future().wait();
  loop.call([&] {
    timer.reset();
    second.reset();
  });
}

}  // namespace
}  // namespace mcp_mqtt::runtime
