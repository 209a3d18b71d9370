#include <utility>

#include "engine/handshake.hpp"
#include "engine/server_session.hpp"

// A session whose client is answered by a backend: what it asks and tells goes out as it came.
namespace mcp_mqtt::engine {
namespace {

/// The session takes its revision and its capabilities from here, so both must be readable.
Result<InitializeResult> checked(const Result<Json>& outcome) {
  if (!outcome) return outcome.error();
  if (!outcome->is_object()) {
    return rpc_error(error_code::internal_error, "the answer to initialize is no object");
  }
  auto read = read_initialize_result(*outcome);
  if (!read) return rpc_error(error_code::internal_error, read.error().message);
  return read;
}

}  // namespace

void ServerSession::relay_initialize() {
  if (proposal_->initialize != 0) return;
  proposal_->initialize = shared_.new_call(client_id_, request_bytes_);
  HandlerRun run;
  run.request = proposal_->request;
  runs_.add(proposal_->initialize, std::move(run));
  RunHandler action;
  action.call = proposal_->initialize;
  action.session = number_;
  action.method = "initialize";
  action.params = std::move(proposal_->params);
  action.client = proposal_->client;
  shared_.out.emplace_back(std::move(action));
}

void ServerSession::relay_initialized(Result<Json> outcome) {
  auto initialized = checked(outcome);
  if (!initialized) {
    answer(proposal_->request, initialized.error(), nullptr);
    if (live_) {
      drop_proposal();
    } else {
      end(initialized.error(), false);
    }
    return;
  }
  proposal_->answered = true;
  proposal_->client.revision = initialized->revision;
  proposal_->declared = std::move(initialized->capabilities);
  answer(proposal_->request, std::move(outcome), nullptr);
}

void ServerSession::relay_request(const wire::Request& request, const Batch& batch) {
  if (refuse_busy(request.id, batch)) return;
  Start relayed;
  relayed.params = request.params;
  start(request, batch, std::move(relayed));
}

void ServerSession::relay_notification(const wire::Notification& notification) {
  if (!live_) return;
  shared_.out.emplace_back(ClientTold{number_, notification.method, notification.params});
}

}  // namespace mcp_mqtt::engine
