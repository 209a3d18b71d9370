#include <utility>

#include <mcp_mqtt/session.hpp>

#include "face/blocking_call.hpp"
#include "face/calls.hpp"
#include "face/session_impl.hpp"
#include "face/tool_pages.hpp"
#include "runtime/progress_queue.hpp"

namespace mcp_mqtt {
namespace face {

void refuse_to_block(runtime::ClientRuntime& runtime) {
  if (runtime.loop().on_loop()) {
    throw McpError({ErrorKind::invalid_argument, 0,
                    "a blocking call on the library's own thread would wait for itself", nullptr});
  }
}

namespace {

/// The options with their progress on its way from the loop to the workers, bounded as everywhere.
CallOptions progress_on_worker(std::shared_ptr<const RuntimeGate> gate, CallOptions options) {
  if (!options.on_progress) return options;
  auto queue = std::make_shared<runtime::ProgressQueue>();
  options.on_progress = [gate = std::move(gate), callback = std::move(options.on_progress),
                         queue](const Progress& progress) {
    if (!queue->push(progress)) return;
    call_back(*gate, [callback, queue] {
      for (const Progress& one : queue->take()) callback(one);
    });
  };
  return options;
}

engine::RequestTiming timing_of(const CallOptions& options,
                                std::chrono::milliseconds default_timeout) {
  engine::RequestTiming timing;
  timing.timeout = options.timeout.value_or(default_timeout);
  timing.reset_on_progress = options.reset_timeout_on_progress;
  if (options.total_timeout) timing.total_timeout = *options.total_timeout;
  return timing;
}

}  // namespace
}  // namespace face

void ClientSession::Impl::request(std::string method, Json params, const CallOptions& options,
                                  const std::shared_ptr<face::CallControl>& control,
                                  std::function<void(Result<Json>)> done) const {
  if (auto over = reason()) {
    done(*std::move(over));
    return;
  }
  runtime::ClientRuntime::RequestSetup setup;
  setup.session = number();
  setup.timing = face::timing_of(options, timeouts_.of(method));
  setup.method = std::move(method);
  setup.params = std::move(params);
  setup.on_progress = options.on_progress;
  const bool there = gate_->pass([&](runtime::ClientRuntime& runtime) {
    control->sent(runtime.request(std::move(setup), done));
  });
  if (!there) done(face::client_gone_error());
}

namespace {

using Done = std::function<void(Result<Json>)>;
using Impl = ClientSession::Impl;

Error no_session() { return {ErrorKind::not_connected, 0, "this handle has no session", nullptr}; }

const Impl& require(const std::shared_ptr<Impl>& impl) {
  if (!impl) throw McpError(no_session());
  return *impl;
}

PendingCall pending(const std::shared_ptr<face::CallControl>& control) {
  return PendingCall([weak = std::weak_ptr(control)](std::string reason) {
    if (const auto alive = weak.lock()) alive->cancel(std::move(reason));
  });
}

/// One request with its own control; `read` makes the value of the answer.
template <class T, class Read>
PendingCall start(const std::shared_ptr<Impl>& impl, std::string method, Json params,
                  const CallOptions& options, Read read, std::function<void(Result<T>)> done) {
  auto control = std::make_shared<face::CallControl>(impl->shared_gate());
  control->watch(options.stop);
  impl->request(std::move(method), std::move(params), options, control,
                [control, read = std::move(read), done = std::move(done)](Result<Json> answer) {
                  control->finish();
                  if (answer) {
                    done(read(*std::move(answer)));
                  } else {
                    done(std::move(answer).error());
                  }
                });
  return pending(control);
}

Json call_params(std::string_view name, Json arguments) {
  if (arguments.is_null()) arguments = Json::object();
  return {{"name", name}, {"arguments", std::move(arguments)}};
}

PendingCall start_call(const std::shared_ptr<Impl>& impl, std::string_view name, Json arguments,
                       const CallOptions& options,
                       std::function<void(Result<CallToolResult>)> done) {
  return start<CallToolResult>(
      impl, "tools/call", call_params(name, std::move(arguments)), options,
      [](Json answer) { return call_tool_result_from_json(answer); }, std::move(done));
}

PendingCall start_ping(const std::shared_ptr<Impl>& impl, const CallOptions& options,
                       std::function<void(Result<std::chrono::microseconds>)> done) {
  using std::chrono::microseconds;
  return start<microseconds>(
      impl, "ping", Json::object(), options,
      [begin = std::chrono::steady_clock::now()](const Json&) -> Result<microseconds> {
        return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begin);
      },
      std::move(done));
}

PendingCall start_request(const std::shared_ptr<Impl>& impl, std::string_view method, Json params,
                          const CallOptions& options, Done done) {
  return start<Json>(
      impl, std::string(method), std::move(params), options,
      [](Json answer) -> Result<Json> { return answer; }, std::move(done));
}

PendingCall start_list_tools(const std::shared_ptr<Impl>& impl, const CallOptions& options,
                             std::function<void(Result<std::vector<Tool>>)> done) {
  auto control = std::make_shared<face::CallControl>(impl->shared_gate());
  control->watch(options.stop);
  face::ToolPages::walk(impl, options, control, std::move(done));
  return pending(control);
}

}  // namespace

