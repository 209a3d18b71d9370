#include <algorithm>
#include <array>
#include <utility>

#include "engine/server_session.hpp"
#include "ground/logging.hpp"
#include "wire/topics.hpp"

// What each request of a client does.
namespace mcp_mqtt::engine {
namespace {

bool offers_tools(const ServerCapabilities& offered) { return offered.tools; }
bool offers_resources(const ServerCapabilities& offered) { return offered.resources; }
bool offers_subscribe(const ServerCapabilities& offered) { return offered.resources_subscribe; }
bool offers_prompts(const ServerCapabilities& offered) { return offered.prompts; }
bool offers_completions(const ServerCapabilities& offered) { return offered.completions; }
bool offers_logging(const ServerCapabilities& offered) { return offered.logging; }
bool offers_tasks(const ServerCapabilities& offered) { return offered.tasks_list; }

std::string in_quotes(const std::string& text) { return "'" + log::printable(text, 140) + "'"; }

/// A member that must be a string; nullptr where it is not.
const std::string* string_member(const Json& params, const char* name) {
  const auto found = params.find(name);
  if (found == params.end() || !found->is_string()) return nullptr;
  return &found->get_ref<const std::string&>();
}

Json meta_of(const Json& params) {
  const auto meta = params.find("_meta");
  return meta != params.end() && meta->is_object() ? *meta : Json(nullptr);
}

std::size_t token_bytes(const Json& params) {
  const Json token = progress_token_of(params);
  return token.is_string() ? token.get_ref<const std::string&>().size() : 0;
}

}  // namespace

struct ServerSession::Method {
  std::string_view name;
  Handle handle;
  bool (*offered)(const ServerCapabilities&);
  Revision since = Revision::v2024_11_05;
};

const ServerSession::Method* ServerSession::find_method(std::string_view name) {
  static constexpr std::array methods{
      Method{"tools/list", &ServerSession::list_tools, offers_tools},
      Method{"tools/call", &ServerSession::call_tool, offers_tools},
      Method{"resources/list", &ServerSession::list_resources, offers_resources},
      Method{"resources/templates/list", &ServerSession::list_templates, offers_resources},
      Method{"resources/read", &ServerSession::read_resource, offers_resources},
      Method{"resources/subscribe", &ServerSession::subscribe_resource, offers_subscribe},
      Method{"resources/unsubscribe", &ServerSession::unsubscribe_resource, offers_subscribe},
      Method{"prompts/list", &ServerSession::list_prompts, offers_prompts},
      Method{"prompts/get", &ServerSession::get_prompt, offers_prompts},
      Method{"completion/complete", &ServerSession::complete, offers_completions},
      Method{"logging/setLevel", &ServerSession::set_level, offers_logging},
      Method{"tasks/get", &ServerSession::get_task, offers_tasks, Revision::v2025_11_25},
      Method{"tasks/result", &ServerSession::task_result, offers_tasks, Revision::v2025_11_25},
      Method{"tasks/list", &ServerSession::list_tasks, offers_tasks, Revision::v2025_11_25},
      Method{"tasks/cancel", &ServerSession::cancel_task, offers_tasks, Revision::v2025_11_25},
  };
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [&](const Method& method) { return method.name == name; });
  return found == methods.end() ? nullptr : &*found;
}

