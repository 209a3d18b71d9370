#include "mcp-mqtt/stdio/stdio_host.hpp"

#include <cstring>
#include <poll.h>
#include <utility>

#include "mcp-mqtt/relay/host_calls.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

Error invalid_request(std::string message) {
  return rpc_error(error_code::invalid_request, std::move(message));
}

/// Whether nobody can read what is written there.
bool nobody_reads(int descriptor) {
  pollfd output{descriptor, 0, 0};
  return ::poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

std::optional<RequestId> answered_id(const wire::RpcMessage& message) {
  if (const auto* response = std::get_if<wire::Response>(&message)) return response->id;
  if (const auto* error = std::get_if<wire::ErrorResponse>(&message)) return error->id;
  return std::nullopt;
}

}  // namespace

StdioHost::StdioHost(Streams streams, const StdioLimits& limits,
                     std::function<void(const std::string&)> note)
    : streams_(streams),
      limits_(limits),
      note_(std::move(note)),
      writer_(streams.output, limits.most, [this](int reason) {
        fail({ErrorKind::client_gone, 0,
              std::string("standard output cannot be written: ") + std::strerror(reason), nullptr});
      }) {}

std::optional<Error> StdioHost::serve(std::unique_ptr<HostSession> session,
                                      const std::stop_token& stop,
                                      std::chrono::milliseconds last_answers) {
  const std::stop_callback on_stop(stop, [this] {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  });
  std::optional<Error> reason;
  {
    LineReader reader(
        streams_.input, limits_.message.max_bytes,
        {[&](const std::string& line) { on_line(line, *session); },
         [this](const std::string&, std::size_t bytes) {
           const std::lock_guard lock(mutex_);
           write(wire::ErrorResponse{
               std::nullopt,
               rpc_error(error_code::parse_error, "a line of " + std::to_string(bytes) +
                                                      " bytes is too long: at most " +
                                                      std::to_string(limits_.message.max_bytes))});
         }},
        [this] {
          const std::lock_guard lock(mutex_);
          host_left_ = true;
          changed_.notify_all();
        });
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return host_left_ || stopped_ || failed_; });
    const auto deadline = std::chrono::steady_clock::now() + last_answers;
    while (!stopped_ && !failed_ && !under_way_.empty() &&
           std::chrono::steady_clock::now() < deadline && !nobody_reads(streams_.output)) {
      changed_.wait_for(lock, 100ms);
    }
    reason = failed_;
    stopped_ = true;  // the reader waits for nothing more
    changed_.notify_all();
  }
  session.reset();
  writer_.finish(2s);
  const std::lock_guard lock(mutex_);
  // The host may have been told, and gone, before the session said why it ends.
  if (!reason && refused_ && !stop.stop_requested()) reason = failed_;
  return reason;
}

// --- From the host

void StdioHost::on_line(const std::string& line, HostSession& session) {
  wait_for_slow_host();
  wire::Decoded decoded = wire::decode(line, limits_.message);
  BatchPointer batch;
  if (decoded.batch) {
    const std::lock_guard lock(mutex_);
    if (!batches_) {
      write(wire::ErrorResponse{std::nullopt,
                                invalid_request("batches are of revision 2025-03-26 alone")});
      return;
    }
    // One more than there are: the array is written when all of it was looked at.
    batch = std::make_shared<Batch>(Batch{.missing = 1});
  }
  for (auto& message : decoded.messages) {
    if (const auto* rejected = std::get_if<wire::Rejected>(&message)) {
      on_rejected(*rejected, batch);
    } else if (auto& good = std::get<wire::RpcMessage>(message); begin(good, batch)) {
      session.on_message(std::move(good));
      wait_for_initialize();
    }
  }
  if (batch) {
    const std::lock_guard lock(mutex_);
    add_to_batch(*batch, wire::Notification{});
  }
}

void StdioHost::on_rejected(const wire::Rejected& rejected, const BatchPointer& batch) {
  if (rejected.was_response) {
    note_("an answer of the host cannot be used: " + rejected.error.message);
    return;
  }
  const std::lock_guard lock(mutex_);
  refuse({rejected.id, rejected.error}, batch);
}

