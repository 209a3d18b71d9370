#include "mqtt/topic_filter.hpp"

#include <gtest/gtest.h>

namespace mcp_mqtt::mqtt {
namespace {

struct Case {
  const char* filter;
  const char* topic;
  bool matches;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.filter << " against " << c.topic; }

class TopicFilter : public ::testing::TestWithParam<Case> {};

TEST_P(TopicFilter, Matches) {
  EXPECT_EQ(filter_matches(GetParam().filter, GetParam().topic), GetParam().matches);
}

// The rows of MQTT 5, 4.7, and those of the transport's own topics.
INSTANTIATE_TEST_SUITE_P(
    Mqtt, TopicFilter,
    ::testing::Values(Case{"a", "a", true}, Case{"a", "b", false}, Case{"a", "a/b", false},
                      Case{"a/b", "a", false}, Case{"a", "A", false}, Case{"#", "a/b/c", true},
                      Case{"#", "/", true}, Case{"a/#", "a", true}, Case{"a/#", "a/", true},
                      Case{"a/#", "a/b/c", true}, Case{"a/#", "ab", false},
                      Case{"a/b/#", "a", false}, Case{"+", "a", true}, Case{"+", "/a", false},
                      Case{"+/+", "/a", true}, Case{"/+", "/a", true}, Case{"a/+", "a", false},
                      Case{"a/+", "a/", true}, Case{"a/+", "a/b", true},
                      Case{"a/+", "a/b/c", false}, Case{"+/b/#", "a/b", true},
                      Case{"+/b/#", "a/b/c/d", true}, Case{"+/b/#", "a/c", false},
                      Case{"a//b", "a//b", true}, Case{"a/+/b", "a//b", true},
                      Case{"a/+/#", "a", false}));

INSTANTIATE_TEST_SUITE_P(
    Dollar, TopicFilter,
    ::testing::Values(Case{"#", "$mcp-server/presence/id/name", false},
                      Case{"+/presence/#", "$mcp-server/presence/id/name", false},
                      Case{"$mcp-server/#", "$mcp-server/presence/id/name", true},
                      Case{"$mcp-server/presence/+/#", "$mcp-server/presence/id/a/b", true},
                      Case{"$mcp-server/presence/+/a/+", "$mcp-server/presence/id/a/b", true},
                      Case{"$mcp-server/presence/+/a/+", "$mcp-server/presence/id/b/b", false},
                      Case{"a/#", "a/$b", true}, Case{"a/+", "a/$b", true}));

}  // namespace
}  // namespace mcp_mqtt::mqtt
