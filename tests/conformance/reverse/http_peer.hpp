#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <mcp_mqtt/wire/json_rpc.hpp>

namespace httplib {
class Client;
}

namespace mcp_mqtt::test {

/// An MCP server behind Streamable HTTP, as its client sees it: a POST for each message, answers as
/// JSON or as a stream of events, and a stream that ended before the answer came is taken up again
/// by GET, with Last-Event-ID and after the time that the server asked for.
class HttpPeer {
 public:
  using OnMessage = std::function<void(wire::RpcMessage)>;

  /// `on_message` is called on threads of this object, also several at a time.
  HttpPeer(std::string url, OnMessage on_message);
  HttpPeer(const HttpPeer&) = delete;
  HttpPeer& operator=(const HttpPeer&) = delete;
  /// Ends what is under way.
  ~HttpPeer();

  /// Does not wait. What is sent after a notification or an answer goes out after it was taken; a
  /// request that cannot be sent gets an error as its answer.
  void send(wire::RpcMessage message);
  /// Reads what belongs to no request of ours, where the server offers a stream for it. Once.
  void listen();

 private:
  struct Exchange;

  void send_queued();
  void post(const wire::RpcMessage& message);
  void ask(const wire::Request& request);
  void read_own_stream();
  /// One GET. False: there is no such stream, or this object ends.
  bool take_up(Exchange& exchange);
  void settle_stream();
  void on_payload(Exchange& exchange, const std::string& payload);
  std::vector<std::pair<std::string, std::string>> headers() const;
  bool wait(std::chrono::milliseconds time);

  std::string origin_;
  std::string path_;
  OnMessage on_message_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<wire::RpcMessage> queue_;
  std::string session_id_;
  std::string revision_;
  std::vector<httplib::Client*> active_;
  /// The server may say at once on its own stream what belongs to the next request.
  bool stream_pending_ = false;
  bool over_ = false;
  std::vector<std::thread> requests_;
  std::thread sender_;
  std::thread listener_;
};

}  // namespace mcp_mqtt::test
