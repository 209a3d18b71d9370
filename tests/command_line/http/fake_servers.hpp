#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mcp-mqtt/http/http_endpoint.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::test {

/// What a test does when a message of the host comes: on the thread that handles the POST.
using OnHostMessage =
    std::function<void(command_line::HostLink& link, const wire::RpcMessage& message)>;

/// Servers that a test plays itself. `initialize` is answered with the revision that was asked for,
/// unless the test does it; other messages go to the test alone.
class FakeServers : public command_line::ServerDirectory {
 public:
  explicit FakeServers(std::vector<std::string> names) : names_(std::move(names)) {}

  void on_message(OnHostMessage callback) { on_message_ = std::move(callback); }
  /// What `find` and `open` fail with.
  void fail_to_find(Error error) { find_error_ = std::move(error); }
  void fail_to_open(Error error) { open_error_ = std::move(error); }
  /// The methods that came, "ended" when a session was destroyed, "answer" for a response.
  const EventLog<std::string>& events() const { return events_; }
  /// The link of the newest session.
  std::shared_ptr<command_line::HostLink> link() const {
    const std::lock_guard lock(mutex_);
    return link_.lock();
  }

  Result<std::string> server_at(const std::string& name) override {
    if (name.empty() && names_.size() == 1) return names_.front();
    if (std::find(names_.begin(), names_.end(), name) != names_.end()) return name;
    return Error{ErrorKind::server_gone, 0, "no such server", nullptr};
  }
  Result<void> find(const std::string& /*server*/) override {
    if (find_error_) return *find_error_;
    return {};
  }
  std::unique_ptr<command_line::HostSession> open(
      const std::string& /*server*/, std::shared_ptr<command_line::HostLink> link) override {
    if (open_error_) throw McpError(*open_error_);
    {
      const std::lock_guard lock(mutex_);
      link_ = link;
    }
    return std::make_unique<Host>(*this, std::move(link));
  }

 private:
  class Host : public command_line::HostSession {
   public:
    Host(FakeServers& servers, std::shared_ptr<command_line::HostLink> link)
        : servers_(servers), link_(std::move(link)) {}
    ~Host() override { servers_.events_.push("ended"); }
    void on_message(wire::RpcMessage message) override {
      std::string what = "answer";
      if (const auto* request = std::get_if<wire::Request>(&message)) what = request->method;
      if (const auto* told = std::get_if<wire::Notification>(&message)) what = told->method;
      if (servers_.on_message_) servers_.on_message_(*link_, message);
      if (what == "initialize") answer(std::get<wire::Request>(message));
      servers_.events_.push(what);
    }

   private:
    void answer(const wire::Request& request) {
      link_->send(
          wire::Response{request.id,
                         {{"protocolVersion", request.params.value("protocolVersion", "")}}},
          std::nullopt);
    }

    FakeServers& servers_;
    std::shared_ptr<command_line::HostLink> link_;
  };

  std::vector<std::string> names_;
  OnHostMessage on_message_;
  std::optional<Error> find_error_;
  std::optional<Error> open_error_;
  EventLog<std::string> events_;
  mutable std::mutex mutex_;
  std::weak_ptr<command_line::HostLink> link_;
};

/// JSON-RPC texts.
inline std::string initialize_text(const std::string& revision = "2025-11-25") {
  return R"({"jsonrpc":"2.0","id":"first","method":"initialize","params":{"protocolVersion":")" +
         revision + R"(","capabilities":{},"clientInfo":{"name":"test","version":"1"}}})";
}
inline std::string request_text(int id, const std::string& method) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + method + R"("})";
}
inline std::string cancel_text(int id) {
  return R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" +
         std::to_string(id) + "}}";
}

/// An answer to a request, where the message is one.
inline void answer(command_line::HostLink& link, const wire::RpcMessage& message,
                   Json result = Json::object()) {
  const auto* request = std::get_if<wire::Request>(&message);
  if (request != nullptr) link.send(wire::Response{request->id, std::move(result)}, std::nullopt);
}

}  // namespace mcp_mqtt::test
