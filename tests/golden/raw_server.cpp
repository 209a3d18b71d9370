#include "golden/raw_server.hpp"

#include <gtest/gtest.h>

namespace mcp_mqtt::golden {
namespace {

const std::string instance = std::string(Stage::server_id) + '/' + Stage::server_name;

}  // namespace

RawServer::RawServer(Stage& stage)
    : stage_(stage),
      peer_(stage, "raw server", Stage::server_id, "mcp-server"),
      rpc_(std::string("$mcp-rpc/") + Stage::client_id + '/' + instance) {
  peer_.subscribe("$mcp-server/" + instance);
  peer_.subscribe(rpc_);
  peer_.publish(
      "$mcp-server/presence/" + instance,
      {{"jsonrpc", "2.0"},
       {"method", "notifications/server/online"},
       {"params",
        {{"server_name", Stage::server_name}, {"description", ""}, {"meta", Json::object()}}}},
      true);
}

void RawServer::let_client_ask(test::Outcome<ClientSession> opened) {
  stage_.client().connect(stage_.url());
  stage_.record_everything();
  stage_.say("The client opens a session with a server that goes its own ways.");
  stage_.client().async_open(Stage::server_name, {.timeout = test::patience}, opened.callback());
}

ClientSession RawServer::open() {
  const test::Outcome<ClientSession> opened;
  let_client_ask(opened);
  answer(next(), {{"protocolVersion", to_string(stage_.revision())},
                  {"capabilities", {{"tools", Json::object()}, {"resources", Json::object()}}},
                  {"serverInfo", {{"name", "raw"}, {"version", "0"}}}});
  EXPECT_EQ(next().at("method"), "notifications/initialized");
  return opened.wait().value();
}

void RawServer::send(const Json& message) { peer_.publish(rpc_, message); }

void RawServer::answer(const Json& request, const Json& result) {
  send({{"jsonrpc", "2.0"}, {"id", request.at("id")}, {"result", result}});
}

}  // namespace mcp_mqtt::golden
