#include "engine/connection_life.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

// When a lost connection is tried again, and when not.
namespace mcp_mqtt::engine {
namespace {

using Next = ConnectionLife::Next;
using Seconds = std::chrono::duration<double>;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Error lost{ErrorKind::connection_lost, 0, "gone", nullptr};
const Error unreachable{ErrorKind::not_connected, 0, "no route", nullptr};

Error refused(int code) { return {ErrorKind::refused, code, "refused", nullptr}; }

class Life {
 public:
  explicit Life(Backoff backoff = {}, unsigned seed = 1) : life(backoff, seed) {
    EXPECT_EQ(life.start(), Next::connect);
  }

  void connect() {
    life.on_connected(now);
    EXPECT_TRUE(life.connected());
  }
  /// Waits for the retry; how long it took, in seconds.
  double wait_for_retry() {
    const auto at = life.next_deadline();
    if (!at) {
      ADD_FAILURE() << "no retry is planned";
      return 0;
    }
    const double delay = Seconds(*at - now).count();
    EXPECT_EQ(life.on_time(*at - Duration(1)), Next::nothing);
    now = *at;
    EXPECT_EQ(life.on_time(now), Next::connect);
    EXPECT_FALSE(life.next_deadline());
    return delay;
  }
  Next fail(const Error& error = unreachable) { return life.on_connect_failed(error, now); }
  Next lose(const Error& error = lost) { return life.on_lost(error, now); }

  ConnectionLife life;
  TimePoint now{std::chrono::hours(1)};
};

TEST(ConnectionLife, FirstFailureIsTheCallers) {
  Life life;
  EXPECT_EQ(life.fail(), Next::give_up);
  EXPECT_EQ(life.life.error().message, "no route");
  EXPECT_FALSE(life.life.next_deadline());
  EXPECT_EQ(life.life.on_time(life.now + seconds(1'000)), Next::nothing);
}

TEST(ConnectionLife, FirstFailureIsTriedAgainWhereAsked) {
  Backoff backoff;
  backoff.retry_first = true;
  Life life(backoff);
  EXPECT_EQ(life.fail(), Next::nothing);
  life.wait_for_retry();
}

TEST(ConnectionLife, DelaysGrowByTheFactorUpToTheMaximum) {
  Backoff backoff;
  backoff.jitter = 0;
  Life life(backoff);
  life.connect();
  EXPECT_EQ(life.lose(), Next::nothing);
  double expected = 1;
  for (int i = 0; i < 20; ++i) {
    EXPECT_NEAR(life.wait_for_retry(), std::min(expected, 120.0), 0.001);
    expected *= 1.6;
    EXPECT_EQ(life.fail(), Next::nothing);
  }
}

TEST(ConnectionLife, JitterStaysInItsBoundsAndFollowsTheSeed) {
  std::set<double> first_delays;
  for (unsigned seed = 1; seed <= 50; ++seed) {
    Life life({}, seed);
    Life twin({}, seed);
    life.connect();
    twin.connect();
    life.lose();
    twin.lose();
    double base = 1;
    for (int i = 0; i < 14; ++i) {
      const double delay = life.wait_for_retry();
      EXPECT_EQ(delay, twin.wait_for_retry());
      EXPECT_GE(delay, base * 0.8 - 0.001);
      EXPECT_LE(delay, base * 1.2 + 0.001);
      if (i == 0) first_delays.insert(delay);
      base = std::min(base * 1.6, 120.0);
      life.fail();
      twin.fail();
    }
  }
  EXPECT_GT(first_delays.size(), 40U);
}

TEST(ConnectionLife, StartsOverOnlyAfterAStableConnection) {
  Backoff backoff;
  backoff.jitter = 0;
  Life life(backoff);
  life.connect();
  life.lose();
  EXPECT_NEAR(life.wait_for_retry(), 1, 0.001);
  life.connect();
  life.now += milliseconds(29'999);
  life.lose();
  EXPECT_NEAR(life.wait_for_retry(), 1.6, 0.001);
  life.connect();
  life.now += seconds(30);
  life.lose();
  EXPECT_NEAR(life.wait_for_retry(), 1, 0.001);
}

TEST(ConnectionLife, SameCredentialRefusalTwiceIsFatal) {
  for (const int code : {0x86, 0x87, 0x8C}) {
    Life life;
    life.connect();
    life.lose();
    life.wait_for_retry();
    EXPECT_EQ(life.fail(refused(code)), Next::nothing);
    life.wait_for_retry();
    EXPECT_EQ(life.fail(refused(code)), Next::give_up);
    EXPECT_EQ(life.life.error().code, code);
    EXPECT_FALSE(life.life.next_deadline());
  }
}

TEST(ConnectionLife, OtherRefusalsAreTriedOn) {
  Life life;
  life.connect();
  life.lose();
  const Error timeout{ErrorKind::timeout, 0, "slow", nullptr};
  for (const Error& error : {refused(0x88), refused(0x88), refused(0x88), refused(0x87),
                             refused(0x86), refused(0x87), timeout, refused(0x87), unreachable}) {
    life.wait_for_retry();
    EXPECT_EQ(life.fail(error), Next::nothing);
  }
}

TEST(ConnectionLife, SuccessBetweenRefusalsForgivesThem) {
  Life life;
  life.connect();
  for (int i = 0; i < 3; ++i) {
    life.lose();
    life.wait_for_retry();
    EXPECT_EQ(life.fail(refused(0x87)), Next::nothing);
    life.wait_for_retry();
    life.connect();
  }
}

TEST(ConnectionLife, StopEndsIt) {
  Life waiting;
  waiting.connect();
  waiting.lose();
  waiting.life.stop();
  EXPECT_FALSE(waiting.life.next_deadline());
  EXPECT_EQ(waiting.life.on_time(waiting.now + seconds(1'000)), Next::nothing);
  Life connecting;
  connecting.life.stop();
  EXPECT_EQ(connecting.fail(), Next::nothing);
  connecting.life.on_connected(connecting.now);
  EXPECT_FALSE(connecting.life.connected());
  Life connected;
  connected.connect();
  connected.life.stop();
  EXPECT_EQ(connected.lose(), Next::nothing);
  EXPECT_FALSE(connected.life.next_deadline());
}

TEST(ConnectionLife, EventsOutOfPlaceAreIgnored) {
  Life life;
  EXPECT_EQ(life.lose(), Next::nothing);
  life.connect();
  EXPECT_EQ(life.fail(), Next::nothing);
  EXPECT_TRUE(life.life.connected());
  life.lose();
  const auto planned = life.life.next_deadline();
  EXPECT_EQ(life.lose(), Next::nothing);
  EXPECT_EQ(life.life.next_deadline(), planned);
}

}  // namespace
}  // namespace mcp_mqtt::engine
