#include "conformance/reverse/http_peer.hpp"

#include <httplib.h>
#include <iostream>
#include <utility>

#include "conformance/reverse/event_stream.hpp"

namespace mcp_mqtt::test {
namespace {

using namespace std::chrono_literals;

constexpr int most_attempts = 10;
constexpr std::chrono::milliseconds patience_of_a_stream = 60s;

std::string encoded(const wire::RpcMessage& message) {
  return wire::encode(message, MessageLimits()).value();
}

/// Keeps the client where the destructor of the peer finds it.
class Active {
 public:
  Active(std::mutex& mutex, std::vector<httplib::Client*>& active, httplib::Client& client)
      : mutex_(mutex), active_(active), client_(&client) {
    const std::lock_guard lock(mutex_);
    active_.push_back(client_);
  }
  Active(const Active&) = delete;
  Active& operator=(const Active&) = delete;
  ~Active() {
    const std::lock_guard lock(mutex_);
    std::erase(active_, client_);
  }

 private:
  std::mutex& mutex_;
  std::vector<httplib::Client*>& active_;
  httplib::Client* client_;
};

}  // namespace

/// One request and what came back for it.
struct HttpPeer::Exchange {
  explicit Exchange(HttpPeer& peer, RequestId request)
      : id(std::move(request)),
        events([this, &peer](const std::string& data) { peer.on_payload(*this, data); }) {}

  RequestId id;
  bool answered = false;
  bool is_stream = false;
  std::string body;
  EventStream events;
};

HttpPeer::HttpPeer(std::string url, OnMessage on_message) : on_message_(std::move(on_message)) {
  const auto slash = url.find('/', url.find("://") + 3);
  origin_ = url.substr(0, slash);
  path_ = slash == std::string::npos ? "/" : url.substr(slash);
  sender_ = std::thread([this] { send_queued(); });
}

HttpPeer::~HttpPeer() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    for (httplib::Client* client : active_) client->stop();
    changed_.notify_all();
  }
  sender_.join();
  if (listener_.joinable()) listener_.join();
  for (std::thread& request : requests_) request.join();
}

void HttpPeer::send(wire::RpcMessage message) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(message));
  changed_.notify_all();
}

void HttpPeer::send_queued() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return over_ || !queue_.empty(); });
    if (over_) return;
    wire::RpcMessage message = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    if (auto* request = std::get_if<wire::Request>(&message)) {
      requests_.emplace_back([this, request = std::move(*request)] { ask(request); });
    } else {
      post(message);
    }
    lock.lock();
  }
}

bool HttpPeer::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [&] { return over_; });
}

std::vector<std::pair<std::string, std::string>> HttpPeer::headers() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::string>> headers;
  if (!session_id_.empty()) headers.emplace_back("Mcp-Session-Id", session_id_);
  if (!revision_.empty()) headers.emplace_back("MCP-Protocol-Version", revision_);
  return headers;
}

void HttpPeer::post(const wire::RpcMessage& message) {
  httplib::Client client(origin_);
  const Active active(mutex_, active_, client);
  httplib::Headers all{{"Accept", "application/json, text/event-stream"}};
  for (const auto& [name, value] : headers()) all.emplace(name, value);
  const auto result = client.Post(path_, all, encoded(message), "application/json");
  if (!result || result->status >= 300) {
    std::cerr << "POST of a message without answer: "
              << (result ? std::to_string(result->status) : httplib::to_string(result.error()))
              << std::endl;
  }
}

void HttpPeer::on_payload(Exchange& exchange, const std::string& payload) {
  for (auto& item : wire::decode(payload, MessageLimits()).messages) {
    auto* message = std::get_if<wire::RpcMessage>(&item);
    if (message == nullptr) continue;
    if (auto* response = std::get_if<wire::Response>(message)) {
      exchange.answered |= response->id == exchange.id;
      const std::lock_guard lock(mutex_);
      if (revision_.empty() && response->result.is_object()) {
        revision_ = response->result.value("protocolVersion", std::string());
      }
    } else if (const auto* error = std::get_if<wire::ErrorResponse>(message)) {
      exchange.answered |= error->id == exchange.id;
    }
    on_message_(std::move(*message));
  }
}

void HttpPeer::ask(const wire::Request& request) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return over_ || !stream_pending_; });
  }
  Exchange exchange(*this, request.id);
  httplib::Request post;
  post.method = "POST";
  post.path = path_;
  post.headers = {{"Accept", "application/json, text/event-stream"},
                  {"Content-Type", "application/json"}};
  for (const auto& [name, value] : headers()) post.headers.emplace(name, value);
  post.body = encoded(request);
  post.response_handler = [&](const httplib::Response& response) {
    exchange.is_stream = response.get_header_value("Content-Type").starts_with("text/event-stream");
    const std::lock_guard lock(mutex_);
    if (const std::string id = response.get_header_value("Mcp-Session-Id"); !id.empty()) {
      session_id_ = id;
    }
    return true;
  };
  post.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    if (exchange.is_stream) {
      exchange.events.feed({data, size});
    } else {
      exchange.body.append(data, size);
    }
    return true;
  };
  {
    httplib::Client client(origin_);
    client.set_read_timeout(patience_of_a_stream);
    const Active active(mutex_, active_, client);
    client.send(post);
  }
  if (!exchange.is_stream && !exchange.body.empty()) on_payload(exchange, exchange.body);
  for (int attempt = 0; exchange.is_stream && !exchange.answered && attempt < most_attempts;
       ++attempt) {
    if (!wait(exchange.events.retry().value_or(1s)) || !take_up(exchange)) break;
  }
  if (!exchange.answered) {
    on_message_(wire::ErrorResponse{
        request.id, rpc_error(error_code::internal_error, "no answer to " + request.method)});
  }
}

void HttpPeer::listen() {
  {
    const std::lock_guard lock(mutex_);
    stream_pending_ = true;
  }
  listener_ = std::thread([this] { read_own_stream(); });
}

void HttpPeer::read_own_stream() {
  Exchange none(*this, RequestId());
  while (take_up(none) && wait(none.events.retry().value_or(1s))) {
  }
  settle_stream();
}

void HttpPeer::settle_stream() {
  const std::lock_guard lock(mutex_);
  stream_pending_ = false;
  changed_.notify_all();
}

bool HttpPeer::take_up(Exchange& exchange) {
  httplib::Headers all{{"Accept", "text/event-stream"}};
  for (const auto& [name, value] : headers()) all.emplace(name, value);
  if (!exchange.events.last_id().empty()) {
    all.emplace("Last-Event-ID", exchange.events.last_id());
  }
  httplib::Client client(origin_);
  client.set_read_timeout(patience_of_a_stream);
  const Active active(mutex_, active_, client);
  {
    const std::lock_guard lock(mutex_);
    if (over_) return false;
  }
  const auto result = client.Get(
      path_, all,
      [&](const httplib::Response& response) {
        settle_stream();
        return response.status == 200;
      },
      [&](const char* data, std::size_t size) {
        exchange.events.feed({data, size});
        return !exchange.answered;
      });
  return result && result->status == 200;
}

}  // namespace mcp_mqtt::test
