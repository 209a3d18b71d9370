#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "garden.hpp"
#include "tool_calls.hpp"

namespace mcp_mqtt::schema {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(Encode, Numbers) {
  EXPECT_EQ(encode(std::int8_t{-5}).dump(), "-5");
  EXPECT_EQ(encode(std::uint64_t{18446744073709551615ULL}).dump(), "18446744073709551615");
  EXPECT_EQ(encode('x').dump(), "120");
  EXPECT_EQ(encode(0.1).dump(), "0.1");
  EXPECT_EQ(encode(0.1F).dump(), "0.1");
  EXPECT_EQ(encode(0.5L).dump(), "0.5");
  EXPECT_EQ(encode(std::nan("")), nullptr);
  EXPECT_EQ(encode(-infinity), nullptr);
  EXPECT_EQ(encode(std::numeric_limits<float>::infinity()), nullptr);
  EXPECT_EQ(encode(std::numeric_limits<long double>::max()), nullptr);
}

TEST(Encode, Containers) {
  EXPECT_EQ(encode(std::vector<double>{1, infinity}).dump(), "[1.0,null]");
  EXPECT_EQ(encode(std::map<std::string, std::optional<int>>{{"a", 1}, {"b", {}}}).dump(),
            R"({"a":1,"b":null})");
  EXPECT_EQ(encode(std::array<bool, 2>{true, false}).dump(), "[true,false]");
}

TEST(Encode, Described) {
  garden::Bed bed;
  bed.name = "rose";
  bed.corners = {{1, 2}};
  EXPECT_EQ(encode(bed), Json::parse(R"({"name":"rose","colour":"green","plants":12,"harvest":{},
                                         "corners":[{"x":1.0,"y":2.0}],"watered":false})"));
  bed.depth = 3;
  EXPECT_EQ(encode(bed)["depth"], 3);
  EXPECT_EQ(encode(garden::Colour::crimson), "red");
  EXPECT_EQ(encode(static_cast<garden::Colour>(99)), "99");
}

TEST(Encode, InvalidUtf8IsReplaced) {
  EXPECT_EQ(valid_utf8("grün €😀"), "grün €😀");
  EXPECT_EQ(valid_utf8("a\xff\x80z"), "a\uFFFDz");
  EXPECT_EQ(valid_utf8("\xC3"), "\uFFFD");
  EXPECT_EQ(valid_utf8("\xC0\xAF"), "\uFFFD");          // overlong
  EXPECT_EQ(valid_utf8("\xE0\x80\x80"), "\uFFFD");      // overlong
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), "\uFFFD");      // a surrogate
  EXPECT_EQ(valid_utf8("\xF4\x90\x80\x80"), "\uFFFD");  // above U+10FFFF
  EXPECT_EQ(valid_utf8("\xF0\x80\x80\x80"), "\uFFFD");  // overlong
  EXPECT_EQ(valid_utf8("\xED\x9F\xBF\xF4\x8F\xBF\xBF"), "\xED\x9F\xBF\xF4\x8F\xBF\xBF");
  EXPECT_EQ(valid_utf8("\xE2\x82z"), "\uFFFDz");
  EXPECT_EQ(encode("a\xff"), "a\uFFFD");
  EXPECT_EQ(encode(std::map<std::string, int>{{"k\xff", 1}}).dump(), "{\"k\uFFFD\":1}");
  EXPECT_EQ(encode(Json{{"k\xff", {"v\xff", 1}}}).dump(), "{\"k\uFFFD\":[\"v\uFFFD\",1]}");
}

TEST(Encode, WhatJsonCannotWriteBecomesNull) {
  EXPECT_EQ(encode(Json{1, std::nan("")}), Json({1, nullptr}));
  EXPECT_EQ(encode(Json(Json::value_t::discarded)), nullptr);
}

}  // namespace
}  // namespace mcp_mqtt::schema
