#include <gtest/gtest.h>
#include <string>

#include "mcp-mqtt/content_text.hpp"
#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/log_text.hpp"
#include "mcp-mqtt/numbers.hpp"
#include "mcp-mqtt/progress_text.hpp"
#include "mcp-mqtt/safe_text.hpp"
#include "mcp-mqtt/servers_view.hpp"
#include "mcp-mqtt/similar.hpp"
#include "mcp-mqtt/table.hpp"

namespace mcp_mqtt::command_line {
namespace {

using std::chrono::microseconds;

TEST(SafeText, DropsWhatATerminalWouldObey) {
  EXPECT_EQ(safe_text("\x1b[31mred\x1b[0m"), "[31mred[0m");
  EXPECT_EQ(safe_text("a\rb\ab\x7f\b"), "abb");
  EXPECT_EQ(safe_text("c1:\xC2\x9B"
                      "31m"),
            "c1:31m");
  EXPECT_EQ(safe_text("turn\xE2\x80\xAEtxt"), "turntxt");
  EXPECT_EQ(safe_text(std::string_view("nul\0l", 5)), "null");
  EXPECT_EQ(safe_text("two\nlines\tand a tab"), "two\nlines\tand a tab");
  EXPECT_EQ(safe_text("Grüße 温度 🙂"), "Grüße 温度 🙂");
}

TEST(SafeText, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(safe_text("a\xFF"
                      "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(safe_text("\xC3"), "\xEF\xBF\xBD");
  // An escape character that is hidden in an overlong form.
  EXPECT_EQ(safe_text("\xC0\x9B").find('\x1b'), std::string::npos);
}

TEST(SafeText, MakesOneLine) {
  EXPECT_EQ(safe_line("  a\r\n\tb  c\n"), "a b c");
  EXPECT_EQ(safe_line(" \n "), "");
}

TEST(SafeText, CountsColumnsAndCuts) {
  EXPECT_EQ(columns("Grüße"), 5U);
  EXPECT_EQ(columns("温度"), 4U);
  EXPECT_EQ(columns("e\xCC\x81"), 1U);
  EXPECT_EQ(cut("abcdef", 6), "abcdef");
  EXPECT_EQ(cut("abcdef", 4), "abc…");
  EXPECT_EQ(cut("温度温度", 5), "温度…");
  EXPECT_EQ(cut("abc", 0), "");
}

TEST(Table, AlignsForAPersonAndSeparatesForAScript) {
  Table table({"NAME", "EMPTY", "DESCRIPTION"});
  table.add({"a", "", "first"});
  table.add({"longer", "", "second\nline\twith \x1b[1mthings"});
  EXPECT_EQ(table.aligned(0, false),
            "NAME    DESCRIPTION\n"
            "a       first\n"
            "longer  second line with [1mthings\n");
  EXPECT_EQ(table.plain(), "a\t\tfirst\nlonger\t\tsecond line with [1mthings\n");
  EXPECT_EQ(table.aligned(0, true).substr(0, 27), "\x1b[1mNAME    DESCRIPTION\x1b[0m");
}

TEST(Table, BreaksTheLastColumnAtTheWidthOfTheTerminal) {
  Table table({"A", "TEXT"});
  table.add({"x", "one two three four five six seven"});
  EXPECT_EQ(table.aligned(24, false),
            "A  TEXT\n"
            "x  one two three four\n"
            "   five six seven\n");
}

TEST(Table, SetsRowsIn) {
  Table table({"TOOL", "TYPE"});
  table.add({"t", ""});
  table.add({"a", "integer"}, 2);
  EXPECT_EQ(table.aligned(0, false), "TOOL  TYPE\nt\n  a   integer\n");
}

TEST(ProgressText, DrawsABarAsFarAsTheServerSays) {
  EXPECT_EQ(progress_bar({.progress = 5, .total = 10, .message = "note 5"}, 40),
            "[##########----------]  50% note 5");
  EXPECT_EQ(progress_bar({.progress = 99, .total = 10, .message = ""}, 20), "[##########] 100%");
  EXPECT_EQ(progress_bar({.progress = -1, .total = 10, .message = ""}, 20), "[----------]   0%");
  EXPECT_EQ(progress_bar({.progress = 5, .total = 0, .message = ""}, 20), "5");
  EXPECT_EQ(progress_bar({.progress = 5, .total = {}, .message = "a\x1b[2J\nb"}, 20), "5 a[2J b");
  EXPECT_EQ(columns(progress_bar({.progress = 1, .total = 2, .message = std::string(90, 'x')}, 30)),
            30U);
}

TEST(ProgressText, WritesALine) {
  EXPECT_EQ(progress_line({.progress = 5, .total = 10, .message = "note"}), "progress 5/10 note");
  EXPECT_EQ(progress_line({.progress = 0.5, .total = {}, .message = ""}), "progress 0.5");
}

TEST(Numbers, QuantilesAreByNearestRank) {
  std::vector<microseconds> times;
  for (int i = 1; i <= 200; ++i) times.emplace_back(i);
  EXPECT_EQ(quantile(times, 0.5), microseconds(100));
  EXPECT_EQ(quantile(times, 0.99), microseconds(198));
  EXPECT_EQ(quantile(times, 1), microseconds(200));
  EXPECT_EQ(quantile({microseconds(7)}, 0.5), microseconds(7));
  EXPECT_EQ(milliseconds_text(microseconds(412)), "0.412 ms");
}

TEST(Numbers, SecondsAreMoreThanNone) {
  EXPECT_EQ(seconds_option("--timeout", 0.5), std::chrono::milliseconds(500));
  for (const double wrong : {0.0, -1.0, 1e9, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(seconds_option("--timeout", wrong), Failure) << wrong;
  }
}

TEST(Similar, SaysWhatMayHaveBeenMeant) {
  EXPECT_EQ(instead_of("volme", {"volume", "gain"}), "did you mean 'volume'?");
  EXPECT_EQ(instead_of("zzz", {"volume", "gain"}), "there are volume, gain");
  EXPECT_EQ(instead_of("x", {"volume"}), "there is only 'volume'");
  EXPECT_EQ(instead_of("x", {}), "there are none");
  EXPECT_EQ(listed({"a", "b", "c", "d", "e", "f", "g", "h", "i"}),
            "a, b, c, d, e, f, g, h and 1 more");
}

TEST(ContentText, NamesWhatIsNoText) {
  EXPECT_EQ(content_text(TextContent{.text = "hello"}), "hello");
  EXPECT_EQ(content_text(ImageContent{.data = "12345", .mime_type = "image/png"}),
            "[image image/png, 5 bytes]");
  EXPECT_EQ(content_text(AudioContent{.data = "1", .mime_type = "audio/wav"}),
            "[audio audio/wav, 1 byte]");
  EXPECT_EQ(content_text(EmbeddedResource{.resource = text_contents("a://b", "text")}),
            "[resource a://b]\ntext");
  EXPECT_EQ(content_text(ResourceLink{.uri = "a://b", .name = "it"}), "[link to a://b, it]");
  EXPECT_EQ(contents_text(binary_contents("a://b", "123", "image/png")),
            "[resource image/png, 3 bytes]");
}

TEST(LogText, IsOneLine) {
  EXPECT_EQ(log_line({.level = LoggingLevel::warning, .logger = "motor", .data = "hot"}),
            "[warning] motor: hot");
  EXPECT_EQ(log_line({.data = {{"t", 5}}}), R"([info] {"t":5})");
}

TEST(ServersView, PutsInstancesAndRolesTogether) {
  const std::vector<ServerInstance> instances{
      {.server_id = "b1", .server_name = "b", .description = "first", .meta = {{"site", "roof"}}},
      {.server_id = "a1", .server_name = "a", .description = "", .meta = Json::object()},
      {.server_id = "b2", .server_name = "b", .description = "second", .meta = Json::object()}};
  const std::vector<RoleGrant> grants{{"b", "reader"}, {"c", "owner"}, {"b", "writer"}};
  EXPECT_EQ(servers_table(instances, grants).plain(),
            "a\t1\t\t\t\n"
            "b\t2\treader, writer\t{\"site\":\"roof\"}\tfirst\n");
  const Json granted = servers_json(instances, grants);
  EXPECT_EQ(granted[1]["roles"], Json({"reader", "writer"}));
  EXPECT_EQ(granted[1]["instances"][1]["id"], "b2");
  EXPECT_FALSE(servers_json(instances, {})[1].contains("roles"));
}

TEST(ExitCodes, FollowTheKindOfTheError) {
  EXPECT_EQ(exit_code_of(ErrorKind::rpc), ExitCode::server_error);
  EXPECT_EQ(exit_code_of(ErrorKind::timeout), ExitCode::timeout);
  EXPECT_EQ(exit_code_of(ErrorKind::server_gone), ExitCode::no_server);
  EXPECT_EQ(exit_code_of(ErrorKind::refused), ExitCode::broker);
  EXPECT_EQ(exit_code_of(ErrorKind::invalid_argument), ExitCode::usage);
}

}  // namespace
}  // namespace mcp_mqtt::command_line
