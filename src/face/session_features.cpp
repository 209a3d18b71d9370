#include <utility>

#include <mcp_mqtt/session.hpp>

#include "face/session_calls.hpp"

// Resources, prompts, completion and logging of a session.
namespace mcp_mqtt {
namespace {

using Impl = ClientSession::Impl;

auto list_resources_call(const std::shared_ptr<Impl>& impl) {
  // Servers in the field put them under `contents`.
  return face::whole_list<Resource>(impl, {"resources/list", {"resources", "contents"}},
                                    [](const Json& item) { return resource_from_json(item); });
}

auto list_templates_call(const std::shared_ptr<Impl>& impl) {
  return face::whole_list<ResourceTemplate>(
      impl, {"resources/templates/list", {"resourceTemplates"}},
      [](const Json& item) { return resource_template_from_json(item); });
}

auto read_resource_call(const std::shared_ptr<Impl>& impl, std::string_view uri) {
  return face::one_request<ReadResourceResult>(
      impl, "resources/read", Json{{"uri", uri}},
      [](Json answer) { return read_resource_result_from_json(std::move(answer)); });
}

auto list_prompts_call(const std::shared_ptr<Impl>& impl) {
  return face::whole_list<Prompt>(impl, {"prompts/list", {"prompts"}},
                                  [](const Json& item) { return prompt_from_json(item); });
}

auto get_prompt_call(const std::shared_ptr<Impl>& impl, std::string_view name,
                     const std::map<std::string, std::string>& arguments) {
  return face::one_request<GetPromptResult>(
      impl, "prompts/get", Json{{"name", name}, {"arguments", arguments}},
      [](Json answer) { return get_prompt_result_from_json(std::move(answer)); });
}

auto complete_call(const std::shared_ptr<Impl>& impl, const CompleteRequest& request) {
  const Revision revision = impl ? impl->revision() : latest_revision;
  return face::one_request<Completion>(
      impl, "completion/complete", to_json(request, revision),
      [](const Json& answer) { return completion_from_json(answer); });
}

auto set_level_call(const std::shared_ptr<Impl>& impl, LoggingLevel level) {
  return face::one_request<void>(impl, "logging/setLevel", Json{{"level", to_string(level)}},
                                 [](const Json&) { return Result<void>(); });
}

}  // namespace

std::vector<Resource> ClientSession::list_resources(const CallOptions& options) const {
  return face::blocking<std::vector<Resource>>(impl_, options, list_resources_call(impl_));
}
PendingCall ClientSession::async_list_resources(
    const CallOptions& options, std::function<void(Result<std::vector<Resource>>)> done) const {
  return face::async(impl_, options, std::move(done), list_resources_call(impl_));
}

std::vector<ResourceTemplate> ClientSession::list_resource_templates(
    const CallOptions& options) const {
  return face::blocking<std::vector<ResourceTemplate>>(impl_, options, list_templates_call(impl_));
}
PendingCall ClientSession::async_list_resource_templates(
    const CallOptions& options,
    std::function<void(Result<std::vector<ResourceTemplate>>)> done) const {
  return face::async(impl_, options, std::move(done), list_templates_call(impl_));
}

ReadResourceResult ClientSession::read_resource(std::string_view uri,
                                                const CallOptions& options) const {
  return face::blocking<ReadResourceResult>(impl_, options, read_resource_call(impl_, uri));
}
PendingCall ClientSession::async_read_resource(
    std::string_view uri, const CallOptions& options,
    std::function<void(Result<ReadResourceResult>)> done) const {
  return face::async(impl_, options, std::move(done), read_resource_call(impl_, uri));
}

std::vector<Prompt> ClientSession::list_prompts(const CallOptions& options) const {
  return face::blocking<std::vector<Prompt>>(impl_, options, list_prompts_call(impl_));
}
PendingCall ClientSession::async_list_prompts(
    const CallOptions& options, std::function<void(Result<std::vector<Prompt>>)> done) const {
  return face::async(impl_, options, std::move(done), list_prompts_call(impl_));
}

GetPromptResult ClientSession::get_prompt(std::string_view name,
                                          const std::map<std::string, std::string>& arguments,
                                          const CallOptions& options) const {
  return face::blocking<GetPromptResult>(impl_, options, get_prompt_call(impl_, name, arguments));
}
PendingCall ClientSession::async_get_prompt(
    std::string_view name, const std::map<std::string, std::string>& arguments,
    const CallOptions& options, std::function<void(Result<GetPromptResult>)> done) const {
  return face::async(impl_, options, std::move(done), get_prompt_call(impl_, name, arguments));
}

Completion ClientSession::complete(const CompleteRequest& request,
                                   const CallOptions& options) const {
  return face::blocking<Completion>(impl_, options, complete_call(impl_, request));
}
PendingCall ClientSession::async_complete(const CompleteRequest& request,
                                          const CallOptions& options,
                                          std::function<void(Result<Completion>)> done) const {
  return face::async(impl_, options, std::move(done), complete_call(impl_, request));
}

void ClientSession::set_logging_level(LoggingLevel level, const CallOptions& options) const {
  face::blocking<void>(impl_, options, set_level_call(impl_, level));
}
PendingCall ClientSession::async_set_logging_level(LoggingLevel level, const CallOptions& options,
                                                   std::function<void(Result<void>)> done) const {
  return face::async(impl_, options, std::move(done), set_level_call(impl_, level));
}

}  // namespace mcp_mqtt
