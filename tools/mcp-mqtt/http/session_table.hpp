#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mcp-mqtt/http/http_session.hpp"

namespace mcp_mqtt::command_line {

/// One MCP session of the endpoint: the host's side and what answers it. Any thread.
class GatewaySession {
 public:
  using Time = std::chrono::steady_clock::time_point;

  GatewaySession(std::string id, std::string server, const HttpSessionLimits& limits, Time now);

  const std::string& id() const noexcept { return id_; }
  const std::string& server() const noexcept { return server_; }
  const std::shared_ptr<HttpSession>& link() const noexcept { return link_; }

  /// What answers it. Once, before anybody else knows the session.
  void set_host(std::unique_ptr<HostSession> host);
  /// Hands over messages of the host, in one go; nothing once it is closed.
  void deliver(std::vector<wire::RpcMessage> messages);
  /// Ends the streams, and gives what answered, to be destroyed where that may take a moment.
  std::shared_ptr<HostSession> close();

  void touch(Time now);
  /// Since when nobody has used it; `now` while somebody reads.
  Time used(Time now) const;

 private:
  const std::string id_;
  const std::string server_;
  const std::shared_ptr<HttpSession> link_;
  std::mutex delivery_;  ///< Keeps the messages in order.
  mutable std::mutex mutex_;
  std::shared_ptr<HostSession> host_;
  Time used_;
};

/// The sessions that there are, by their ids. Any thread, except where it says so.
class SessionTable {
 public:
  using Time = GatewaySession::Time;
  /// Is told why a session is over, but not for those that stop() ends.
  using OnEnd = std::function<void(const GatewaySession& session, const std::string& reason)>;

  SessionTable(std::size_t most, std::chrono::milliseconds idle, const HttpSessionLimits& limits)
      : most_(most), idle_(idle), limits_(limits) {}
  SessionTable(const SessionTable&) = delete;
  SessionTable& operator=(const SessionTable&) = delete;

  void on_end(OnEnd callback) { on_end_ = std::move(callback); }

  /// A session with a new id that nobody can guess; nothing where there are too many.
  std::shared_ptr<GatewaySession> create(const std::string& server, Time now);
  /// Nothing where it is unknown or over.
  std::shared_ptr<GatewaySession> find(const std::string& id);
  void remove(const std::shared_ptr<GatewaySession>& session, const std::string& reason);
  std::size_t size() const;

  /// From time to time, on one thread: ends what is over or was not used for long, takes leave of
  /// servers, and answers what no host heard. May wait for what HostSession's destructor waits for.
  void tend(Time now);
  /// Ends all sessions, and takes no more.
  void stop();

 private:
  const std::size_t most_;
  const std::chrono::milliseconds idle_;
  const HttpSessionLimits limits_;
  OnEnd on_end_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<GatewaySession>> sessions_;
  std::vector<std::shared_ptr<HostSession>> over_;
  bool stopped_ = false;
};

/// 128 bits of the system's best chance, in 32 hexadecimal digits.
std::string make_session_id();

}  // namespace mcp_mqtt::command_line