void ServerSession::handle_request(wire::Request& request, const Batch& batch, TimePoint now) {
  if (runs_.in_flight(request.id)) {
    refuse(request.id, error_code::invalid_request,
           "a request with id " + to_string(request.id) + " is still being answered", batch);
    return;
  }
  if (shared_.outbox.crowded(client_id_)) {
    refuse(request.id, error_code::server_busy,
           "busy: " + std::to_string(shared_.outbox.waiting(client_id_)) +
               " messages to this client wait already",
           batch);
    return;
  }
  if (const std::size_t token = token_bytes(request.params);
      token > shared_.config.message_limits.max_id_bytes) {
    refuse(request.id, error_code::invalid_params,
           "a progressToken of " + std::to_string(token) + " bytes; at most " +
               std::to_string(shared_.config.message_limits.max_id_bytes) + " are taken",
           batch);
    return;
  }
  if (request.method == "ping") {
    answer(request.id, Json::object(), batch);
    return;
  }
  if (request.method == "tools/list" && !live_ && !shared_.config.has_backend) {
    // A bridge in the field asks so after its own restart.
    list_tools(request, batch, now);
    return;
  }
  if (request.method == "initialize") {
    refuse(request.id, error_code::invalid_request, "initialize belongs on the control topic",
           batch);
    return;
  }
  if (!live_) {
    refuse(request.id, error_code::invalid_request,
           log::printable(request.method, 100) + " before notifications/initialized", batch);
    return;
  }
  if (shared_.config.has_backend) {
    relay_request(request, batch);
    return;
  }
  const Method* method = find_method(request.method);
  if (method == nullptr) {
    refuse(request.id, error_code::method_not_found, "unknown method " + in_quotes(request.method),
           batch);
  } else if (revision() < method->since) {
    refuse(request.id, error_code::method_not_found,
           request.method + " does not exist in revision " + std::string(to_string(revision())),
           batch);
  } else if (!method->offered(declared_) && !method->offered(shared_.features.capabilities())) {
    // What was declared stays: a list of which everything was removed is empty.
    refuse(request.id, error_code::method_not_found, "this server does not offer " + request.method,
           batch);
  } else {
    (this->*method->handle)(request, batch, now);
  }
}

// --- Handlers

bool ServerSession::refuse_busy(const RequestId& id, const Batch& batch) {
  const ServerConfig& config = shared_.config;
  const CallLedger::Share own = shared_.calls.of(client_id_);
  const CallLedger::Share& all = shared_.calls.all();
  const auto beyond = [&](const CallLedger::Share& share, std::size_t limit) {
    return share.calls != 0 && (share.bytes >= limit || request_bytes_ > limit - share.bytes);
  };
  std::string why;
  if (own.calls >= config.max_requests_per_session) {
    why = "this session has " + std::to_string(own.calls) + " requests under way already";
  } else if (all.calls >= config.max_requests) {
    why = "this server has " + std::to_string(all.calls) + " requests under way already";
  } else if (beyond(own, config.max_request_bytes_per_session)) {
    why = "the requests under way of this session have " + std::to_string(own.bytes) + " bytes";
  } else if (beyond(all, config.max_request_bytes)) {
    why = "the requests under way at this server have " + std::to_string(all.bytes) + " bytes";
  } else {
    return false;
  }
  refuse(id, error_code::server_busy, "busy: " + why, batch);
  return true;
}

CallNumber ServerSession::start(const wire::Request& request, const Batch& batch, Start start,
                                const std::string& task_id, CallNumber call) {
  if (call == 0) call = shared_.new_call(client_id_, request_bytes_);
  HandlerRun run;
  if (task_id.empty()) {
    run.request = request.id;
    run.batch = batch;
  }
  run.task_id = task_id;
  run.progress_token = progress_token_of(request.params);
  runs_.add(call, std::move(run));
  RunHandler action;
  action.call = call;
  action.session = number_;
  action.method = request.method;
  action.name = std::move(start.name);
  action.meta = meta_of(request.params);
  action.work = std::move(start.work);
  action.params = std::move(start.params);
  action.run_inline = start.run_inline;
  action.client = *live_;
  shared_.out.emplace_back(std::move(action));
  return call;
}

void ServerSession::cancel_request(const Json& params) {
  const auto call = runs_.cancel_request(params);
  if (!call) return;
  if (tasks_.stop_waiting(*call)) {
    drop_waiter(*call);
  } else {
    shared_.out.emplace_back(CancelRun{*call});
  }
}

/// What the broker lets one answer hold.
PageRoom ServerSession::page_room(const wire::Request& request) const {
  const ServerInstance& self = shared_.config.instance;
  return {shared_.features.page_size,
          bytes_for_result(shared_.max_answer_bytes, request.id,
                           wire::rpc_topic(client_id_, self.server_id, self.server_name),
                           self.server_id)};
}

// --- Tools

