#include "mcp-mqtt/http/http_session.hpp"

#include <algorithm>

namespace mcp_mqtt::command_line {
namespace {

std::optional<RequestId> answered_by(const wire::RpcMessage& message) {
  if (const auto* response = std::get_if<wire::Response>(&message)) return response->id;
  if (const auto* error = std::get_if<wire::ErrorResponse>(&message)) return error->id;
  return std::nullopt;
}

bool is_answer(const wire::RpcMessage& message) {
  return std::holds_alternative<wire::Response>(message) ||
         std::holds_alternative<wire::ErrorResponse>(message);
}

}  // namespace

HttpSession::HttpSession(const HttpSessionLimits& limits)
    : limits_(limits), standalone_(std::make_shared<EventStream>(0, limits.stream)) {}

void HttpSession::send(wire::RpcMessage message, const std::optional<RequestId>& related) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  if (is_answer(message)) {
    // One without an id answers what could not be read, which no host's request is.
    if (const auto id = answered_by(message)) answer(*id, message);
    return;
  }
  tell(message, related);
}

void HttpSession::answer(const RequestId& id, const wire::RpcMessage& message) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  learn_from_initialize(id, message);
  found->second->push_answer(text_of(message));
  finish_without(id);
}

void HttpSession::learn_from_initialize(const RequestId& id, const wire::RpcMessage& message) {
  if (initialize_ != id) return;
  if (const auto* error = std::get_if<wire::ErrorResponse>(&message)) {
    initialize_error_ = error->error;
    return;
  }
  const Json& result = std::get<wire::Response>(message).result;
  if (!result.is_object()) return;
  const auto version = result.find("protocolVersion");
  if (version == result.end() || !version->is_string()) return;
  revision_ = parse_revision(version->get_ref<const std::string&>());
}

std::string HttpSession::text_of(const wire::RpcMessage& message) const {
  auto text = wire::encode(message, limits_.message);
  if (text) return std::move(*text);
  if (!is_answer(message)) return {};
  const Error error = rpc_error(error_code::internal_error,
                                "the answer cannot be passed on: " + text.error().message);
  text = wire::encode(wire::ErrorResponse{answered_by(message), error}, limits_.message);
  return text ? std::move(*text) : std::string();
}

void HttpSession::finish_without(const RequestId& id) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  const auto stream = found->second;
  requests_.erase(found);
  const bool more = std::any_of(requests_.begin(), requests_.end(),
                                [&](const auto& one) { return one.second == stream; });
  if (!more) stream->finish();
}

void HttpSession::tell(const wire::RpcMessage& message, const std::optional<RequestId>& related) {
  Waiting one{text_of(message), std::nullopt};
  if (const auto* request = std::get_if<wire::Request>(&message)) one.request = request->id;
  if (one.text.empty()) return drop(one);
  if (const auto stream = stream_for(related)) return put(stream, std::move(one));
  if (waiting_.size() >= limits_.waiting_messages ||
      waiting_bytes_ + one.text.size() > limits_.waiting_bytes) {
    return drop(one);
  }
  waiting_bytes_ += one.text.size();
  waiting_.push_back(std::move(one));
}

std::shared_ptr<EventStream> HttpSession::stream_for(const std::optional<RequestId>& related) {
  if (related) {
    const auto found = requests_.find(*related);
    if (found != requests_.end()) return found->second;
  }
  if (standalone_->attached()) return standalone_;
  std::shared_ptr<EventStream> newest;
  for (const auto& [id, stream] : requests_) {
    const bool newer = !newest || stream->number() > newest->number();
    // Before the handshake is over, a POST carries its answer alone.
    if (newer && stream->attached() && initialize_ != id) newest = stream;
  }
  return newest;
}

void HttpSession::put(const std::shared_ptr<EventStream>& stream, Waiting message) {
  if (!stream->push(message.text)) drop(message);
}

void HttpSession::drop(const Waiting& message) {
  if (message.request && unheard_.size() < limits_.waiting_messages) {
    unheard_.push_back(*message.request);
  }
}

void HttpSession::pour_waiting_into(const std::shared_ptr<EventStream>& stream) {
  for (Waiting& message : waiting_) put(stream, std::move(message));
  waiting_.clear();
  waiting_bytes_ = 0;
}

std::variant<std::shared_ptr<EventStream>, HttpSession::Refused> HttpSession::open(
    const std::vector<RequestId>& requests) {
  const std::lock_guard lock(mutex_);
  if (requests_.size() + requests.size() > limits_.requests) return Refused::too_many;
  const auto stream = std::make_shared<EventStream>(++last_stream_, limits_.stream);
  std::vector<RequestId> taken;
  for (const RequestId& id : requests) {
    if (requests_.try_emplace(id, stream).second) {
      taken.push_back(id);
      continue;
    }
    for (const RequestId& own : taken) requests_.erase(own);
    return Refused::id_in_use;
  }
  if (first_ && !requests.empty()) {
    initialize_ = requests.front();
  } else {
    initialize_.reset();
    pour_waiting_into(stream);
  }
  first_ = false;
  streams_.emplace(stream->number(), stream);
  if (closed_) stream->finish();
  forget_finished();
  return stream;
}

void HttpSession::give_up(const RequestId& request) {
  const std::lock_guard lock(mutex_);
  finish_without(request);
}

void HttpSession::standalone_is_read() {
  const std::lock_guard lock(mutex_);
  pour_waiting_into(standalone_);
}

std::shared_ptr<EventStream> HttpSession::find(std::uint64_t stream) const {
  const std::lock_guard lock(mutex_);
  if (stream == 0) return standalone_;
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : found->second;
}

void HttpSession::forget(const std::shared_ptr<EventStream>& stream) {
  const std::lock_guard lock(mutex_);
  streams_.erase(stream->number());
}

void HttpSession::forget_finished() {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const auto& [number, stream] : streams_) {
    if (!stream->finished()) continue;
    ++count;
    bytes += stream->bytes();
  }
  for (auto at = streams_.begin(); at != streams_.end();) {
    if (count <= limits_.finished_streams && bytes <= limits_.finished_bytes) return;
    if (!at->second->finished() || at->second->attached()) {
      ++at;
      continue;
    }
    --count;
    bytes -= std::min(bytes, at->second->bytes());
    at = streams_.erase(at);
  }
}

void HttpSession::ended(const Error& reason) {
  const std::lock_guard lock(mutex_);
  if (!end_reason_) end_reason_ = reason;
  standalone_->finish();
  ended_.notify_all();
}

std::optional<Revision> HttpSession::revision() const {
  const std::lock_guard lock(mutex_);
  return revision_;
}

std::optional<Error> HttpSession::initialize_error() const {
  const std::lock_guard lock(mutex_);
  return initialize_error_;
}

bool HttpSession::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::optional<Error> HttpSession::end_reason() const {
  const std::lock_guard lock(mutex_);
  return end_reason_;
}

std::optional<Error> HttpSession::wait_for_end(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, timeout, [this] { return end_reason_ || closed_; });
  return end_reason_;
}

void HttpSession::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  ended_.notify_all();
  standalone_->finish();
  for (const auto& [number, stream] : streams_) stream->finish();
  requests_.clear();
}

bool HttpSession::being_read() const {
  const std::lock_guard lock(mutex_);
  if (standalone_->attached()) return true;
  return std::any_of(streams_.begin(), streams_.end(),
                     [](const auto& one) { return one.second->attached(); });
}

std::vector<RequestId> HttpSession::take_unheard() {
  const std::lock_guard lock(mutex_);
  return std::exchange(unheard_, {});
}

}  // namespace mcp_mqtt::command_line
