#include "engine/pages.hpp"

#include <set>

#include "protocol/base64.hpp"
#include "server_harness.hpp"

// Pagination: every list walked in pages of every size, while it changes, and with cursors that
// are none.
namespace mcp_mqtt::engine::test {
namespace {

using Names = std::map<std::string, int>;

Json page(const Names& names, const Json& params, std::size_t size) {
  return page_of(names, "names", params, PageRoom{size},
                 [](const auto& item) { return item.first; })
      .value();
}

Names some_names(int count) {
  Names names;
  for (int i = 0; i < count; ++i) names.emplace("n" + std::to_string(10 + i), i);
  return names;
}

TEST(Pages, OfEverySizeTellAllOnceAndInOrder) {
  const Names names = some_names(7);
  for (std::size_t size = 0; size <= 8; ++size) {
    std::vector<std::string> seen;
    Json params = Json::object();
    int pages = 0;
    for (;;) {
      const Json got = page(names, params, size);
      ++pages;
      EXPECT_LE(got["names"].size(), std::max<std::size_t>(size, 1));
      for (const Json& name : got["names"]) seen.push_back(name);
      if (!got.contains("nextCursor")) break;
      ASSERT_LT(pages, 100) << "cursors that never end";
      params["cursor"] = got["nextCursor"];
    }
    EXPECT_EQ(seen.size(), 7U) << size;
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    const std::size_t room = std::max<std::size_t>(size, 1);
    EXPECT_EQ(pages, static_cast<int>((7 + room - 1) / room)) << size;
  }
}

TEST(Pages, HoldWhatFitsAndAtLeastOneEntry) {
  const Names names = some_names(9);
  const auto pages_with = [&](std::size_t bytes) {
    std::vector<std::size_t> pages;
    Json params = Json::object();
    for (;;) {
      const Json got = page_of(names, "names", params, {100, bytes}, [](const auto& item) {
                         return item.first + std::string(200, 'x');
                       }).value();
      EXPECT_TRUE(got.dump().size() <= bytes || got["names"].size() == 1) << got.dump().size();
      pages.push_back(got["names"].size());
      if (!got.contains("nextCursor")) return pages;
      params["cursor"] = got["nextCursor"];
    }
  };
  EXPECT_EQ(pages_with(1 << 20), (std::vector<std::size_t>{9}));
  EXPECT_EQ(pages_with(1'000), (std::vector<std::size_t>{4, 4, 1}));
  EXPECT_EQ(pages_with(0), std::vector<std::size_t>(9, 1));
}

TEST(Pages, AnEmptyListHasOnePage) {
  EXPECT_EQ(page({}, Json::object(), 3), (Json{{"names", Json::array()}}));
}

TEST(Pages, WhatStaysIsToldOnceWhileOthersComeAndGo) {
  Names names = some_names(6);  // n10 … n15
  const Json first = page(names, Json::object(), 2);
  EXPECT_EQ(first["names"], (Json{"n10", "n11"}));
  names.erase("n11");  // the entry that the cursor names
  names.erase("n12");
  names.emplace("a", 0);     // before: this walk does not see it
  names.emplace("n135", 0);  // behind
  const Json second = page(names, {{"cursor", first["nextCursor"]}}, 2);
  EXPECT_EQ(second["names"], (Json{"n13", "n135"}));
  names.erase("n14");
  names.erase("n15");
  const Json third = page(names, {{"cursor", second["nextCursor"]}}, 2);
  EXPECT_EQ(third, (Json{{"names", Json::array()}}));
}

TEST(Pages, CursorsAreOpaqueAndKeepAnyName) {
  const std::string odd = "a\nb\x01\xff \"";
  const std::string cursor = make_cursor("names", odd);
  EXPECT_EQ(cursor.find(odd), std::string::npos);
  EXPECT_EQ(read_cursor("names", {{"cursor", cursor}}).value(), odd);
  EXPECT_EQ(read_cursor("names", {{"cursor", make_cursor("names", "")}}).value(), "");
}

TEST(Pages, NoCursorIsTheFirstPage) {
  for (const Json& params : {Json::object(), Json{{"cursor", nullptr}}, Json(nullptr)}) {
    EXPECT_EQ(read_cursor("names", params).value(), std::nullopt);
  }
}

TEST(Pages, ForeignAndHostileCursorsAreInvalidParams) {
  const std::string good = make_cursor("names", "n10");
  for (const Json& cursor :
       {Json(""), Json("x"), Json("n10"), Json(make_cursor("tools", "n10")), Json(good + "="),
        Json(good.substr(1)), Json(" " + good), Json(good + "\n"), Json("===="), Json("A==="),
        Json(std::string(100'000, 'A')), Json(std::string("\0\0\0\0", 4)), Json(7), Json(-1),
        Json(1.5), Json(true), Json::object(), Json::array({good}),
        Json(protocol::base64_encode("names"))}) {
    const auto read = read_cursor("names", {{"cursor", cursor}});
    ASSERT_FALSE(read) << cursor.dump().substr(0, 60);
    EXPECT_EQ(read.error().kind, ErrorKind::rpc);
    EXPECT_EQ(read.error().code, error_code::invalid_params);
    EXPECT_NE(read.error().message.find("cursor"), std::string::npos);
  }
}

// --- Each list of a server

struct List {
  const char* method;
  const char* member;
  const char* key;
};

class ServerPages : public ::testing::TestWithParam<List> {
 protected:
  static std::unique_ptr<ServerHarness> make(std::size_t page_size) {
    ServerConfig config = server_config();
    config.tasks.page_size = page_size;
    auto made = std::make_unique<ServerHarness>(config);
    made->remove_tool("echo");
    made->change(FeatureList::none, [&](Features& features) -> Result<void> {
      features.page_size = page_size;
      return {};
    });
    for (int i = 0; i < 5; ++i) {
      const std::string name = "n" + std::to_string(i);
      made->add(task_tool(name));
      made->add(text_resource("a://" + name));
      made->add(text_template("a://{x}/" + name));
      made->add(echo_prompt(name));
    }
    made->bring_online();
    made->open_session("c1");
    for (int i = 0; i < 5; ++i) {
      Json body = ServerHarness::call_body(100 + i, "n0");
      body["params"]["task"] = Json::object();
      made->send("c1", body);
    }
    made->actions.clear();
    return made;
  }
};

TEST_P(ServerPages, AreWalkedWithEverySize) {
  for (std::size_t size = 1; size <= 6; ++size) {
    const auto server = make(size);
    std::set<std::string> seen;
    std::size_t entries = 0;
    Json params = Json::object();
    for (int id = 2; id < 20; ++id) {
      const Json page = server->ask_server("c1", id, GetParam().method, params);
      const Json& items = page.at(GetParam().member);
      EXPECT_LE(items.size(), size);
      for (const Json& item : items) seen.insert(item.at(GetParam().key).get<std::string>());
      entries += items.size();
      if (!page.contains("nextCursor")) break;
      params["cursor"] = page["nextCursor"];
    }
    EXPECT_EQ(entries, 5U) << size;
    EXPECT_EQ(seen.size(), 5U) << size;
  }
}

TEST_P(ServerPages, RefuseForeignCursors) {
  const auto server = make(2);
  const List* other = GetParam().method == std::string("tools/list") ? nullptr : &GetParam();
  const Json foreign =
      server->ask_server("c1", 2, other != nullptr ? "tools/list" : "prompts/list")["nextCursor"];
  ASSERT_TRUE(foreign.is_string());
  for (const Json& cursor : {foreign, Json("nonsense"), Json(7), Json("")}) {
    const auto message = server->ask_refused("c1", 3, GetParam().method, {{"cursor", cursor}},
                                             error_code::invalid_params);
    EXPECT_NE(message.find("cursor"), std::string::npos);
  }
  server->actions.expect_nothing();
}

INSTANTIATE_TEST_SUITE_P(Lists, ServerPages,
                         ::testing::Values(List{"tools/list", "tools", "name"},
                                           List{"resources/list", "resources", "uri"},
                                           List{"resources/templates/list", "resourceTemplates",
                                                "uriTemplate"},
                                           List{"prompts/list", "prompts", "name"},
                                           List{"tasks/list", "tasks", "taskId"}),
                         [](const auto& list) { return std::string(list.param.member); });

}  // namespace
}  // namespace mcp_mqtt::engine::test
