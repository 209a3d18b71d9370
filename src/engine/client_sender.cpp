#include "engine/client_sender.hpp"

#include <utility>

#include "engine/pages.hpp"
#include "ground/logging.hpp"
#include "wire/user_properties.hpp"

namespace mcp_mqtt::engine {
namespace {

void collect_id(const wire::RpcMessage& answer, std::vector<RequestId>& ids) {
  if (const auto* response = std::get_if<wire::Response>(&answer)) {
    ids.push_back(response->id);
  } else if (const auto* error = std::get_if<wire::ErrorResponse>(&answer); error && error->id) {
    ids.push_back(*error->id);
  }
}

wire::RpcMessage answer_message(const RequestId& id, Result<Json> result) {
  if (result) return wire::Response{id, *std::move(result)};
  return wire::ErrorResponse{id, std::move(result).error()};
}

}  // namespace

std::size_t ClientSender::bytes_for_result(const RequestId& id) const {
  return engine::bytes_for_result(shared_.max_answer_bytes, id, setup_.rpc_topic, setup_.client_id);
}

Ticket ClientSender::publish_payload(std::string topic, std::string payload) {
  const Ticket ticket = shared_.new_ticket(setup_.session);
  const mqtt::Qos qos = topic == setup_.rpc_topic ? shared_.config.qos : mqtt::Qos::at_least_once;
  shared_.out.emplace_back(
      Publish{setup_.connection,
              {std::move(topic), std::move(payload), qos, false,
               wire::publish_properties(wire::Component::client, setup_.client_id)},
              ticket});
  return ticket;
}

Result<Ticket> ClientSender::publish(std::string topic, const wire::RpcMessage& message) {
  auto payload = wire::encode(message, shared_.config.message_limits);
  if (!payload) return std::move(payload).error();
  return publish_payload(std::move(topic), *std::move(payload));
}

void ClientSender::notify(std::string method, Json params) {
  auto sent = publish(setup_.rpc_topic, wire::Notification{method, std::move(params)});
  if (!sent) log::warning("{}: {} was not sent: {}", setup_.server, method, sent.error().message);
}

void ClientSender::answer(const RequestId& id, Result<Json> result,
                          const std::shared_ptr<AnswerBatch>& batch) {
  auto message = answer_message(id, std::move(result));
  if (batch) {
    settle(*batch, std::move(message));
  } else {
    send_answer(message);
  }
}

void ClientSender::send_answer(const wire::RpcMessage& answer) {
  std::vector<RequestId> ids;
  collect_id(answer, ids);
  auto payload = wire::encode(answer, shared_.config.message_limits);
  if (payload) {
    publish_answers(*std::move(payload), std::move(ids));
  } else {
    unsent(ids, payload.error());
  }
}

void ClientSender::settle(AnswerBatch& batch, std::optional<wire::RpcMessage> answer) {
  if (answer) batch.answers.push_back(*std::move(answer));
  if (--batch.missing != 0 || batch.answers.empty()) return;
  auto payload = wire::encode_batch(batch.answers, shared_.config.message_limits);
  if (!payload) {
    // Too large together, or one of them cannot be written: the others still arrive.
    for (const wire::RpcMessage& one : batch.answers) send_answer(one);
    return;
  }
  std::vector<RequestId> ids;
  for (const wire::RpcMessage& one : batch.answers) collect_id(one, ids);
  publish_answers(*std::move(payload), std::move(ids));
}

void ClientSender::publish_answers(std::string payload, std::vector<RequestId> ids) {
  const Ticket ticket = publish_payload(setup_.rpc_topic, std::move(payload));
  if (!ids.empty()) answers_in_flight_.emplace(ticket, std::move(ids));
}

/// The outcome of these answers is not watched: where they fail as well, nothing is left to try.
void ClientSender::unsent(const std::vector<RequestId>& ids, const Error& cause) {
  log::peer(LogLevel::warning, "{}: an answer was not sent: {}", setup_.server, cause.message);
  const Error error =
      rpc_error(error_code::internal_error, "the answer cannot be sent: " + cause.message);
  for (const RequestId& id : ids) {
    static_cast<void>(publish(setup_.rpc_topic, wire::ErrorResponse{id, error}));
  }
}

bool ClientSender::on_published(Ticket ticket, const Result<void>& outcome) {
  const auto node = answers_in_flight_.extract(ticket);
  if (node.empty()) return false;
  if (!outcome && !ended_with_connection(outcome)) unsent(node.mapped(), outcome.error());
  return true;
}

}  // namespace mcp_mqtt::engine
