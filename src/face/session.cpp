#include <utility>

#include <mcp_mqtt/session.hpp>

#include "face/blocking_call.hpp"
#include "face/calls.hpp"
#include "face/session_impl.hpp"
#include "face/tool_pages.hpp"

namespace mcp_mqtt {
namespace {

using Done = std::function<void(Result<Json>)>;
using Impl = ClientSession::Impl;

Error no_session() { return {ErrorKind::not_connected, 0, "this handle has no session", nullptr}; }

const Impl& require(const std::shared_ptr<Impl>& impl) {
  if (!impl) throw McpError(no_session());
  return *impl;
}

Json call_params(std::string_view name, Json arguments) {
  if (arguments.is_null()) arguments = Json::object();
  return {{"name", name}, {"arguments", std::move(arguments)}};
}

PendingCall start_call(const std::shared_ptr<Impl>& impl, std::string_view name, Json arguments,
                       const CallOptions& options,
                       std::function<void(Result<CallToolResult>)> done) {
  return face::start<CallToolResult>(
      *impl, "tools/call", call_params(name, std::move(arguments)), options,
      [](Json answer) { return call_tool_result_from_json(answer); }, std::move(done));
}

PendingCall start_ping(const std::shared_ptr<Impl>& impl, const CallOptions& options,
                       std::function<void(Result<std::chrono::microseconds>)> done) {
  using std::chrono::microseconds;
  return face::start<microseconds>(
      *impl, "ping", Json::object(), options,
      [begin = std::chrono::steady_clock::now()](const Json&) -> Result<microseconds> {
        return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begin);
      },
      std::move(done));
}

PendingCall start_request(const std::shared_ptr<Impl>& impl, std::string_view method, Json params,
                          const CallOptions& options, Done done) {
  return face::start<Json>(
      *impl, std::string(method), std::move(params), options,
      [](Json answer) -> Result<Json> { return answer; }, std::move(done));
}

PendingCall start_list_tools(const std::shared_ptr<Impl>& impl, const CallOptions& options,
                             std::function<void(Result<std::vector<Tool>>)> done) {
  auto control = std::make_shared<face::CallControl>(impl->gate());
  control->watch(options.stop);
  face::ToolPages::walk(impl, options, control, std::move(done));
  return face::pending(control);
}

}  // namespace

bool ClientSession::is_open() const { return impl_ && !impl_->close_reason(); }

std::optional<Error> ClientSession::close_reason() const {
  return impl_ ? impl_->close_reason() : no_session();
}

const ServerInstance& ClientSession::instance() const { return require(impl_).info().instance; }
const Implementation& ClientSession::server_info() const {
  return require(impl_).info().initialized.server_info;
}
const ServerCapabilities& ClientSession::capabilities() const {
  return require(impl_).info().initialized.capabilities;
}
const std::string& ClientSession::instructions() const {
  return require(impl_).info().initialized.instructions;
}
Revision ClientSession::revision() const { return require(impl_).info().initialized.revision; }
const std::string& ClientSession::client_id() const { return require(impl_).info().client_id; }

std::vector<Tool> ClientSession::list_tools(const CallOptions& options) const {
  require(impl_);
  return face::call_and_wait<std::vector<Tool>>(
      *impl_->gate(), options, [&](const CallOptions& adapted, auto done) {
        return start_list_tools(impl_, adapted, std::move(done));
      });
}

CallToolResult ClientSession::call_tool(std::string_view name, Json arguments,
                                        const CallOptions& options) const {
  require(impl_);
  return face::call_and_wait<CallToolResult>(
      *impl_->gate(), options, [&](const CallOptions& adapted, auto done) {
        return start_call(impl_, name, std::move(arguments), adapted, std::move(done));
      });
}

std::chrono::microseconds ClientSession::ping(const CallOptions& options) const {
  require(impl_);
  return face::call_and_wait<std::chrono::microseconds>(
      *impl_->gate(), options, [&](const CallOptions& adapted, auto done) {
        return start_ping(impl_, adapted, std::move(done));
      });
}

Json ClientSession::request(std::string_view method, Json params,
                            const CallOptions& options) const {
  require(impl_);
  return face::call_and_wait<Json>(
      *impl_->gate(), options, [&](const CallOptions& adapted, auto done) {
        return start_request(impl_, method, std::move(params), adapted, std::move(done));
      });
}

PendingCall ClientSession::async_list_tools(
    const CallOptions& options, std::function<void(Result<std::vector<Tool>>)> done) const {
  if (!impl_) return done(no_session()), PendingCall();
  const auto& gate = impl_->gate();
  return start_list_tools(impl_, face::progress_on_worker(gate, options),
                          face::on_worker(gate, std::move(done)));
}

PendingCall ClientSession::async_call_tool(std::string_view name, Json arguments,
                                           const CallOptions& options,
                                           std::function<void(Result<CallToolResult>)> done) const {
  if (!impl_) return done(no_session()), PendingCall();
  const auto& gate = impl_->gate();
  return start_call(impl_, name, std::move(arguments), face::progress_on_worker(gate, options),
                    face::on_worker(gate, std::move(done)));
}

PendingCall ClientSession::async_ping(
    const CallOptions& options, std::function<void(Result<std::chrono::microseconds>)> done) const {
  if (!impl_) return done(no_session()), PendingCall();
  const auto& gate = impl_->gate();
  return start_ping(impl_, face::progress_on_worker(gate, options),
                    face::on_worker(gate, std::move(done)));
}

PendingCall ClientSession::async_request(std::string_view method, Json params,
                                         const CallOptions& options, Done done) const {
  if (!impl_) return done(no_session()), PendingCall();
  const auto& gate = impl_->gate();
  return start_request(impl_, method, std::move(params), face::progress_on_worker(gate, options),
                       face::on_worker(gate, std::move(done)));
}

void ClientSession::close() const {
  if (!impl_) return;
  impl_->mark_closed({ErrorKind::stopped, 0, "the session was closed", nullptr});
  impl_->client_gate().pass(
      [&](runtime::ClientRuntime& runtime) { runtime.close(impl_->number()); });
}

}  // namespace mcp_mqtt
