#include "mcp-mqtt/expose/child_peer.hpp"

#include <utility>

#include "mcp-mqtt/relay/rpc_error.hpp"
#include "mcp-mqtt/safe_text.hpp"

namespace mcp_mqtt::command_line {
namespace {

/// Columns of a line that is no message, in the log.
constexpr std::size_t shown_columns = 120;

Error not_running(const std::string& program, const std::string& end) {
  return rpc_error(error_code::internal_error,
                   "the program behind this server, '" + program + "', " + end);
}

}  // namespace

ChildPeer::ChildPeer(const ChildSetup& setup, std::string who, Events events)
    : child_(std::make_shared<Child>(setup.command, setup.limits)),
      log_(setup.log),
      who_(std::move(who)),
      program_(setup.command.words.front()),
      events_(std::move(events)),
      asked_([this](wire::RpcMessage message, const std::optional<RequestId>&) {
        send(std::move(message));
      }),
      start_timeout_(setup.start_timeout) {
  limits_.max_bytes = setup.limits.output_line;
}

std::shared_ptr<ChildPeer> ChildPeer::make(const ChildSetup& setup, std::string who,
                                           Events events) {
  return std::shared_ptr<ChildPeer>(new ChildPeer(setup, std::move(who), std::move(events)));
}

void ChildPeer::run(Children& children, std::chrono::milliseconds pause) {
  children.run(child_, child_events(), pause, start_timeout_);
}

ChildEvents ChildPeer::child_events() {
  const auto self = shared_from_this();
  ChildEvents events;
  events.on_started = [self](pid_t pid) { self->who_ += '[' + std::to_string(pid) + ']'; };
  events.output.on_line = [self](const std::string& line) { self->on_line(line); };
  events.output.on_too_long = [self](const std::string& beginning, std::size_t bytes) {
    self->log_rated("a message of " + std::to_string(bytes) +
                    " bytes is passed over: " + cut(safe_line(beginning), shown_columns));
  };
  events.errors.on_line = [self](const std::string& line) { self->log_rated(line); };
  events.errors.on_too_long = [self](const std::string& beginning, std::size_t bytes) {
    self->log_rated(safe_line(beginning) + "… (" + std::to_string(bytes) + " bytes)");
  };
  events.on_end = [self](const ChildEnd& end) { self->on_end(end); };
  return events;
}

void ChildPeer::ask(PeerRequest request) { asked_.ask(std::move(request), std::nullopt); }

void ChildPeer::tell(std::string method, Json params) {
  send(wire::Notification{std::move(method), std::move(params)});
}

void ChildPeer::answer(const RequestId& id, Result<Json> answer) {
  if (answer) {
    send(wire::Response{id, *std::move(answer)});
  } else {
    send(wire::ErrorResponse{id, as_rpc_error(std::move(answer).error())});
  }
}

void ChildPeer::send(wire::RpcMessage message) {
  const auto* request = std::get_if<wire::Request>(&message);
  const auto fail = [&](const Error& error) {
    if (request != nullptr) asked_.answer(request->id, error);
  };
  auto line = wire::encode(message, limits_);
  if (!line) return fail(as_rpc_error(std::move(line).error()));
  switch (child_->write(*std::move(line))) {
    case Child::Sent::yes:
      break;
    case Child::Sent::full:
      fail(rpc_error(error_code::server_busy, "the program behind this server, '" + program_ +
                                                  "', does not read what it was sent before"));
      break;
    case Child::Sent::ended:
      fail(not_running(program_, "is ending"));
      break;
  }
}

void ChildPeer::on_line(const std::string& line) {
  wire::Decoded decoded = wire::decode(line, limits_);
  for (auto& item : decoded.messages) {
    if (auto* message = std::get_if<wire::RpcMessage>(&item)) {
      on_message(std::move(*message));
    } else {
      on_rejected(std::get<wire::Rejected>(item), line);
    }
  }
}

void ChildPeer::on_message(wire::RpcMessage message) {
  if (auto* request = std::get_if<wire::Request>(&message)) {
    events_.on_request(std::move(*request));
  } else if (auto* notification = std::get_if<wire::Notification>(&message)) {
    events_.on_notification(std::move(*notification));
  } else if (auto* response = std::get_if<wire::Response>(&message)) {
    asked_.answer(response->id, std::move(response->result));
  } else if (auto& error = std::get<wire::ErrorResponse>(message); error.id) {
    asked_.answer(*error.id, std::move(error.error));
  } else {
    log_rated("an error that names no request: " + error.error.message);
  }
}

void ChildPeer::on_rejected(const wire::Rejected& rejected, const std::string& line) {
  if (rejected.was_response && rejected.id) {
    asked_.answer(*rejected.id,
                  rpc_error(error_code::internal_error,
                            "the program behind this server, '" + program_ +
                                "', answered with no JSON-RPC: " + rejected.error.message));
  } else if (!rejected.was_response && rejected.id) {
    send(wire::ErrorResponse{rejected.id, rejected.error});
  }
  log_rated("no message: " + cut(safe_line(line.substr(0, 4 * shown_columns)), shown_columns));
}

void ChildPeer::on_end(const ChildEnd& end) {
  if (const std::size_t left_out = rate_.take_left_out()) {
    log(std::to_string(left_out) + " lines came too fast and are left out");
  }
  ended_ = true;
  asked_.fail(not_running(program_, end.started ? end.text : "does not run: " + end.text));
  // They may hold what holds this.
  const Events events = std::exchange(events_, {});
  events.on_end(end);
}

void ChildPeer::log_rated(const std::string& line) {
  if (!rate_.admit(std::chrono::steady_clock::now())) return;
  if (const std::size_t left_out = rate_.take_left_out()) {
    log(std::to_string(left_out) + " lines came too fast and are left out");
  }
  log(line);
}

void ChildPeer::log(const std::string& line) const { log_(who_ + ": " + line); }

}  // namespace mcp_mqtt::command_line
