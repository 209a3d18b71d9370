#include <algorithm>
#include <gtest/gtest.h>

#include <mcp_mqtt/protocol/icon.hpp>
#include <mcp_mqtt/protocol/logging.hpp>
#include <mcp_mqtt/protocol/role.hpp>
#include <mcp_mqtt/protocol/root.hpp>
#include <mcp_mqtt/protocol/task.hpp>

// Icons, roles, log messages, roots and tasks.
namespace mcp_mqtt {
namespace {

using namespace nlohmann::literals;
using std::chrono_literals::operator""ms;

TEST(IconJson, HasWhatIsSaid) {
  EXPECT_EQ(to_json(Icon{"https://a/b.png"}), R"({"src":"https://a/b.png"})"_json);
  const Icon icon{"https://a/b.png", "image/png", {"48x48", "any"}, "dark"};
  const Json json = R"({"src":"https://a/b.png","mimeType":"image/png",
                        "sizes":["48x48","any"],"theme":"dark"})"_json;
  EXPECT_EQ(to_json(icon), json);
  EXPECT_EQ(icon_from_json(json), icon);
}

TEST(IconJson, IsReadLiberally) {
  EXPECT_EQ(icon_from_json(R"({"src":"a","sizes":"48x48"})"_json), (Icon{"a", "", {"48x48"}}));
  EXPECT_EQ(icon_from_json(R"({"src":"a","sizes":["1x1",7,null],"theme":3})"_json),
            (Icon{"a", "", {"1x1"}}));
  EXPECT_EQ(icon_from_json(R"({"src":7})"_json), Icon{});
  EXPECT_EQ(icon_from_json(R"("https://a")"_json), Icon{});
}

TEST(RoleText, IsReadBack) {
  EXPECT_EQ(to_string(Role::user), "user");
  EXPECT_EQ(to_string(Role::assistant), "assistant");
  EXPECT_EQ(parse_role("user"), Role::user);
  EXPECT_EQ(parse_role("assistant"), Role::assistant);
  for (const char* text : {"", "User", "system", "users"}) EXPECT_FALSE(parse_role(text)) << text;
}

TEST(LoggingLevelText, IsReadBackAndOrderedBySeverity) {
  const std::vector<std::string> names{"debug", "info",     "notice", "warning",
                                       "error", "critical", "alert",  "emergency"};
  std::vector<LoggingLevel> levels;
  for (const std::string& name : names) {
    const auto level = parse_logging_level(name);
    ASSERT_TRUE(level) << name;
    EXPECT_EQ(to_string(*level), name);
    levels.push_back(*level);
  }
  EXPECT_TRUE(std::is_sorted(levels.begin(), levels.end()));
  EXPECT_LT(LoggingLevel::warning, LoggingLevel::error);
  for (const char* text : {"", "warn", "Error", "fatal"}) {
    EXPECT_FALSE(parse_logging_level(text)) << text;
  }
}

TEST(LoggingMessageJson, AlwaysHasLevelAndData) {
  EXPECT_EQ(to_json(LoggingMessage{}), R"({"level":"info","data":null})"_json);
  const LoggingMessage message{LoggingLevel::alert, "pump", R"({"dry":true})"_json};
  const Json json = R"({"level":"alert","logger":"pump","data":{"dry":true}})"_json;
  EXPECT_EQ(to_json(message), json);
  const auto read = logging_message_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, message);
}

TEST(LoggingMessageJson, IsReadLiberally) {
  const auto odd = logging_message_from_json(R"({"level":"warn","logger":7,"data":"x"})"_json);
  ASSERT_TRUE(odd);
  EXPECT_EQ(*odd, (LoggingMessage{LoggingLevel::info, "", "x"}));
  EXPECT_EQ(*logging_message_from_json(Json::object()), LoggingMessage{});
  EXPECT_EQ(logging_message_from_json("boom").error().kind, ErrorKind::protocol_violation);
}

TEST(RootsJson, MetaIsSince20250618) {
  std::vector<Root> roots{{"file:///home", "Home", R"({"a":1})"_json}, {"file:///tmp"}};
  const Json json = R"({"roots":[{"uri":"file:///home","name":"Home","_meta":{"a":1}},
                                 {"uri":"file:///tmp"}]})"_json;
  for (const Revision revision : {Revision::v2025_06_18, Revision::v2025_11_25}) {
    EXPECT_EQ(to_json(roots, revision), json);
  }
  const auto read = roots_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, roots);
  for (const Revision revision : {Revision::v2024_11_05, Revision::v2025_03_26}) {
    EXPECT_FALSE(to_json(roots, revision)["roots"][0].contains("_meta"));
  }
  EXPECT_EQ(to_json(std::vector<Root>{}, latest_revision), R"({"roots":[]})"_json);
}

