#pragma once

#include <memory>
#include <optional>
#include <string>

#include <mcp_mqtt/mqtt/transport.hpp>
#include <mcp_mqtt/protocol/tool.hpp>
#include <mcp_mqtt/schema/tool_definition.hpp>

#include "engine/client_engine.hpp"
#include "engine/server_engine.hpp"

// The engines with what a runtime does for them, on one thread and without a clock: what they ask
// for goes to a transport at once, and handlers run at once.
namespace mcp_mqtt::bench {

/// All that happens, happens now.
inline constexpr engine::TimePoint now{std::chrono::hours(1)};

/// A typed tool that answers with a text of so many bytes.
ToolDefinition volume_tool(std::size_t answer_bytes);

engine::ServerConfig server_config();
engine::ClientConfig client_config();

class ServerNode {
 public:
  ServerNode(std::shared_ptr<mqtt::Transport> transport, std::size_t answer_bytes);

 private:
  void carry_out();
  void publish(engine::Publish& action);
  void run(engine::RunHandler& action);

  engine::ServerEngine engine_;
  std::shared_ptr<mqtt::Transport> transport_;
  bool carrying_out_ = false;
};

class ClientNode {
 public:
  explicit ClientNode(std::shared_ptr<mqtt::Transport> transport);

  void open();
  /// 0 until a session is open.
  engine::SessionNumber session() const noexcept { return session_; }
  void call();
  /// The outcome of the call, once.
  std::optional<Result<Json>> take_outcome() { return std::exchange(outcome_, std::nullopt); }

 private:
  void carry_out();
  void publish(engine::Publish& action);
  void subscribe(engine::Subscribe& action);

  engine::ClientEngine engine_;
  std::shared_ptr<mqtt::Transport> transport_;
  bool carrying_out_ = false;
  engine::SessionNumber session_ = 0;
  engine::CallToken last_call_ = 0;
  std::optional<Result<Json>> outcome_;
};

}  // namespace mcp_mqtt::bench
