#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <mcp_mqtt/server.hpp>

namespace mcp_mqtt {

/// Several instances of one service in one process: each has a connection and a server id of its
/// own, and all offer what is added here, before or after start(). Handlers are shared: the same
/// function runs for every instance, also at the same time.
///
/// All functions may be called from any thread, from handlers and callbacks too, except that a pool
/// is not destroyed in one of its own handlers or callbacks: the destructor waits for handlers that
/// run, but for no peer and no broker.
class McpServerPool : public ServerFeatures {
 public:
  /// `options` are those of each instance, its worker threads and limits included. With a
  /// `server_id` the instances are called `ID-1`, `ID-2` and so on, and no number is used again;
  /// without one each makes its own. Throws McpError (`invalid_argument`) for what cannot be used.
  explicit McpServerPool(ServerOptions options, std::size_t size = 2);
  McpServerPool(const McpServerPool&) = delete;
  McpServerPool& operator=(const McpServerPool&) = delete;
  ~McpServerPool() override;

  // As McpServer has them, for every instance. Callbacks of one instance come one at a time and in
  // order, those of different instances side by side. Set them before start().
  void on_client_connected(std::function<void(const ConnectedClient&)> callback);
  void on_client_gone(std::function<void(const ClientInfo&, const Error& reason)> callback);
  void on_roots_changed(std::function<void(const ConnectedClient&)> callback);
  void on_task_status(std::function<void(const ConnectedClient&, const Task&)> callback);
  void on_subscription(
      std::function<void(const ClientInfo&, const std::string& uri, bool subscribed)> callback);
  void on_connection(
      std::function<void(const std::string& server_id, ConnectionState state, const Error& error)>
          callback);

  /// Starts all instances; returns when clients can find them. Throws McpError where one cannot
  /// start, and none runs then.
  void start(std::string_view broker_url);
  /// start(), then waits until stop() or drain() is called, SIGINT or SIGTERM arrives, or every
  /// instance has given up, which throws McpError. Takes the two signals over while it runs.
  void run(std::string_view broker_url);
  /// McpServer::stop() for all instances at the same time.
  void stop();
  /// McpServer::drain() for all instances at the same time.
  void drain(std::chrono::milliseconds timeout = std::chrono::seconds(30));
  bool running() const;
  /// McpServer::reconnect_now() for each.
  void reconnect_now();

  /// Adds instances, and returns when clients can find them, or takes the newest away, which are
  /// drained (McpServer::drain()) at the same time. While the pool does not run, only the number
  /// changes. Throws McpError where an instance cannot start; those that could stay. In a handler
  /// or callback of the pool it does not wait for an instance that is drained.
  void resize(std::size_t size, std::chrono::milliseconds drain_timeout = std::chrono::seconds(30));
  /// The instances, without those that are being drained.
  std::size_t size() const;
  /// Their server ids, the oldest first; empty while the pool does not run.
  std::vector<std::string> instances() const;
  /// The clients of all instances whose handshake is done.
  std::vector<ConnectedClient> clients() const;

 private:
  Result<void> change(engine::FeatureList list, const FeatureChange& change) override;
  void tell_resource_updated(const std::string& uri) override;
  void tell_log(const LoggingMessage& message) override;

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mcp_mqtt
