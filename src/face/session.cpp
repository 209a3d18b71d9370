#include <utility>

#include <mcp_mqtt/session.hpp>

#include "face/session_calls.hpp"

// A session itself, its tools, and any request.
namespace mcp_mqtt {
namespace {

using face::require;
using Impl = ClientSession::Impl;
using std::chrono::microseconds;

auto list_tools_call(const std::shared_ptr<Impl>& impl) {
  return face::whole_list<Tool>(impl, {"tools/list", {"tools"}},
                                [](const Json& item) { return tool_from_json(item); });
}

auto call_tool_call(const std::shared_ptr<Impl>& impl, std::string_view name, Json arguments) {
  if (arguments.is_null()) arguments = Json::object();
  return face::one_request<CallToolResult>(
      impl, "tools/call", Json{{"name", name}, {"arguments", std::move(arguments)}},
      [](Json answer) { return call_tool_result_from_json(std::move(answer)); });
}

auto ping_call(const std::shared_ptr<Impl>& impl) {
  return face::one_request<microseconds>(
      impl, "ping", Json::object(),
      [begin = std::chrono::steady_clock::now()](const Json&) -> Result<microseconds> {
        return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begin);
      });
}

auto any_call(const std::shared_ptr<Impl>& impl, std::string_view method, Json params) {
  return face::one_request<Json>(impl, std::string(method), std::move(params),
                                 [](Json answer) -> Result<Json> { return answer; });
}

}  // namespace

SessionState ClientSession::state() const { return impl_ ? impl_->state() : SessionState::closed; }

std::optional<Error> ClientSession::close_reason() const {
  return impl_ ? impl_->close_reason() : face::no_session();
}

ServerInstance ClientSession::instance() const { return require(impl_).info()->instance; }
Implementation ClientSession::server_info() const {
  return require(impl_).info()->initialized.server_info;
}
ServerCapabilities ClientSession::capabilities() const {
  return require(impl_).info()->initialized.capabilities;
}
std::string ClientSession::instructions() const {
  return require(impl_).info()->initialized.instructions;
}
Revision ClientSession::revision() const { return require(impl_).revision(); }
std::string ClientSession::client_id() const { return require(impl_).info()->client_id; }

std::vector<Tool> ClientSession::list_tools(const CallOptions& options) const {
  return face::blocking<std::vector<Tool>>(impl_, options, list_tools_call(impl_));
}
PendingCall ClientSession::async_list_tools(
    const CallOptions& options, std::function<void(Result<std::vector<Tool>>)> done) const {
  return face::async(impl_, options, std::move(done), list_tools_call(impl_));
}

CallToolResult ClientSession::call_tool(std::string_view name, Json arguments,
                                        const CallOptions& options) const {
  return face::blocking<CallToolResult>(impl_, options,
                                        call_tool_call(impl_, name, std::move(arguments)));
}
PendingCall ClientSession::async_call_tool(std::string_view name, Json arguments,
                                           const CallOptions& options,
                                           std::function<void(Result<CallToolResult>)> done) const {
  return face::async(impl_, options, std::move(done),
                     call_tool_call(impl_, name, std::move(arguments)));
}

std::chrono::microseconds ClientSession::ping(const CallOptions& options) const {
  return face::blocking<microseconds>(impl_, options, ping_call(impl_));
}
PendingCall ClientSession::async_ping(
    const CallOptions& options, std::function<void(Result<std::chrono::microseconds>)> done) const {
  return face::async(impl_, options, std::move(done), ping_call(impl_));
}

Json ClientSession::request(std::string_view method, Json params,
                            const CallOptions& options) const {
  return face::blocking<Json>(impl_, options, any_call(impl_, method, std::move(params)));
}
PendingCall ClientSession::async_request(std::string_view method, Json params,
                                         const CallOptions& options,
                                         std::function<void(Result<Json>)> done) const {
  return face::async(impl_, options, std::move(done), any_call(impl_, method, std::move(params)));
}

void ClientSession::notify(std::string_view method, Json params) const {
  if (!impl_) return;
  impl_->client_gate()->pass([&](runtime::ClientRuntime& runtime) {
    runtime.notify(impl_->number(), std::string(method), std::move(params));
  });
}

void ClientSession::close() const {
  if (!impl_) return;
  impl_->mark_closed({ErrorKind::stopped, 0, "the session was closed", nullptr});
  impl_->client_gate()->pass(
      [&](runtime::ClientRuntime& runtime) { runtime.close(impl_->number()); });
}

}  // namespace mcp_mqtt
