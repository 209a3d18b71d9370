#include <utility>

#include "face/blocking_call.hpp"
#include "face/calls.hpp"
#include "face/connected_client_impl.hpp"
#include "schema/schema_validator.hpp"

namespace mcp_mqtt {
namespace {

using Impl = ConnectedClient::Impl;
using std::chrono::microseconds;

Error no_client() { return {ErrorKind::not_connected, 0, "this handle has no client", nullptr}; }

const Impl& require(const std::shared_ptr<Impl>& impl) {
  if (!impl) throw McpError(no_client());
  return *impl;
}

/// A request, ready to be sent: its params were made for the session's revision.
template <class T>
struct Ask {
  const char* method;
  Result<Json> params;
  std::function<Result<T>(const Json&)> read;
};

template <class T>
PendingCall begin(const Impl& impl, Ask<T> ask, const CallOptions& options, std::uint64_t origin,
                  std::function<void(Result<T>)> done) {
  if (!ask.params) {
    done(std::move(ask.params).error());
    return {};
  }
  return face::start<T>(
      impl, ask.method, *std::move(ask.params), options,
      [read = std::move(ask.read)](const Json& answer) { return read(answer); }, std::move(done),
      origin);
}

template <class T>
T ask_and_wait(const Impl& impl, Ask<T> ask, const CallOptions& options, std::uint64_t origin) {
  return face::call_and_wait<T>(
      *impl.gate(), options, [&](const CallOptions& adapted, std::function<void(Result<T>)> done) {
        return begin<T>(impl, std::move(ask), adapted, origin, std::move(done));
      });
}

template <class T>
PendingCall ask_later(const std::shared_ptr<Impl>& impl, Ask<T> ask, const CallOptions& options,
                      std::uint64_t origin, std::function<void(Result<T>)> done) {
  const auto& gate = impl->gate();
  return begin<T>(*impl, std::move(ask), face::progress_on_worker(gate, options), origin,
                  face::on_worker(gate, std::move(done)));
}

Revision revision_of(const Impl& impl) { return impl.info().revision; }

Ask<std::vector<Root>> roots_ask() { return {"roots/list", Json::object(), roots_from_json}; }

Ask<CreateMessageResult> message_ask(const Impl& impl, const CreateMessageRequest& request) {
  return {"sampling/createMessage", to_json(request, revision_of(impl)),
          create_message_result_from_json};
}

/// A form is the user's, by way of the client: it may hold anything.
Result<ElicitResult> read_form(const Json& answer, const Json& schema) {
  auto result = elicit_result_from_json(answer);
  if (!result || !result->accepted() || !schema.is_object()) return result;
  const auto validator = schema::SchemaValidator::compile(schema);
  if (!validator) return result;  // the program's own schema: the client had to make do with it too
  const Json content = result->content.is_null() ? Json::object() : result->content;
  if (auto problems = (*validator)->problems_of(content, "field", "form"); !problems.empty()) {
    return Error{ErrorKind::protocol_violation, 0,
                 "the form that the client sent does not fit: " + problems, nullptr};
  }
  return result;
}

Ask<ElicitResult> elicit_ask(const Impl& impl, const ElicitRequest& request) {
  return {"elicitation/create", to_json(request, revision_of(impl)),
          [schema = request.requested_schema](const Json& answer) {
            return read_form(answer, schema);
          }};
}

Ask<Json> raw_ask(const char* method, Json params) {
  return {method, std::move(params), [](const Json& answer) -> Result<Json> { return answer; }};
}

Result<Task> created_task(const Json& answer) {
  const auto task = answer.is_object() ? answer.find("task") : answer.end();
  if (task == answer.end()) {
    return Error{ErrorKind::protocol_violation, 0, "an answer without the 'task' that was created",
                 nullptr};
  }
  return task_from_json(*task);
}

Ask<Task> task_ask(const char* method, Result<Json> params,
                   std::optional<std::chrono::milliseconds> ttl) {
  if (params) {
    (*params)["task"] = Json::object();
    if (ttl) (*params)["task"]["ttl"] = ttl->count();
  }
  return {method, std::move(params), created_task};
}

Json task_params(std::string_view task_id) { return {{"taskId", task_id}}; }

microseconds elapsed_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begin);
}

}  // namespace

const ClientInfo& ConnectedClient::info() const { return require(impl_).info(); }
bool ConnectedClient::is_connected() const { return impl_ && !impl_->close_reason(); }

std::vector<Root> ConnectedClient::list_roots(const CallOptions& options) const {
  return ask_and_wait(require(impl_), roots_ask(), options, origin_);
}
PendingCall ConnectedClient::async_list_roots(
    const CallOptions& options, std::function<void(Result<std::vector<Root>>)> done) const {
  if (!impl_) return done(no_client()), PendingCall();
  return ask_later(impl_, roots_ask(), options, origin_, std::move(done));
}

CreateMessageResult ConnectedClient::create_message(const CreateMessageRequest& request,
                                                    const CallOptions& options) const {
  const Impl& impl = require(impl_);
  return ask_and_wait(impl, message_ask(impl, request), options, origin_);
}
PendingCall ConnectedClient::async_create_message(
    const CreateMessageRequest& request, const CallOptions& options,
    std::function<void(Result<CreateMessageResult>)> done) const {
  if (!impl_) return done(no_client()), PendingCall();
  return ask_later(impl_, message_ask(*impl_, request), options, origin_, std::move(done));
}

