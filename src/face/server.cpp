#include <utility>

#include <mcp_mqtt/server.hpp>

#include "face/server_impl.hpp"

namespace mcp_mqtt {
namespace {

using engine::FeatureList;
using engine::Features;

Error no_such() { return {ErrorKind::invalid_argument, 0, "there is none", nullptr}; }

Result<void> removed(bool was_there) { return was_there ? Result<void>() : no_such(); }

}  // namespace

McpServer::McpServer(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
McpServer::~McpServer() = default;

// --- What it offers

void McpServer::add_tool(ToolDefinition tool) {
  impl_->change(FeatureList::tools, [&](Features& features) { return features.tools.add(tool); })
      .value();
}

void McpServer::replace_tool(ToolDefinition tool) {
  impl_
      ->change(FeatureList::tools,
               [&](Features& features) { return features.tools.add(tool, true); })
      .value();
}

bool McpServer::remove_tool(std::string_view name) {
  return impl_
      ->change(FeatureList::tools,
               [&](Features& features) { return removed(features.tools.remove(name)); })
      .has_value();
}

void McpServer::add_resource(ResourceDefinition resource) {
  impl_
      ->change(FeatureList::resources,
               [&](Features& features) { return features.resources.add(resource); })
      .value();
}

void McpServer::replace_resource(ResourceDefinition resource) {
  impl_
      ->change(FeatureList::resources,
               [&](Features& features) { return features.resources.add(resource, true); })
      .value();
}

bool McpServer::remove_resource(std::string_view uri) {
  return impl_
      ->change(FeatureList::resources,
               [&](Features& features) { return removed(features.resources.remove(uri)); })
      .has_value();
}

void McpServer::add_resource_template(ResourceTemplateDefinition resource_template) {
  impl_
      ->change(FeatureList::resources,
               [&](Features& features) { return features.resources.add(resource_template); })
      .value();
}

bool McpServer::remove_resource_template(std::string_view uri_template) {
  return impl_
      ->change(FeatureList::resources,
               [&](Features& features) {
                 return removed(features.resources.remove_template(uri_template));
               })
      .has_value();
}

void McpServer::notify_resource_updated(const std::string& uri) { impl_->resource_updated(uri); }

void McpServer::add_prompt(PromptDefinition prompt) {
  impl_
      ->change(FeatureList::prompts,
               [&](Features& features) { return features.prompts.add(prompt); })
      .value();
}

void McpServer::replace_prompt(PromptDefinition prompt) {
  impl_
      ->change(FeatureList::prompts,
               [&](Features& features) { return features.prompts.add(prompt, true); })
      .value();
}

bool McpServer::remove_prompt(std::string_view name) {
  return impl_
      ->change(FeatureList::prompts,
               [&](Features& features) { return removed(features.prompts.remove(name)); })
      .has_value();
}

void McpServer::set_completer(std::variant<PromptReference, ResourceReference> reference,
                              std::string argument, Completer completer) {
  impl_
      ->change(FeatureList::none,
               [&](Features& features) {
                 if (const auto* prompt = std::get_if<PromptReference>(&reference)) {
                   return features.completers.set_for_prompt(prompt->name, argument, completer);
                 }
                 return features.completers.set_for_template(
                     std::get<ResourceReference>(reference).uri, argument, completer);
               })
      .value();
}

void McpServer::log(LoggingLevel level, Json data, std::string logger) {
  impl_->log({level, std::move(logger), std::move(data)});
}

// --- Whom it tells

void McpServer::on_client_connected(std::function<void(const ConnectedClient&)> callback) {
  impl_->callbacks.client_connected = std::move(callback);
}
void McpServer::on_client_gone(std::function<void(const ClientInfo&, const Error&)> callback) {
  impl_->callbacks.client_gone = std::move(callback);
}
void McpServer::on_roots_changed(std::function<void(const ConnectedClient&)> callback) {
  impl_->callbacks.roots_changed = std::move(callback);
}
void McpServer::on_task_status(std::function<void(const ConnectedClient&, const Task&)> callback) {
  impl_->callbacks.task_status = std::move(callback);
}
void McpServer::on_subscription(
    std::function<void(const ClientInfo&, const std::string&, bool)> callback) {
  impl_->callbacks.subscription = std::move(callback);
}
void McpServer::on_connection(ConnectionObserver callback) {
  impl_->callbacks.connection = std::move(callback);
}

// --- Its life

void McpServer::start(std::string_view broker_url) { impl_->start(broker_url); }
void McpServer::stop() { impl_->stop(); }
void McpServer::run(std::string_view broker_url) { impl_->run(broker_url); }
bool McpServer::running() const { return impl_->running(); }
std::string McpServer::name() const { return impl_->instance().server_name; }
std::string McpServer::server_id() const { return impl_->instance().server_id; }
std::vector<ConnectedClient> McpServer::clients() const { return impl_->clients(); }
std::optional<ConnectedClient> McpServer::client(std::string_view client_id) const {
  return impl_->client(client_id);
}

}  // namespace mcp_mqtt
