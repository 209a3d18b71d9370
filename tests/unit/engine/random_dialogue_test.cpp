#include "random_dialogue.hpp"

#include <cstdlib>

namespace mcp_mqtt::engine::test {
namespace {

struct Seeds {
  std::uint64_t first;
  std::uint64_t last;
};

/// MCP_MQTT_SEED=7 or =1-5000: these instead of the usual ones.
std::optional<Seeds> seeds_to_replay() {
  const char* text = std::getenv("MCP_MQTT_SEED");
  if (text == nullptr || *text == '\0') return std::nullopt;
  char* end = nullptr;
  const std::uint64_t first = std::strtoull(text, &end, 10);
  return Seeds{first, *end == '-' ? std::strtoull(end + 1, nullptr, 10) : first};
}

class RandomDialogues : public ::testing::TestWithParam<std::uint64_t> {};

constexpr std::uint64_t seeds_per_test = 30;

TEST_P(RandomDialogues, KeepTheirPromises) {
  const auto replay = seeds_to_replay();
  if (replay && GetParam() != 0) GTEST_SKIP() << "MCP_MQTT_SEED is replayed by the first test";
  const std::uint64_t first = 1 + GetParam() * seeds_per_test;
  const Seeds seeds = replay.value_or(Seeds{first, first + seeds_per_test - 1});
  std::size_t answers = 0;
  std::size_t results = 0;
  std::size_t heard = 0;
  for (std::uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    SCOPED_TRACE("replay with MCP_MQTT_SEED=" + std::to_string(seed));
    auto dialogue = std::make_unique<RandomDialogue>(seed);
    dialogue->run();
    answers += dialogue->answers();
    results += dialogue->results();
    heard += dialogue->heard();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  RecordProperty("answers", std::to_string(answers));
  // Tests in which nothing is answered would prove nothing.
  if (!replay) {
    EXPECT_GT(answers, 300U);
    EXPECT_GT(results, 30U);
    EXPECT_GT(heard, 30U);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomDialogues, ::testing::Range<std::uint64_t>(0, 10));

}  // namespace
}  // namespace mcp_mqtt::engine::test
