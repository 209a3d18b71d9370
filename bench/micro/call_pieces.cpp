#include <memory>
#include <utility>

#include <mcp_mqtt/mqtt/loopback.hpp>
#include <mcp_mqtt/protocol/tool.hpp>

#include "nodes.hpp"
#include "pieces.hpp"

namespace mcp_mqtt::bench {
namespace {

/// A server and a client on a broker inside the process that moves when it is told to.
struct Stage {
  explicit Stage(std::size_t answer_bytes)
      : server(broker.make_transport(), answer_bytes), client(broker.make_transport()) {
    broker.poll();
    client.open();
    broker.poll();
    require(client.session() != 0, "no session");
  }

  mqtt::LoopbackBroker broker{mqtt::LoopbackBroker::Delivery::manual};
  ServerNode server;
  ClientNode client;
};

Piece call(std::string name, std::size_t answer_bytes, int rounds = 64) {
  return {std::move(name),
          [stage = std::make_shared<Stage>(answer_bytes)] {
            stage->client.call();
            stage->broker.poll();
            auto outcome = stage->client.take_outcome();
            require(outcome && *outcome, "a call has no answer");
            const auto result = call_tool_result_from_json(**std::move(outcome));
            require(result.has_value(), "an answer could not be read");
            keep(*result);
          },
          rounds};
}

}  // namespace

Pieces call_pieces() {
  return {call("a call over the loopback", 64),
          call("a call over the loopback, 64 KiB back", 64U << 10, 16)};
}

}  // namespace mcp_mqtt::bench