TEST(RootsJson, MissingIsEmptyAndGarbageRefused) {
  EXPECT_TRUE(roots_from_json(Json::object())->empty());
  EXPECT_TRUE(roots_from_json(R"({"roots":null})"_json)->empty());
  for (const Json& json : {Json(), Json::array(), R"({"roots":{}})"_json, R"({"roots":[7]})"_json,
                           R"({"roots":[{"name":"no uri"}]})"_json}) {
    const auto read = roots_from_json(json);
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().kind, ErrorKind::protocol_violation);
  }
}

TEST(TaskText, IsReadBack) {
  for (const char* name : {"working", "input_required", "completed", "failed", "cancelled"}) {
    const auto status = parse_task_status(name);
    ASSERT_TRUE(status) << name;
    EXPECT_EQ(to_string(*status), name);
    EXPECT_EQ(is_final(*status),
              *status != TaskStatus::working && *status != TaskStatus::input_required);
  }
  EXPECT_FALSE(parse_task_status("canceled"));
  for (const char* name : {"forbidden", "optional", "required"}) {
    const auto support = parse_task_support(name);
    ASSERT_TRUE(support) << name;
    EXPECT_EQ(to_string(*support), name);
  }
  EXPECT_FALSE(parse_task_support(""));
}

TEST(TaskJson, AlwaysSaysTheTimeToLive) {
  Task task{"t-1", TaskStatus::working, "", "2025-11-25T10:00:00Z", "2025-11-25T10:00:01Z"};
  EXPECT_EQ(to_json(task), R"({"taskId":"t-1","status":"working","ttl":null,
                               "createdAt":"2025-11-25T10:00:00Z",
                               "lastUpdatedAt":"2025-11-25T10:00:01Z"})"_json);
  task.status = TaskStatus::failed;
  task.status_message = "no water";
  task.ttl = 60'000ms;
  task.poll_interval = 500ms;
  const Json json = R"({"taskId":"t-1","status":"failed","statusMessage":"no water","ttl":60000,
                        "pollInterval":500,"createdAt":"2025-11-25T10:00:00Z",
                        "lastUpdatedAt":"2025-11-25T10:00:01Z"})"_json;
  EXPECT_EQ(to_json(task), json);
  const auto read = task_from_json(json);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, task);
}

TEST(TaskJson, NeedsAnIdAndAKnownStatus) {
  const std::pair<Json, const char*> cases[] = {
      {Json(), "taskId"},
      {R"({"taskId":7,"status":"working"})"_json, "taskId"},
      {R"({"taskId":"t"})"_json, "status"},
      {R"({"taskId":"t","status":"sleeping"})"_json, "sleeping"}};
  for (const auto& [json, word] : cases) {
    const auto read = task_from_json(json);
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().kind, ErrorKind::protocol_violation);
    EXPECT_NE(read.error().message.find(word), std::string::npos) << read.error().message;
  }
}

TEST(TaskJson, DurationsAreBoundedAndNeverNegative) {
  const auto ttl_of = [](const char* number) {
    return task_from_json(Json::parse(std::string(R"({"taskId":"t","status":"working","ttl":)") +
                                      number + "}"))
        ->ttl;
  };
  EXPECT_EQ(ttl_of("0"), 0ms);
  EXPECT_EQ(ttl_of("1500.9"), 1500ms);
  EXPECT_EQ(ttl_of("-1"), std::nullopt);
  EXPECT_EQ(ttl_of("\"60\""), std::nullopt);
  EXPECT_EQ(ttl_of("1e300"), std::chrono::hours(24 * 365 * 30));
  EXPECT_EQ(ttl_of("18446744073709551615"), std::chrono::hours(24 * 365 * 30));
}

}  // namespace
}  // namespace mcp_mqtt