bool ClientSession::is_open() const { return impl_ && !impl_->reason(); }

std::optional<Error> ClientSession::close_reason() const {
  return impl_ ? impl_->reason() : no_session();
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
      *impl_->shared_gate(), options, [&](const CallOptions& adapted, auto done) {
        return start_list_tools(impl_, adapted, std::move(done));
      });
}

CallToolResult ClientSession::call_tool(std::string_view name, Json arguments,
                                        const CallOptions& options) const {
  require(impl_);
  return face::call_and_wait<CallToolResult>(
      *impl_->shared_gate(), options, [&](const CallOptions& adapted, auto done) {
        return start_call(impl_, name, std::move(arguments), adapted, std::move(done));
      });
}

std::chrono::microseconds ClientSession::ping(const CallOptions& options) const {
  require(impl_);
  return face::call_and_wait<std::chrono::microseconds>(
      *impl_->shared_gate(), options, [&](const CallOptions& adapted, auto done) {
        return start_ping(impl_, adapted, std::move(done));
      });
}

Json ClientSession::request(std::string_view method, Json params,
                            const CallOptions& options) const {
  require(impl_);
  return face::call_and_wait<Json>(
      *impl_->shared_gate(), options, [&](const CallOptions& adapted, auto done) {
        return start_request(impl_, method, std::move(params), adapted, std::move(done));
      });
}

PendingCall ClientSession::async_list_tools(
    const CallOptions& options, std::function<void(Result<std::vector<Tool>>)> done) const {
  if (!impl_) return done(no_session()), PendingCall();
  const auto& gate = impl_->shared_gate();
  return start_list_tools(impl_, face::progress_on_worker(gate, options),
                          face::on_worker(gate, std::move(done)));
}

PendingCall ClientSession::async_call_tool(std::string_view name, Json arguments,
                                           const CallOptions& options,
                                           std::function<void(Result<CallToolResult>)> done) const {
  if (!impl_) return done(no_session()), PendingCall();
  const auto& gate = impl_->shared_gate();
  return start_call(impl_, name, std::move(arguments), face::progress_on_worker(gate, options),
                    face::on_worker(gate, std::move(done)));
}

PendingCall ClientSession::async_ping(
    const CallOptions& options, std::function<void(Result<std::chrono::microseconds>)> done) const {
  if (!impl_) return done(no_session()), PendingCall();
  const auto& gate = impl_->shared_gate();
  return start_ping(impl_, face::progress_on_worker(gate, options),
                    face::on_worker(gate, std::move(done)));
}

PendingCall ClientSession::async_request(std::string_view method, Json params,
                                         const CallOptions& options, Done done) const {
  if (!impl_) return done(no_session()), PendingCall();
  const auto& gate = impl_->shared_gate();
  return start_request(impl_, method, std::move(params), face::progress_on_worker(gate, options),
                       face::on_worker(gate, std::move(done)));
}

void ClientSession::close() const {
  if (!impl_) return;
  impl_->mark_closed({ErrorKind::stopped, 0, "the session was closed", nullptr});
  impl_->shared_gate()->pass(
      [&](runtime::ClientRuntime& runtime) { runtime.close(impl_->number()); });
}

}  // namespace mcp_mqtt
