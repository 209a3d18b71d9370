#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <mcp_mqtt/protocol/logging.hpp>
#include <mcp_mqtt/result.hpp>
#include <mcp_mqtt/schema/completer.hpp>
#include <mcp_mqtt/schema/resource_reader.hpp>
#include <mcp_mqtt/schema/typed_prompt.hpp>
#include <mcp_mqtt/schema/typed_tool.hpp>

namespace mcp_mqtt {

namespace engine {
struct Features;
enum class FeatureList;
}  // namespace engine

/// What a service offers: tools, resources, prompts and what completes their arguments, and what it
/// tells all its clients. An McpServer is one, and so is an McpServerPool, whose instances all
/// offer it; so a function that takes a ServerFeatures& serves both.
///
/// All functions may be called from any thread, before start() and afterwards.
class ServerFeatures {
 public:
  ServerFeatures() = default;
  ServerFeatures(const ServerFeatures&) = delete;
  ServerFeatures& operator=(const ServerFeatures&) = delete;
  virtual ~ServerFeatures();

  /// Adds a tool; see typed_tool() for the forms. Throws std::invalid_argument where the
  /// description of the arguments does not fit the function, McpError for a name that is taken or
  /// not allowed. Clients see it with their next tools/list.
  template <std::size_t n, class F>
  void add_tool(std::string name, std::string description, const Arg (&args)[n], F function) {
    add_tool(typed_tool(std::move(name), std::move(description), args, std::move(function)));
  }
  template <class F>
  void add_tool(std::string name, std::string description, const std::vector<Arg>& args,
                F function) {
    add_tool(typed_tool(std::move(name), std::move(description), args, std::move(function)));
  }
  template <class F>
  void add_tool(std::string name, std::string description, F function) {
    add_tool(typed_tool(std::move(name), std::move(description), std::move(function)));
  }
  /// The raw form, for tools known only at run time: a description with its own schema, and a
  /// function of the arguments as Json (and RequestContext& where it wants it). The arguments are
  /// checked against the schema before it is called.
  template <class F>
  void add_tool(Tool tool, F function) {
    add_tool(raw_tool(std::move(tool), std::move(function)));
  }
  /// Also for a typed tool that needs more said: a title, annotations, icons, tasks.
  void add_tool(ToolDefinition tool);
  /// In place of the one of this name, if there is one.
  void replace_tool(ToolDefinition tool);
  /// Whether there was one. Calls under way go on.
  bool remove_tool(std::string_view name);

  /// Adds a resource: `content` is its fixed text, or a function that is called whenever it is
  /// read; see schema/resource_reader.hpp for what it takes and returns. Throws McpError for a URI
  /// that is taken or has no scheme, or without a name.
  template <class F>
  void add_resource(Resource resource, F content) {
    std::string mime_type = resource.mime_type;
    if constexpr (std::is_convertible_v<F, std::string_view>) {
      std::string text{std::string_view(content)};
      add_resource(ResourceDefinition{
          std::move(resource),
          schema::make_resource_handler([text = std::move(text)] { return text; }, mime_type)});
    } else {
      add_resource(ResourceDefinition{
          std::move(resource), schema::make_resource_handler(std::move(content), mime_type)});
    }
  }
  void add_resource(ResourceDefinition resource);
  void replace_resource(ResourceDefinition resource);
  /// Whether there was one. Reads under way go on; who subscribed stays subscribed.
  bool remove_resource(std::string_view uri);

  /// Adds a family of resources by an RFC 6570 template (levels 1 to 3); `function` is called for
  /// each URI that matches and that is no resource of its own. Throws McpError for a template that
  /// is taken or cannot be parsed.
  template <class F>
  void add_resource_template(ResourceTemplate resource_template, F function) {
    std::string mime_type = resource_template.mime_type;
    add_resource_template(ResourceTemplateDefinition{
        std::move(resource_template),
        schema::make_resource_handler(std::move(function), std::move(mime_type))});
  }
  void add_resource_template(ResourceTemplateDefinition resource_template);
  bool remove_resource_template(std::string_view uri_template);

  /// Tells the clients that subscribed to it. An update that was not sent yet when the next comes
  /// is told once.
  void notify_resource_updated(const std::string& uri);

  /// Adds a prompt; see typed_prompt() for the forms. Throws as add_tool() does.
  template <std::size_t n, class F>
  void add_prompt(std::string name, std::string description, const Arg (&args)[n], F function) {
    add_prompt(typed_prompt(std::move(name), description, args, std::move(function)));
  }
  template <class F>
  void add_prompt(std::string name, std::string description, const std::vector<Arg>& args,
                  F function) {
    add_prompt(typed_prompt(std::move(name), description, args, std::move(function)));
  }
  template <class F>
  void add_prompt(std::string name, std::string description, F function) {
    add_prompt(typed_prompt(std::move(name), description, std::move(function)));
  }
  void add_prompt(PromptDefinition prompt);
  void replace_prompt(PromptDefinition prompt);
  bool remove_prompt(std::string_view name);

  /// Completes an argument of a prompt; see schema::make_completer() for what `function` takes and
  /// returns. Without one, an argument with choices (an enum, one_of()) is completed with these.
  template <class F>
  void complete_prompt(std::string prompt, std::string argument, F function) {
    set_completer(PromptReference{std::move(prompt)}, std::move(argument),
                  schema::make_completer(std::move(function)));
  }
  /// Completes a variable of a resource template.
  template <class F>
  void complete_resource_template(std::string uri_template, std::string variable, F function) {
    set_completer(ResourceReference{std::move(uri_template)}, std::move(variable),
                  schema::make_completer(std::move(function)));
  }

  /// Sends a log message to every client for whose level it is severe enough. In a handler use
  /// RequestContext::log(), which tells its client alone. Never put a secret into it.
  void log(LoggingLevel level, Json data, std::string logger = {});

 protected:
  using FeatureChange = std::function<Result<void>(engine::Features&)>;

 private:
  virtual Result<void> change(engine::FeatureList list, const FeatureChange& change) = 0;
  virtual void tell_resource_updated(const std::string& uri) = 0;
  virtual void tell_log(const LoggingMessage& message) = 0;
  void set_completer(std::variant<PromptReference, ResourceReference> reference,
                     std::string argument, Completer completer);
};

}  // namespace mcp_mqtt
