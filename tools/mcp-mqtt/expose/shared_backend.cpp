#include <utility>

#include "mcp-mqtt/expose/backends.hpp"
#include "mcp-mqtt/expose/shared_child.hpp"

// One child for all sessions.
namespace mcp_mqtt::command_line {
namespace {

class SessionOfShared final : public BackendSession {
 public:
  SessionOfShared(std::shared_ptr<SharedChild> child, PeerRequest initialize)
      : child_(std::move(child)), id_(child_->begin(std::move(initialize))) {}
  ~SessionOfShared() override { child_->gone(id_); }

  void connected(const ConnectedClient& client) override { child_->connected(id_, client); }
  void on_request(PeerRequest request) override { child_->on_request(id_, request); }
  void on_notification(const std::string& method, const Json& params) override {
    child_->on_notification(id_, method, params);
  }

 private:
  std::shared_ptr<SharedChild> child_;
  SharedChild::SessionId id_;
};

class SharedBackend final : public ServerBackend {
 public:
  explicit SharedBackend(std::shared_ptr<SharedChild> child) : child_(std::move(child)) {}

  std::unique_ptr<BackendSession> begin(const ClientInfo& /*client*/,
                                        PeerRequest request) override {
    return std::make_unique<SessionOfShared>(child_, std::move(request));
  }

 private:
  std::shared_ptr<SharedChild> child_;
};

}  // namespace

std::shared_ptr<ServerBackend> start_shared_backend(ChildSetup setup, Children& children,
                                                    SharedEvents events) {
  auto child = std::make_shared<SharedChild>(std::move(setup), children, std::move(events));
  child->start(std::chrono::milliseconds(0));
  return std::make_shared<SharedBackend>(std::move(child));
}

}  // namespace mcp_mqtt::command_line
