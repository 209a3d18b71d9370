#include "engine/discovery_registry.hpp"

#include <gtest/gtest.h>

#include "wire/topics.hpp"

// T12: which instances of which services are online.
namespace mcp_mqtt::engine {
namespace {

using Kind = InstanceChange::Kind;

ServerInstance instance(std::string id, std::string name, std::string description = "") {
  return {std::move(id), std::move(name), std::move(description), Json::object()};
}

std::vector<std::string> ids(const std::vector<ServerInstance>& instances) {
  std::vector<std::string> ids;
  for (const auto& one : instances) ids.push_back(one.server_name + ":" + one.server_id);
  return ids;
}

TEST(DiscoveryRegistry, TellsEachChangeOnce) {
  DiscoveryRegistry registry(10);
  EXPECT_EQ(registry.announce(instance("1", "a"))->kind, Kind::online);
  EXPECT_EQ(registry.announce(instance("1", "a"))->kind, Kind::again);
  const auto changed = registry.announce(instance("1", "a", "new"));
  EXPECT_EQ(changed->kind, Kind::changed);
  EXPECT_EQ(changed->instance.description, "new");
  EXPECT_EQ(registry.forget("1", "a")->kind, Kind::offline);
  EXPECT_FALSE(registry.forget("1", "a"));
  EXPECT_FALSE(registry.forget("1", "b"));
  EXPECT_EQ(registry.size(), 0U);
}

TEST(DiscoveryRegistry, ServiceIsOnlineWhileAnyInstanceIs) {
  DiscoveryRegistry registry(10);
  registry.announce(instance("1", "a"));
  registry.announce(instance("2", "a"));
  registry.forget("1", "a");
  EXPECT_TRUE(registry.service_online("a"));
  EXPECT_TRUE(registry.contains("2", "a"));
  EXPECT_FALSE(registry.contains("1", "a"));
  registry.forget("2", "a");
  EXPECT_FALSE(registry.service_online("a"));
}

TEST(DiscoveryRegistry, ListsByNameAndIdWithinAFilter) {
  DiscoveryRegistry registry(10);
  for (const auto& [id, name] :
       {std::pair{"2", "a/b"}, {"1", "a/b"}, {"1", "a"}, {"9", "c"}, {"3", "a/c/d"}}) {
    registry.announce(instance(id, name));
  }
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids(registry.instances()), (Ids{"a:1", "a/b:1", "a/b:2", "a/c/d:3", "c:9"}));
  EXPECT_EQ(ids(registry.instances("a/+")), (Ids{"a/b:1", "a/b:2"}));
  EXPECT_EQ(ids(registry.instances("a/#")), (Ids{"a:1", "a/b:1", "a/b:2", "a/c/d:3"}));
  EXPECT_EQ(ids(registry.instances("a")), (Ids{"a:1"}));
  EXPECT_TRUE(registry.instances("nothing").empty());
}

TEST(DiscoveryRegistry, FindsWhatAFilterMatchesAndNothingElse) {
  const std::vector<std::string> names{"a",  "a b", "a!",    "a/a",   "a/b", "a/b/c",
                                       "a0", "ab",  "ab/c",  "b",     "b/a", "b/a/c",
                                       "$a", "ä/b", "a/b c", "a/+/c", "z"};
  DiscoveryRegistry registry(100);
  for (const std::string& name : names) registry.announce(instance("1", name));
  const std::vector<ServerInstance> all = registry.instances();
  ASSERT_EQ(all.size(), names.size());
  for (const std::string filter :
       {"#", "+", "+/#", "+/b", "+/+/c", "a", "a/#", "a/+", "a/b", "a/b/#", "a/+/c", "a/+/#",
        "ab/#", "ä/#", "$a", "z/#", "none", "none/#"}) {
    std::vector<ServerInstance> wanted;
    for (const ServerInstance& one : all) {
      if (wire::filter_matches(filter, one.server_name)) wanted.push_back(one);
    }
    EXPECT_EQ(ids(registry.instances(filter)), ids(wanted)) << filter;
    EXPECT_EQ(ids(registry.confirmed(filter)), ids(wanted)) << filter;
  }
}

TEST(DiscoveryRegistry, SameIdUnderTwoNamesIsTwoInstances) {
  DiscoveryRegistry registry(10);
  registry.announce(instance("1", "a"));
  registry.announce(instance("1", "b"));
  EXPECT_EQ(registry.size(), 2U);
  registry.forget("1", "a");
  EXPECT_TRUE(registry.contains("1", "b"));
}

TEST(DiscoveryRegistry, FullTakesNoMoreUntilOneLeaves) {
  DiscoveryRegistry registry(2);
  registry.announce(instance("1", "a"));
  registry.announce(instance("2", "a"));
  EXPECT_FALSE(registry.announce(instance("3", "a")));
  EXPECT_FALSE(registry.announce(instance("3", "b")));
  EXPECT_FALSE(registry.service_online("b"));
  EXPECT_EQ(registry.announce(instance("2", "a", "still"))->kind, Kind::changed);
  registry.forget("1", "a");
  EXPECT_EQ(registry.announce(instance("3", "a"))->kind, Kind::online);
  EXPECT_EQ(registry.size(), 2U);
}

TEST(DiscoveryRegistry, BytesOfPresencesComeAndGoWithTheirInstances) {
  DiscoveryRegistry registry(10, 100);
  EXPECT_TRUE(registry.announce(instance("1", "a"), 60));
  EXPECT_FALSE(registry.announce(instance("2", "a"), 41));
  EXPECT_TRUE(registry.announce(instance("2", "a"), 40));
  EXPECT_FALSE(registry.announce(instance("1", "a", "more"), 61));
  EXPECT_TRUE(registry.announce(instance("1", "a", "less"), 10));
  EXPECT_TRUE(registry.announce(instance("3", "b"), 50));
  registry.mark_stale();
  EXPECT_EQ(registry.drop_stale().size(), 3U);
  EXPECT_TRUE(registry.announce(instance("4", "b"), 100));
  registry.forget("4", "b");
  EXPECT_TRUE(registry.announce(instance("5", "b"), 100));
  EXPECT_EQ(registry.server_ids(), std::set<std::string>{"5"});
}

TEST(DiscoveryRegistry, DropsWhatWasNotAnnouncedAgain) {
  DiscoveryRegistry registry(10);
  registry.announce(instance("1", "a"));
  registry.announce(instance("2", "a"));
  registry.announce(instance("3", "b"));
  EXPECT_TRUE(registry.drop_stale().empty());
  registry.mark_stale();
  EXPECT_TRUE(registry.confirmed("#").empty());
  EXPECT_EQ(registry.announce(instance("1", "a"))->kind, Kind::again);
  EXPECT_EQ(ids(registry.confirmed("#")), std::vector<std::string>{"a:1"});
  registry.announce(instance("4", "b"));
  const auto dropped = registry.drop_stale();
  ASSERT_EQ(dropped.size(), 2U);
  EXPECT_EQ(dropped[0].instance.server_id, "2");
  EXPECT_EQ(dropped[0].kind, Kind::offline);
  EXPECT_EQ(dropped[1].instance.server_id, "3");
  EXPECT_EQ(registry.size(), 2U);
  registry.mark_stale();
  EXPECT_EQ(registry.drop_stale().size(), 2U);
  EXPECT_FALSE(registry.service_online("a"));
}

}  // namespace
}  // namespace mcp_mqtt::engine
