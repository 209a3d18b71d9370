#include "wire/json_write.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <string>

namespace mcp_mqtt::wire {
namespace {

std::string written(const Json& json, std::size_t max_depth = 64) {
  std::string out = "before";
  EXPECT_TRUE(write_json(json, max_depth, out)) << json;
  return out.substr(6);
}

class RandomJson {
 public:
  explicit RandomJson(unsigned seed) : random_(seed) {}

  Json value(int levels) {
    switch (below(levels > 0 ? 9 : 7)) {
      case 0:
        return nullptr;
      case 1:
        return below(2) == 0;
      case 2:
        return -static_cast<std::int64_t>(random_());
      case 3:
        return static_cast<std::uint64_t>(random_()) << below(33);
      case 4:
        return std::ldexp(static_cast<double>(random_()), static_cast<int>(below(80)) - 60);
      case 5:
      case 6:
        return text();
      case 7: {
        Json array = Json::array();
        for (std::size_t n = below(4); n > 0; --n) array.push_back(value(levels - 1));
        return array;
      }
      default: {
        Json object = Json::object();
        for (std::size_t n = below(4); n > 0; --n) object[text()] = value(levels - 1);
        return object;
      }
    }
  }

 private:
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  std::string text() {
    std::string made;
    for (std::size_t n = below(12); n > 0; --n) {
      switch (below(6)) {
        case 0:
          made += static_cast<char>(below(128));
          break;
        case 1:
          made += "ä€😀";
          break;
        case 2:
          // Rarely, or no value would be without.
          made += below(40) == 0 ? "\xc3" : "\"\\/";
          break;
        default:
          made += "plain text ";
      }
    }
    return made;
  }

  std::mt19937 random_;
};

TEST(WriteJsonTest, WritesWhatTheLibraryWrites) {
  RandomJson random(20261121);
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Json json = random.value(4);
    std::string wanted;
    try {
      wanted = json.dump();
    } catch (const Json::exception&) {
      std::string out = "before";
      ASSERT_FALSE(write_json(json, 64, out));
      ASSERT_EQ(out, "before");
      ++refused;
      continue;
    }
    ASSERT_EQ(written(json), wanted);
  }
  EXPECT_GT(refused, 50);
}

TEST(WriteJsonTest, WritesEachControlCharacterAsTheLibraryDoes) {
  for (int c = 0; c < 128; ++c) {
    const Json json = std::string("1234567") + static_cast<char>(c) + "89";
    EXPECT_EQ(written(json), json.dump());
  }
}

TEST(WriteJsonTest, NumbersAtTheirEnds) {
  for (const Json& json : {Json(std::numeric_limits<std::int64_t>::min()),
                           Json(std::numeric_limits<std::int64_t>::max()),
                           Json(std::numeric_limits<std::uint64_t>::max()), Json(0), Json(-0.0),
                           Json(1.0), Json(1e300), Json(0.1),
                           Json(std::numeric_limits<double>::infinity()), Json(std::nan(""))}) {
    EXPECT_EQ(written(json), json.dump());
  }
}

TEST(WriteJsonTest, CountsLevels) {
  std::string out;
  EXPECT_TRUE(write_json(1, 0, out));
  EXPECT_FALSE(write_json(Json::array(), 0, out));
  EXPECT_TRUE(write_json(Json{{"a", {1}}}, 2, out));
  EXPECT_FALSE(write_json(Json{{"a", {1}}}, 1, out));
  EXPECT_EQ(out, R"(1{"a":[1]})");
}

TEST(WriteJsonTest, LeavesOutWhatJsonHasNot) {
  std::string out;
  EXPECT_FALSE(write_json(Json::binary({1, 2}), 64, out));
  EXPECT_FALSE(write_json(Json::array({1, Json(Json::value_t::discarded)}), 64, out));
  EXPECT_EQ(out, "");
}

TEST(WriteJsonTextTest, WritesOneString) {
  std::string out = "a";
  EXPECT_TRUE(write_json_text("b\"\n", out));
  EXPECT_EQ(out, R"(a"b\"\n")");
  EXPECT_FALSE(write_json_text("\xff", out));
  EXPECT_EQ(out, R"(a"b\"\n")");
}

}  // namespace
}  // namespace mcp_mqtt::wire
