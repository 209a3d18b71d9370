#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include <mcp_mqtt/client.hpp>

#include "engine/host_request.hpp"

namespace mcp_mqtt::face {

/// What the host registered for the requests of servers. Handlers are set before connect(); the
/// roots may change at any time.
class ClientHandlers {
 public:
  using ListRoots = std::function<std::vector<Root>(ClientRequestContext&)>;
  using CreateMessage =
      std::function<CreateMessageResult(const CreateMessageRequest&, ClientRequestContext&)>;
  using Elicit = std::function<ElicitResult(const ElicitRequest&, ClientRequestContext&)>;

  /// Whether they differ from those before.
  bool set_roots(std::vector<Root> roots);
  void on_list_roots(ListRoots handler);
  void on_sampling(CreateMessage handler, const SamplingOptions& options);
  void on_elicitation(Elicit handler, const ElicitationOptions& options);

  /// In place of the others.
  using Request = std::function<void(ClientSession, PeerRequest)>;
  void on_request(Request handler, Json capabilities);
  bool unread() const noexcept { return static_cast<bool>(request_); }
  void hand_over(ClientSession session, PeerRequest request) const {
    request_(std::move(session), std::move(request));
  }

  ClientCapabilities capabilities(bool tasks) const;

  /// Runs the handler; what it throws becomes an error.
  Result<Json> answer(const engine::HostRequest& ask, ClientRequestContext& context) const;

 private:
  Result<Json> ask(const engine::ListRootsRequest& request, ClientRequestContext& context) const;
  Result<Json> ask(const CreateMessageRequest& request, ClientRequestContext& context) const;
  Result<Json> ask(const ElicitRequest& request, ClientRequestContext& context) const;
  static Result<Json> ask(const engine::UnreadRequest& request, ClientRequestContext& context);

  mutable std::mutex mutex_;
  std::vector<Root> roots_;
  bool has_roots_ = false;
  ListRoots list_roots_;
  CreateMessage create_message_;
  SamplingOptions sampling_;
  Elicit elicit_;
  ElicitationOptions elicitation_;
  Request request_;
  Json unread_capabilities_;
};

}  // namespace mcp_mqtt::face
