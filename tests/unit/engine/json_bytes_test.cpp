#include "engine/json_bytes.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <string>

namespace mcp_mqtt::engine {
namespace {

// Never less than what is written, and for plain text not much more.
TEST(JsonBytes, BoundsWhatIsWritten) {
  const std::string control(300, '\x01');
  const std::string quotes(300, '"');
  const std::string accents = "\u00e4\u00f6\u00fc";
  const Json values[] = {
      nullptr,
      true,
      -1,
      std::numeric_limits<std::uint64_t>::max(),
      std::numeric_limits<double>::min(),
      -1.2345678901234567e-300,
      "",
      control,
      quotes,
      accents,
      "bad \xff\xfe",
      Json::array(),
      Json::object(),
      Json{{"a", {1, 2, {{"b", {"c", nullptr}}}}}, {"d\n", false}},
  };
  for (const Json& value : values) {
    const std::size_t written = value.dump(-1, ' ', false, Json::error_handler_t::replace).size();
    EXPECT_GE(json_bytes(value), written) << written;
  }
  EXPECT_LE(json_bytes(std::string(1'000, 'x')), 1'010U);
}

TEST(JsonBytes, NoDepthIsTooDeep) {
  Json deep = 1;
  for (int i = 0; i < 10'000; ++i) deep = Json::array({std::move(deep)});
  EXPECT_GE(json_bytes(deep), 20'000U);
}

}  // namespace
}  // namespace mcp_mqtt::engine
