#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>

#include "support/child_process.hpp"

namespace mcp_mqtt::test {

/// An MCP host that speaks to `mcp-mqtt bridge` over pipes. The functions that wait fail the test
/// at their deadline, and give null then.
class BridgedHost {
 public:
  using Wanted = std::function<bool(const Json& message)>;

  /// `arguments`: behind `mcp-mqtt bridge`. `environment`: which broker.
  BridgedHost(std::vector<std::string> arguments, const std::vector<std::string>& environment);

  ChildProcess& process() { return *process_; }

  void write(const std::string& line) { process_->write(line + '\n'); }
  void send(const Json& message) { write(message.dump()); }
  void notify(const std::string& method, Json params = Json::object());
  /// Sends a request; its id.
  int ask(const std::string& method, Json params = Json::object());
  /// The whole answer to a request.
  Json answer_to(int id) const;
  /// ask(), and the `result` of the answer.
  Json result_of(const std::string& method, Json params = Json::object());
  /// And the `error`.
  Json error_of(const std::string& method, Json params = Json::object());
  /// `initialize` and `notifications/initialized`; the result.
  Json initialize(const std::string& revision = "2025-11-25", Json capabilities = Json::object());

  /// Every message so far; a line that is no JSON fails the test.
  std::vector<Json> messages() const;
  /// The first message that is wanted, of those after the first `skip`.
  Json wait_for(const Wanted& wanted, std::size_t skip = 0) const;
  /// The first one with this method.
  Json wait_for(const std::string& method, std::size_t skip = 0) const;
  /// Answers a request of a server.
  void reply(const Json& request, const Json& result);

  /// Closes standard input; the exit code.
  int leave();
  /// The exit code of one that ends by itself.
  int end() const;

 private:
  std::unique_ptr<ChildProcess> process_;
  int last_id_ = 0;
};

}  // namespace mcp_mqtt::test
