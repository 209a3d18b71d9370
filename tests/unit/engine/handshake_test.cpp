#include "engine/handshake.hpp"

#include <gtest/gtest.h>

// T23: the values of the initialize exchange.
namespace mcp_mqtt::engine {
namespace {

TEST(Handshake, ParamsAreReadBack) {
  ClientCapabilities capabilities;
  capabilities.roots = true;
  capabilities.sampling = true;
  for (const Revision revision : all_revisions) {
    const Json params = initialize_params({"host", "2", "Host"}, capabilities, revision);
    EXPECT_EQ(params["protocolVersion"], to_string(revision));
    EXPECT_EQ(params["clientInfo"].contains("title"), revision >= Revision::v2025_06_18);
    const auto client = read_initialize(params);
    ASSERT_TRUE(client);
    EXPECT_EQ(client->revision, revision);
    EXPECT_EQ(client->implementation.name, "host");
    EXPECT_TRUE(client->capabilities.roots);
    EXPECT_TRUE(client->capabilities.sampling);
    EXPECT_FALSE(client->capabilities.elicitation);
  }
}

TEST(Handshake, ServerIsLiberalWithWhatIsMissing) {
  const auto bare = read_initialize(Json{{"protocolVersion", "2024-11-05"}});
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->implementation.name, "");
  const auto odd = read_initialize(
      Json{{"protocolVersion", "someday"}, {"clientInfo", 7}, {"capabilities", Json::array({1})}});
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->revision, latest_revision);
  EXPECT_EQ(odd->capabilities.raw, Json::object());
}

TEST(Handshake, ServerNeedsAVersion) {
  for (const Json& params :
       {Json::object(), Json{{"protocolVersion", 1}}, Json(), Json::array(), Json("2025-11-25")}) {
    const auto client = read_initialize(params);
    ASSERT_FALSE(client) << params;
    EXPECT_EQ(client.error().kind, ErrorKind::rpc);
    EXPECT_EQ(client.error().code, error_code::invalid_params);
  }
}

TEST(Handshake, ResultIsReadBack) {
  for (const Revision revision : all_revisions) {
    ServerCapabilities capabilities;
    capabilities.tools = true;
    const auto result = read_initialize_result(
        initialize_result({"desk", "1", ""}, capabilities, "be gentle", revision));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->revision, revision);
    EXPECT_EQ(result->server_info.name, "desk");
    EXPECT_EQ(result->instructions, "be gentle");
    EXPECT_TRUE(result->capabilities.tools);
  }
  EXPECT_FALSE(
      initialize_result({"desk", "1", ""}, {}, "", latest_revision).contains("instructions"));
}

TEST(Handshake, ClientRefusesWhatItCannotUse) {
  for (const Json& result : {Json(), Json(1), Json("x"), Json::array(), Json::object(),
                             Json{{"protocolVersion", 20251125}}}) {
    const auto read = read_initialize_result(result);
    ASSERT_FALSE(read) << result;
    EXPECT_EQ(read.error().kind, ErrorKind::protocol_violation);
  }
  const std::string version = std::string(39, 'x') + "\xc3\xa9" + std::string(100, 'y');
  const auto read = read_initialize_result(Json{{"protocolVersion", version}});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::unsupported);
  EXPECT_LT(read.error().message.size(), 200U);
  EXPECT_NO_THROW(Json(read.error().message).dump());  // it is UTF-8 still
}

TEST(Handshake, NewestSupportedRevisionOtherThanTheRefusedOne) {
  const auto with = [](Json supported) {
    return rpc_error(-32602, "no", Json{{"supported", std::move(supported)}});
  };
  const Revision refused = Revision::v2025_11_25;
  EXPECT_EQ(supported_revision(with({"2024-11-05", "2025-06-18", "2025-03-26"}), refused),
            Revision::v2025_06_18);
  EXPECT_EQ(supported_revision(with({"2025-11-25", "2024-11-05"}), refused), Revision::v2024_11_05);
  EXPECT_EQ(supported_revision(with({"2025-11-25"}), Revision::v2024_11_05), Revision::v2025_11_25);
  EXPECT_FALSE(supported_revision(with({"2025-11-25"}), refused));
  EXPECT_FALSE(supported_revision(with({7, nullptr, "1.0"}), refused));
  EXPECT_FALSE(supported_revision(with("2024-11-05"), refused));
  EXPECT_FALSE(supported_revision(rpc_error(-32602, "no"), refused));
  EXPECT_FALSE(supported_revision(rpc_error(-32602, "no", Json::array({1})), refused));
}

}  // namespace
}  // namespace mcp_mqtt::engine