ElicitResult ConnectedClient::elicit(const ElicitRequest& request,
                                     const CallOptions& options) const {
  const Impl& impl = require(impl_);
  return ask_and_wait(impl, elicit_ask(impl, request), options, origin_);
}
PendingCall ConnectedClient::async_elicit(const ElicitRequest& request, const CallOptions& options,
                                          std::function<void(Result<ElicitResult>)> done) const {
  if (!impl_) return done(no_client()), PendingCall();
  return ask_later(impl_, elicit_ask(*impl_, request), options, origin_, std::move(done));
}

microseconds ConnectedClient::ping(const CallOptions& options) const {
  const auto begin = std::chrono::steady_clock::now();
  ask_and_wait(require(impl_), raw_ask("ping", Json::object()), options, origin_);
  return elapsed_since(begin);
}
PendingCall ConnectedClient::async_ping(const CallOptions& options,
                                        std::function<void(Result<microseconds>)> done) const {
  return async_request("ping", Json::object(), options,
                       [begin = std::chrono::steady_clock::now(),
                        done = std::move(done)](const Result<Json>& answer) {
                         if (answer) {
                           done(elapsed_since(begin));
                         } else {
                           done(answer.error());
                         }
                       });
}

Task ConnectedClient::create_message_as_task(const CreateMessageRequest& request,
                                             std::optional<std::chrono::milliseconds> ttl,
                                             const CallOptions& options) const {
  const auto& impl = require(impl_);
  return ask_and_wait(impl,
                      task_ask("sampling/createMessage", to_json(request, revision_of(impl)), ttl),
                      options, origin_);
}

Task ConnectedClient::elicit_as_task(const ElicitRequest& request,
                                     std::optional<std::chrono::milliseconds> ttl,
                                     const CallOptions& options) const {
  const auto& impl = require(impl_);
  return ask_and_wait(impl,
                      task_ask("elicitation/create", to_json(request, revision_of(impl)), ttl),
                      options, origin_);
}

Task ConnectedClient::get_task(std::string_view task_id, const CallOptions& options) const {
  return ask_and_wait(require(impl_), Ask<Task>{"tasks/get", task_params(task_id), task_from_json},
                      options, origin_);
}

Task ConnectedClient::cancel_task(std::string_view task_id, const CallOptions& options) const {
  return ask_and_wait(require(impl_),
                      Ask<Task>{"tasks/cancel", task_params(task_id), task_from_json}, options,
                      origin_);
}

std::vector<Task> ConnectedClient::list_tasks(const CallOptions& options) const {
  constexpr int max_pages = 1'000;
  std::vector<Task> tasks;
  Json params = Json::object();
  for (int page = 0; page < max_pages; ++page) {
    const Json answer =
        ask_and_wait(require(impl_), raw_ask("tasks/list", params), options, origin_);
    const auto items = answer.is_object() ? answer.find("tasks") : answer.end();
    if (items == answer.end() || !items->is_array()) break;
    for (const Json& item : *items) tasks.push_back(task_from_json(item).value());
    const auto cursor = answer.find("nextCursor");
    if (cursor == answer.end() || cursor->is_null()) return tasks;
    if (params.value("cursor", Json()) == *cursor) break;
    params["cursor"] = *cursor;
  }
  throw McpError({ErrorKind::protocol_violation, 0,
                  "tasks/list: no array 'tasks', or cursors that never end", nullptr});
}

Json ConnectedClient::task_result(std::string_view task_id, const CallOptions& options) const {
  return ask_and_wait(require(impl_), raw_ask("tasks/result", task_params(task_id)), options,
                      origin_);
}

Json ConnectedClient::request(std::string_view method, Json params,
                              const CallOptions& options) const {
  const std::string name(method);
  return ask_and_wait(require(impl_), raw_ask(name.c_str(), std::move(params)), options, origin_);
}
PendingCall ConnectedClient::async_request(std::string_view method, Json params,
                                           const CallOptions& options,
                                           std::function<void(Result<Json>)> done) const {
  if (!impl_) return done(no_client()), PendingCall();
  const std::string name(method);
  return ask_later(impl_, raw_ask(name.c_str(), std::move(params)), options, origin_,
                   std::move(done));
}

void ConnectedClient::log(LoggingLevel level, Json data, std::string logger) const {
  if (!impl_) return;
  impl_->server_gate().pass([&](runtime::ServerRuntime& runtime) {
    runtime.log(impl_->number(), {level, std::move(logger), std::move(data)}, origin_);
  });
}

void ConnectedClient::notify(std::string_view method, Json params) const {
  if (!impl_) return;
  impl_->server_gate().pass([&](runtime::ServerRuntime& runtime) {
    runtime.notify(impl_->number(), std::string(method), std::move(params), origin_);
  });
}

void ConnectedClient::notify_elicitation_complete(std::string_view elicitation_id) const {
  if (!impl_ || revision_of(*impl_) < Revision::v2025_11_25) return;
  impl_->server_gate().pass([&](runtime::ServerRuntime& runtime) {
    runtime.notify(impl_->number(), "notifications/elicitation/complete",
                   {{"elicitationId", elicitation_id}}, origin_);
  });
}

void ConnectedClient::disconnect() const {
  if (!impl_) return;
  impl_->mark_closed({ErrorKind::stopped, 0, "the server ended the session", nullptr});
  impl_->server_gate().pass(
      [&](runtime::ServerRuntime& runtime) { runtime.disconnect(impl_->number()); });
}

}  // namespace mcp_mqtt
