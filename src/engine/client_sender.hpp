#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/wire/json_rpc.hpp>

#include "engine/client_shared.hpp"
#include "engine/handler_runs.hpp"

namespace mcp_mqtt::engine {

/// Writes the messages of one client session, and sees to it that no request of the server stays
/// without an answer: one that cannot be sent becomes an error.
class ClientSender {
 public:
  struct Setup {
    ConnectionNumber connection = 0;
    SessionNumber session = 0;
    std::string client_id;
    std::string rpc_topic;
    std::string server;  // for the log
  };

  ClientSender(ClientShared& shared, Setup setup) : shared_(shared), setup_(std::move(setup)) {}

  /// The ticket under which it is sent; an error where it cannot be written.
  Result<Ticket> publish(std::string topic, const wire::RpcMessage& message);
  /// A notification on RPC. One that cannot be written is left out.
  void notify(std::string method, Json params);

  /// Answers a request, alone or as part of a batch.
  void answer(const RequestId& id, Result<Json> result, const std::shared_ptr<AnswerBatch>& batch);
  /// One request of the batch has its answer, or none is wanted any more.
  void settle(AnswerBatch& batch, std::optional<wire::RpcMessage> answer);
  /// What the broker leaves for the result of an answer.
  std::size_t bytes_for_result(const RequestId& id) const;
  /// Whether the ticket was an answer's.
  bool on_published(Ticket ticket, const Result<void>& outcome);

 private:
  void send_answer(const wire::RpcMessage& answer);
  Ticket publish_payload(std::string topic, std::string payload);
  void publish_answers(std::string payload, std::vector<RequestId> ids);
  void unsent(const std::vector<RequestId>& ids, const Error& cause);

  ClientShared& shared_;
  Setup setup_;
  std::map<Ticket, std::vector<RequestId>> answers_in_flight_;
};

}  // namespace mcp_mqtt::engine
