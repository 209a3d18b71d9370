#include "client_reopen_fixture.hpp"

// Instances are announced one after the other, at once or over seconds: who takes the first one
// meets everybody else there.
namespace mcp_mqtt::engine::test {
namespace {

ClientConfig patient_config() {
  ClientConfig config = client_config();
  config.choice_window = milliseconds(5);
  config.own_instance_grace = seconds(2);
  return config;
}

class ClientChoice : public ClientReopen {
 protected:
  ClientChoice() : ClientReopen(patient_config()) {}

  /// The policy takes the last, so that who was not waited for is not chosen.
  static OpenRequest request_for(const std::string& name) {
    OpenRequest request = ClientHarness::open_request(7, name);
    request.select = [](const auto& instances) { return instances.size() - 1; };
    return request;
  }
  /// Whose RPC topic is subscribed next; empty: nobody's.
  std::string chosen() {
    const auto rpc = client.actions.find<Subscribe>();
    client.actions.clear();
    if (!rpc) return "";
    const auto topic = wire::parse_topic(rpc->subscription.filter);
    const auto* parsed = std::get_if<wire::RpcTopic>(&topic);
    return parsed == nullptr ? rpc->subscription.filter : parsed->server_id;
  }
};

TEST_F(ClientChoice, TakesAtOnceWhatIsKnown) {
  client.announce("s2");
  client.open(request_for("desk/companion"));
  EXPECT_EQ(chosen(), "s2");
}

TEST_F(ClientChoice, WaitsAMomentForMoreInstancesWhereItFoundNone) {
  client.open(request_for("lamp"));
  EXPECT_EQ(chosen(), "");
  client.announce("a", "lamp");
  EXPECT_EQ(chosen(), "");
  EXPECT_EQ(client.engine.next_deadline(), client.now + milliseconds(5));
  client.advance(milliseconds(3));
  client.announce("b", "lamp");
  client.advance(milliseconds(1));
  EXPECT_EQ(chosen(), "");
  client.advance(milliseconds(1));
  EXPECT_EQ(chosen(), "b");
}

TEST_F(ClientChoice, WaitsForNoMoreWhereOneInstanceIsWanted) {
  auto request = request_for("lamp");
  request.server_id = "a";
  client.open(request);
  client.announce("a", "lamp");
  EXPECT_EQ(chosen(), "a");
}

TEST_F(ClientChoice, GoesOnAtOnceAfterAFailure) {
  client.open(request_for("lamp"));
  client.announce("a", "lamp");
  client.announce("b", "lamp");
  client.advance(milliseconds(5));
  ASSERT_EQ(chosen(), "b");
  client.clear_presence("b", "lamp");
  EXPECT_EQ(chosen(), "a");
}

TEST_F(ClientChoice, WaitsAfterAReconnectForTheInstanceThatItHad) {
  open_kept();
  lose();
  back({"s2", "s3"});
  EXPECT_EQ(chosen(), "");
  client.advance(seconds(1));
  EXPECT_EQ(chosen(), "");
  client.announce_quietly("s1");
  EXPECT_EQ(chosen(), "s1");
}

TEST_F(ClientChoice, TakesAnotherInstanceWhereItsOwnStaysAway) {
  open_kept();
  lose();
  back({"s2"});
  client.advance(milliseconds(1'999));
  client.announce_quietly("s3");
  EXPECT_EQ(chosen(), "");
  client.advance(milliseconds(1));
  EXPECT_EQ(chosen(), "s2");
}

TEST_F(ClientChoice, WaitsAnewAfterTheNextLoss) {
  open_kept();
  lose();
  back({"s2"});
  client.advance(seconds(1));
  client.lost();
  client.advance(seconds(5));
  EXPECT_EQ(chosen(), "");
  back({"s2"});
  client.advance(milliseconds(1'999));
  EXPECT_EQ(chosen(), "");
  client.advance(milliseconds(1));
  EXPECT_EQ(chosen(), "s2");
}

TEST_F(ClientChoice, DoesNotWaitForAnInstanceThatSaidGoodbye) {
  auto request = ClientHarness::open_request(5);
  request.reopen = Reopen::always;
  client.open(request);
  client.expect_open("s1", client.expect_initialize("s1"));
  client.announce("s2");
  client.clear_presence("s1");
  EXPECT_EQ(chosen(), "s2");
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