bool StdioHost::begin(const wire::RpcMessage& message, const BatchPointer& batch) {
  if (const auto* request = std::get_if<wire::Request>(&message)) {
    const std::lock_guard lock(mutex_);
    Error refused;
    if (under_way_.contains(request->id)) {
      refused = invalid_request("this id is in use already");
    } else if (batch && request->method == "initialize") {
      refused = invalid_request("initialize cannot be part of a batch");
    } else {
      if (batch) ++batch->missing;
      under_way_.emplace(request->id, batch);
      if (request->method == "initialize" && !initialize_) initialize_ = request->id;
      return true;
    }
    refuse({request->id, std::move(refused)}, batch);
    return false;
  }
  const auto* notification = std::get_if<wire::Notification>(&message);
  if (notification != nullptr && notification->method == "notifications/cancelled") {
    // It gets no answer.
    if (const auto id = cancelled_id(notification->params)) {
      const std::lock_guard lock(mutex_);
      if (auto cancelled = under_way_.extract(*id); cancelled && cancelled.mapped()) {
        add_to_batch(*cancelled.mapped(), wire::Notification{});
      }
      changed_.notify_all();
    }
  }
  return true;
}

void StdioHost::refuse(wire::ErrorResponse answer, const BatchPointer& batch) {
  if (batch) {
    batch->answers.emplace_back(std::move(answer));
  } else {
    write(std::move(answer));
  }
}

/// A host that does not wait for the answer is read on when it is there.
void StdioHost::wait_for_initialize() {
  std::unique_lock lock(mutex_);
  const auto over = [this] {
    return stopped_ || failed_ || !initialize_ || !under_way_.contains(*initialize_);
  };
  // Who went meanwhile, without a word, closed both ends.
  while (!changed_.wait_for(lock, 100ms, over) && !nobody_reads(streams_.output)) {
  }
}

void StdioHost::wait_for_slow_host() {
  while (writer_.waiting() > limits_.slow) {
    if (writer_.finish(100ms)) return;
    const std::lock_guard lock(mutex_);
    if (stopped_ || failed_) return;
  }
}

// --- To the host

void StdioHost::send(wire::RpcMessage message, const std::optional<RequestId>&) {
  const std::lock_guard lock(mutex_);
  if (const auto id = answered_id(message)) return finish(message, *id);
  if (std::holds_alternative<wire::Notification>(message) && writer_.waiting() > limits_.slow) {
    if (dropped_++ == 0) note_("the host does not read: notifications are dropped");
    return;
  }
  write(message);
}

void StdioHost::finish(const wire::RpcMessage& answer, const RequestId& id) {
  if (id == initialize_) {
    const auto* response = std::get_if<wire::Response>(&answer);
    if (response != nullptr) {
      batches_ = text_member(response->result, "protocolVersion") == "2025-03-26";
    } else {
      initialize_.reset();
      refused_ = true;
    }
  }
  const auto asked = under_way_.extract(id);
  if (asked && asked.mapped()) {
    add_to_batch(*asked.mapped(), answer);
  } else {
    write(answer);
  }
  changed_.notify_all();
}

/// One less is missing. A notification stands for what gets no answer.
void StdioHost::add_to_batch(Batch& batch, const wire::RpcMessage& answer) {
  if (!std::holds_alternative<wire::Notification>(answer)) batch.answers.push_back(answer);
  if (--batch.missing != 0 || batch.answers.empty()) return;
  if (auto line = wire::encode_batch(batch.answers, limits_.message)) {
    write_line(*std::move(line));
    return;
  }
  // Together they are too much.
  for (const wire::RpcMessage& one : batch.answers) write(one);
}

void StdioHost::write(const wire::RpcMessage& message) {
  auto line = wire::encode(message, limits_.message);
  if (!line) {
    note_("a message to the host cannot be written: " + line.error().message);
    const auto id = answered_id(message);
    if (!id) return;
    line = wire::encode(wire::ErrorResponse{*id, rpc_error(error_code::internal_error,
                                                           "the answer cannot be written: " +
                                                               line.error().message)},
                        limits_.message);
    if (!line) return;
  }
  write_line(*std::move(line));
}

void StdioHost::write_line(std::string line) {
  if (writer_.write(std::move(line)) || failed_) return;
  failed_ = Error{ErrorKind::client_gone, 0, "the host does not read its answers", nullptr};
  changed_.notify_all();
}

void StdioHost::fail(Error reason) {
  const std::lock_guard lock(mutex_);
  if (!failed_) failed_ = std::move(reason);
  changed_.notify_all();
}

void StdioHost::ended(const Error& reason) { fail(reason); }

}  // namespace mcp_mqtt::command_line
