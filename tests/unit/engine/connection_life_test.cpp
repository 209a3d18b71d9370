#include "engine/connection_life.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <vector>

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

const Error taken_over{ErrorKind::refused, 0x8E, "session taken over", nullptr};

/// Lives that end after `lived`, each: what the last loss says, and how long each pause was.
Next live_briefly(Life& life, int lives, Duration lived, std::vector<double>* pauses = nullptr) {
  Next next = Next::nothing;
  for (int i = 0; i < lives && next == Next::nothing; ++i) {
    life.life.on_connected(life.now, "desk-1");
    life.now += lived;
    next = life.lose();
    if (next != Next::nothing) break;
    const double pause = life.wait_for_retry();
    if (pauses != nullptr) pauses->push_back(pause);
  }
  return next;
}

TEST(ConnectionLife, ManyShortLivesInARowAreAnIdConflict) {
  Life life;
  std::vector<double> pauses;
  EXPECT_EQ(live_briefly(life, 4, seconds(2), &pauses), Next::nothing);
  EXPECT_EQ(live_briefly(life, 1, seconds(2)), Next::give_up);
  EXPECT_EQ(life.life.error().kind, ErrorKind::id_conflict);
  EXPECT_NE(life.life.error().message.find("'desk-1'"), std::string::npos);
  EXPECT_NE(life.life.error().message.find("an id of its own"), std::string::npos);
  EXPECT_FALSE(life.life.next_deadline());
  // The last two attempts came at once: a broker that restarts cannot answer those.
  ASSERT_EQ(pauses.size(), 4U);
  EXPECT_GE(pauses[0], 0.8);
  EXPECT_GE(pauses[1], 1.28);
  EXPECT_EQ(pauses[2], 0);
  EXPECT_EQ(pauses[3], 0);
}

TEST(ConnectionLife, ABrokerThatRestartsAgainAndAgainIsNoIdConflict) {
  Life life;
  life.connect();
  for (int restarts = 0; restarts < 50; ++restarts) {
    life.now += seconds(1);
    ASSERT_EQ(life.lose(), Next::nothing);
    life.wait_for_retry();
    if (restarts % 4 == 3) {  // seldom enough that only the attempts at once see it
      ASSERT_EQ(life.fail(), Next::nothing);
      life.wait_for_retry();
    }
    life.connect();
  }
}

TEST(ConnectionLife, LongerLivesOrAReasonOrAnotherIdAreNoIdConflict) {
  Life longer;
  EXPECT_EQ(live_briefly(longer, 30, seconds(5)), Next::nothing);
  Life with_reason;
  for (int i = 0; i < 30; ++i) {
    with_reason.connect();
    ASSERT_EQ(with_reason.lose(refused(0x8B)), Next::nothing);
    with_reason.wait_for_retry();
  }
  Life other_ids;
  for (int i = 0; i < 30; ++i) {
    other_ids.life.on_connected(other_ids.now, "host-" + std::to_string(i));
    ASSERT_EQ(other_ids.lose(), Next::nothing);
    other_ids.wait_for_retry();
  }
  Backoff backoff;
  backoff.id_conflict_after = 0;
  Life never(backoff);
  EXPECT_EQ(live_briefly(never, 30, seconds(1)), Next::nothing);
}

TEST(ConnectionLife, AStableLifeEndsTheRowOfShortOnes) {
  Life life;
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(live_briefly(life, 4, seconds(1)), Next::nothing);
    EXPECT_EQ(live_briefly(life, 1, seconds(30)), Next::nothing);
  }
}

TEST(ConnectionLife, ATakeoverThatTheBrokerNamesTwiceIsAnIdConflict) {
  Life life;
  life.life.on_connected(life.now, "desk-1");
  EXPECT_EQ(life.lose(taken_over), Next::nothing);
  EXPECT_EQ(life.life.error().kind, ErrorKind::id_conflict);
  EXPECT_EQ(life.life.error().code, 0x8E);
  life.wait_for_retry();
  life.life.on_connected(life.now, "desk-1");
  EXPECT_EQ(life.lose(taken_over), Next::give_up);
  EXPECT_EQ(life.life.error().kind, ErrorKind::id_conflict);
  EXPECT_NE(life.life.error().message.find("'desk-1'"), std::string::npos);

  Life once_in_a_while;
  for (int i = 0; i < 5; ++i) {
    once_in_a_while.life.on_connected(once_in_a_while.now, "desk-1");
    once_in_a_while.now += seconds(31);
    EXPECT_EQ(once_in_a_while.lose(taken_over), Next::nothing);
    once_in_a_while.wait_for_retry();
  }
}

TEST(ConnectionLife, ReconnectNowTriesAtOnceAndCountsFromTheStart) {
  Backoff backoff;
  backoff.jitter = 0;
  Life life(backoff);
  life.connect();
  EXPECT_EQ(life.life.reconnect_now(), Next::nothing);  // connected
  life.lose();
  life.wait_for_retry();
  life.fail();
  life.wait_for_retry();
  life.fail();
  EXPECT_EQ(life.life.reconnect_now(), Next::connect);
  EXPECT_FALSE(life.life.next_deadline());
  EXPECT_EQ(life.life.reconnect_now(), Next::connect);  // again, while it connects
  life.fail();
  EXPECT_NEAR(life.wait_for_retry(), 1, 0.001);
}

TEST(ConnectionLife, ReconnectNowAlsoAfterGivingUpButNotAfterTheEnd) {
  Life life;
  life.connect();
  life.lose();
  life.wait_for_retry();
  life.fail(refused(0x87));
  life.wait_for_retry();
  ASSERT_EQ(life.fail(refused(0x87)), Next::give_up);
  EXPECT_EQ(life.life.reconnect_now(), Next::connect);
  EXPECT_EQ(life.fail(refused(0x87)), Next::nothing);  // forgiven: one more is needed
  life.wait_for_retry();
  EXPECT_EQ(life.fail(refused(0x87)), Next::give_up);
  life.life.stop();
  EXPECT_EQ(life.life.reconnect_now(), Next::nothing);
  ConnectionLife idle({}, 1);
  EXPECT_EQ(idle.reconnect_now(), Next::nothing);
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