void ServerSession::list_tools(wire::Request& request, const Batch& batch, TimePoint) {
  const Features& features = shared_.features;
  answer(request.id, features.tools.list(request.params, page_room(request), revision()), batch);
}

void ServerSession::call_tool(wire::Request& request, const Batch& batch, TimePoint now) {
  const std::string* name = string_member(request.params, "name");
  if (name == nullptr) {
    refuse(request.id, error_code::invalid_params, "tools/call needs a 'name' that is a string",
           batch);
    return;
  }
  auto tool = shared_.features.tools.find(*name);
  if (!tool) {
    refuse(request.id, error_code::invalid_params, "unknown tool " + in_quotes(*name), batch);
    return;
  }
  const auto given = request.params.find("arguments");
  const bool none = given == request.params.end() || given->is_null();
  if (!none && !given->is_object()) {
    refuse(request.id, error_code::invalid_params,
           "the 'arguments' of tools/call must be an object", batch);
    return;
  }
  // Where the client was told of no tasks, a tool that wants to be one is called like any other.
  const bool has_tasks = revision() >= Revision::v2025_11_25 && declared_.tasks_tools_call;
  const TaskSupport support = tool->definition.tool.task_support;
  const bool as_task = has_tasks && request.params.contains("task");
  if (as_task && support == TaskSupport::forbidden) {
    refuse(request.id, error_code::method_not_found,
           "tool " + in_quotes(*name) + " cannot be called as a task", batch);
    return;
  }
  if (has_tasks && !as_task && support == TaskSupport::required) {
    refuse(request.id, error_code::method_not_found,
           "tool " + in_quotes(*name) + " must be called as a task", batch);
    return;
  }
  if (refuse_busy(request.id, batch)) return;
  const bool run_inline = tool->definition.run_inline;
  Json arguments = none ? Json::object() : std::move(*given);
  Start start_tool{*name, tool_work(std::move(tool), std::move(arguments), revision()), run_inline};
  if (as_task) {
    start_task(request, batch, std::move(start_tool), now);
  } else {
    start(request, batch, std::move(start_tool));
  }
}

// --- Resources

void ServerSession::list_resources(wire::Request& request, const Batch& batch, TimePoint) {
  const Features& features = shared_.features;
  answer(request.id, features.resources.list(request.params, page_room(request), revision()),
         batch);
}

void ServerSession::list_templates(wire::Request& request, const Batch& batch, TimePoint) {
  const Features& features = shared_.features;
  answer(request.id,
         features.resources.list_templates(request.params, page_room(request), revision()), batch);
}

void ServerSession::read_resource(wire::Request& request, const Batch& batch, TimePoint) {
  const std::string* uri = string_member(request.params, "uri");
  if (uri == nullptr) {
    refuse(request.id, error_code::invalid_params, "resources/read needs a 'uri' that is a string",
           batch);
    return;
  }
  auto reader = shared_.features.resources.find(*uri);
  if (!reader) {
    answer(request.id, resource_not_found(*uri), batch);
    return;
  }
  if (refuse_busy(request.id, batch)) return;
  start(request, batch,
        {*uri, resource_work(std::move(reader->handler), std::move(reader->request), revision()),
         reader->run_inline});
}

void ServerSession::subscribe_resource(wire::Request& request, const Batch& batch, TimePoint) {
  const std::string* uri = string_member(request.params, "uri");
  if (uri == nullptr) {
    refuse(request.id, error_code::invalid_params,
           "resources/subscribe needs a 'uri' that is a string", batch);
  } else if (!shared_.features.resources.find(*uri)) {
    answer(request.id, resource_not_found(*uri), batch);
  } else if (!subscribed_to(*uri) &&
             subscriptions_.size() >= shared_.config.max_subscriptions_per_session) {
    refuse(request.id, error_code::server_busy,
           "busy: this session has " + std::to_string(subscriptions_.size()) +
               " subscriptions already",
           batch);
  } else if (!subscribed_to(*uri) && subscription_bytes_ + uri->size() >
                                         shared_.config.max_subscription_bytes_per_session) {
    refuse(request.id, error_code::server_busy,
           "busy: the URIs that this session subscribed have " +
               std::to_string(subscription_bytes_) + " bytes already",
           batch);
  } else {
    if (subscriptions_.insert(*uri).second) {
      subscription_bytes_ += uri->size();
      shared_.out.emplace_back(SubscriptionChanged{*live_, *uri, true});
    }
    answer(request.id, Json::object(), batch);
  }
}

