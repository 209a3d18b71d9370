#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>
#include <mcp_mqtt/mqtt/loopback.hpp>

#include "golden/record.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::golden {

using namespace std::chrono_literals;

enum class Site { loopback, mosquitto };

/// One dialogue: a broker, a server, a client that asks for one revision, and the record of what
/// they publish. Scenarios take one step after the other and wait for each, so that a dialogue is
/// the same in each run.
class Stage {
 public:
  static constexpr const char* server_name = "factory/printer";
  static constexpr const char* server_id = "printer-1";
  static constexpr const char* client_id = "host-1";

  Stage(Site site, Revision revision);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  /// Ends everything, off the record.
  ~Stage();

  Revision revision() const noexcept { return revision_; }
  bool since(Revision first) const noexcept { return revision_ >= first; }

  /// Made at the first call, with the options that `change` leaves.
  McpServer& server(const std::function<void(ServerOptions&)>& change = {});
  McpClient& client(const std::function<void(ClientOptions&)>& change = {});
  /// Starts both and opens a session; the record begins with `initialize`.
  ClientSession open();
  /// Waits until a client's handshake is done, at the server.
  void wait_for_client(const std::string& id);
  /// The client of that session, as the server sees it.
  ConnectedClient peer();
  /// From now on everything counts: wills, presence, goodbyes.
  void record_everything();

  /// A comment in the dialogue: what happens next.
  void say(const std::string& text) { record_->comment(text); }
  /// Makes a call that fails, and names the error in a comment behind what it published.
  template <class F>
  void fails(F&& call) {
    try {
      call();
      ADD_FAILURE() << "an error was expected";
    } catch (const McpError& error) {
      say_error(error.error());
    }
  }
  void say_error(const Error& error);
  /// Waits until somebody published this request or notification, or an answer.
  void wait_for(const std::string& method);
  void wait_for_answer();

  std::string url() const;
  /// A transport to the broker, on the record under this name.
  std::shared_ptr<mqtt::Transport> make_transport(const std::string& who) const;

 private:
  Revision revision_;
  std::shared_ptr<Record> record_ = std::make_shared<Record>();
  bool everything_ = false;
  std::unique_ptr<mqtt::LoopbackBroker> loopback_;
  std::unique_ptr<test::MosquittoBroker> mosquitto_;
  std::unique_ptr<McpServer> server_;
  std::unique_ptr<McpClient> client_;
  test::EventLog<ConnectedClient> connected_;

  friend std::string dialogue(const Stage& stage);
};

/// What happened on a stage.
std::string dialogue(const Stage& stage);

/// A test that waits where the program would: handlers that a scenario holds until it lets go.
class Gate {
 public:
  void open() const { opened_.push(true); }
  /// False where the wait was cancelled.
  bool wait(const std::stop_token& stop) const;

 private:
  test::EventLog<bool> opened_;
};

}  // namespace mcp_mqtt::golden
