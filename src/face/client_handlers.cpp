#include "face/client_handlers.hpp"

#include <exception>
#include <utility>

#include "ground/logging.hpp"
#include "schema/schema_validator.hpp"

namespace mcp_mqtt::face {
namespace {

Error failed(std::string message) {
  return rpc_error(error_code::internal_error, std::move(message));
}

/// What is wrong with a filled-in form; empty where nothing is.
std::string problems_of_form(const ElicitRequest& request, const Json& content) {
  const auto form = schema::SchemaValidator::compile(request.requested_schema);
  if (!form) {
    log::warning("a form cannot be checked: {}", form.error().message);
    return {};
  }
  return (*form)->problems_of(content, "field", "content");
}

}  // namespace

bool ClientHandlers::set_roots(std::vector<Root> roots) {
  const std::lock_guard lock(mutex_);
  has_roots_ = true;
  if (roots == roots_) return false;
  roots_ = std::move(roots);
  return true;
}

void ClientHandlers::on_list_roots(ListRoots handler) { list_roots_ = std::move(handler); }

void ClientHandlers::on_sampling(CreateMessage handler, const SamplingOptions& options) {
  create_message_ = std::move(handler);
  sampling_ = options;
}

void ClientHandlers::on_elicitation(Elicit handler, const ElicitationOptions& options) {
  elicit_ = std::move(handler);
  elicitation_ = options;
}

void ClientHandlers::on_request(Request handler, Json capabilities) {
  request_ = std::move(handler);
  unread_capabilities_ = std::move(capabilities);
}

ClientCapabilities ClientHandlers::capabilities(bool tasks) const {
  if (request_) return client_capabilities_from_json(unread_capabilities_);
  const std::lock_guard lock(mutex_);
  ClientCapabilities declared;
  declared.roots = declared.roots_list_changed = has_roots_ || list_roots_;
  declared.sampling = static_cast<bool>(create_message_);
  declared.sampling_tools = declared.sampling && sampling_.tools;
  declared.sampling_context = declared.sampling && sampling_.context;
  declared.elicitation = elicit_ && elicitation_.form;
  declared.elicitation_url = elicit_ && elicitation_.url;
  declared.tasks_sampling = tasks && create_message_;
  declared.tasks_elicitation = tasks && elicit_;
  declared.tasks_list = declared.tasks_cancel =
      declared.tasks_sampling || declared.tasks_elicitation;
  return declared;
}

Result<Json> ClientHandlers::ask(const engine::ListRootsRequest&,
                                 ClientRequestContext& context) const {
  const Revision revision = context.session().revision();
  if (list_roots_) return to_json(list_roots_(context), revision);
  const std::lock_guard lock(mutex_);
  return to_json(roots_, revision);
}

Result<Json> ClientHandlers::ask(const CreateMessageRequest& request,
                                 ClientRequestContext& context) const {
  return to_json(create_message_(request, context), context.session().revision());
}

Result<Json> ClientHandlers::ask(const ElicitRequest& request,
                                 ClientRequestContext& context) const {
  ElicitResult result = elicit_(request, context);
  if (!result.accepted() || request.is_url()) {
    result.content = nullptr;
    return to_json(result);
  }
  result.content = with_form_defaults(request, std::move(result.content));
  if (const auto problems = problems_of_form(request, result.content); !problems.empty()) {
    log::error("an elicitation handler filled in a form wrongly: {}", problems);
    return failed("the form was filled in wrongly: " + problems);
  }
  return to_json(result);
}

Result<Json> ClientHandlers::ask(const engine::UnreadRequest& request, ClientRequestContext&) {
  return failed(request.method + " is for whoever reads requests by himself");
}

Result<Json> ClientHandlers::answer(const engine::HostRequest& request,
                                    ClientRequestContext& context) const {
  try {
    return std::visit([&](const auto& one) { return ask(one, context); }, request);
  } catch (const McpError& error) {
    return error.error();
  } catch (const std::exception& error) {
    return failed(error.what());
  } catch (...) {
    return failed("the client's handler failed");
  }
}

}  // namespace mcp_mqtt::face