void ServerSession::unsubscribe_resource(wire::Request& request, const Batch& batch, TimePoint) {
  const std::string* uri = string_member(request.params, "uri");
  if (uri == nullptr) {
    refuse(request.id, error_code::invalid_params,
           "resources/unsubscribe needs a 'uri' that is a string", batch);
    return;
  }
  if (const auto found = subscriptions_.find(*uri); found != subscriptions_.end()) {
    subscription_bytes_ -= found->size();
    subscriptions_.erase(found);
    notices_.drop(update_key(*uri));
    shared_.out.emplace_back(SubscriptionChanged{*live_, *uri, false});
  }
  answer(request.id, Json::object(), batch);
}

// --- Prompts and completion

void ServerSession::list_prompts(wire::Request& request, const Batch& batch, TimePoint) {
  const Features& features = shared_.features;
  answer(request.id, features.prompts.list(request.params, page_room(request), revision()), batch);
}

void ServerSession::get_prompt(wire::Request& request, const Batch& batch, TimePoint) {
  const std::string* name = string_member(request.params, "name");
  if (name == nullptr) {
    refuse(request.id, error_code::invalid_params, "prompts/get needs a 'name' that is a string",
           batch);
    return;
  }
  auto prompt = shared_.features.prompts.find(*name);
  if (!prompt) {
    refuse(request.id, error_code::invalid_params, "unknown prompt " + in_quotes(*name), batch);
    return;
  }
  auto arguments = read_prompt_arguments(prompt->prompt, request.params);
  if (!arguments) {
    answer(request.id, std::move(arguments), batch);
    return;
  }
  if (refuse_busy(request.id, batch)) return;
  const bool run_inline = prompt->run_inline;
  start(request, batch,
        {*name, prompt_work(std::move(prompt), *std::move(arguments), revision()), run_inline});
}

void ServerSession::complete(wire::Request& request, const Batch& batch, TimePoint) {
  auto asked = complete_request_from_json(request.params);
  if (!asked) {
    answer(request.id, std::move(asked).error(), batch);
    return;
  }
  if (revision() < Revision::v2025_06_18) asked->context.clear();
  const Features& features = shared_.features;
  std::shared_ptr<const PromptDefinition> prompt;
  if (const auto* reference = std::get_if<PromptReference>(&asked->reference)) {
    prompt = features.prompts.find(reference->name);
    if (!prompt) {
      refuse(request.id, error_code::invalid_params, "unknown prompt " + in_quotes(reference->name),
             batch);
      return;
    }
  } else {
    const auto& uri = std::get<ResourceReference>(asked->reference).uri;
    if (!features.resources.has_template(uri) && !features.resources.find(uri)) {
      answer(request.id, resource_not_found(uri), batch);
      return;
    }
  }
  if (auto completer = features.completers.find(*asked)) {
    if (refuse_busy(request.id, batch)) return;
    std::string name = asked->argument;
    start(request, batch,
          {std::move(name), completion_work(std::move(completer), *std::move(asked), revision())});
    return;
  }
  Completion offer;  // nothing to offer is no error
  if (prompt && prompt->choices.contains(asked->argument)) {
    offer = matching(prompt->choices.at(asked->argument), asked->value);
  }
  answer(request.id, to_json(offer), batch);
}

// --- Logging

void ServerSession::set_level(wire::Request& request, const Batch& batch, TimePoint) {
  const std::string* name = string_member(request.params, "level");
  const auto level = name == nullptr ? std::nullopt : parse_logging_level(*name);
  if (!level) {
    refuse(request.id, error_code::invalid_params,
           "logging/setLevel needs a 'level': debug, info, notice, warning, error, critical, "
           "alert or emergency",
           batch);
    return;
  }
  log_level_ = *level;
  answer(request.id, Json::object(), batch);
}

}  // namespace mcp_mqtt::engine
