#include <stdexcept>

#include "golden/features.hpp"
#include "golden/stage.hpp"

namespace mcp_mqtt::golden {

/// What a typed tool can return.
struct Label {
  std::string text;
  int width = 0;
};

inline auto describe(std::type_identity<Label>) {
  return fields(field("text", &Label::text, "What it says"),
                field("width", &Label::width, "In millimetres"));
}

namespace {

ToolDefinition label_tool() {
  auto definition = typed_tool(
      "make_label", "Makes a label",
      {arg("text", "What it says").length(1, 40), arg("width", "In millimetres").default_value(50)},
      [](const std::string& text, int width) {
        return Label{text, width};
      });
  Tool& tool = definition.tool;
  tool.title = "Make a label";
  tool.annotations = {.title = "Label maker",
                      .read_only = false,
                      .destructive = false,
                      .idempotent = true,
                      .open_world = false};
  tool.icons = {{.src = "https://example.com/label.png", .sizes = {"any"}}};
  tool.task_support = TaskSupport::optional;
  tool.meta = {{"example.com/group", "labels"}};
  definition.handler = [make = definition.handler](const Json& arguments, RequestContext& context) {
    auto result = make(arguments, context);
    result.meta = {{"example.com/roll", 3}};
    return result;
  };
  return definition;
}

void add_tools(McpServer& server) {
  server.add_tool(label_tool());
  server.add_tool("sizes", "Which widths there are", [] { return std::vector<int>{30, 50}; });
  server.add_tool({.name = "raw", .input_schema = Json::parse(R"({
                     "type": "object", "properties": {"copies": {"type": "integer", "minimum": 1}},
                     "required": ["copies"]})")},
                  [](const Json& arguments) { return "copies: " + arguments.at("copies").dump(); });
  server.add_tool("jam", "Fails",
                  []() -> std::string { throw std::runtime_error("the paper is jammed"); });
  server.add_tool("feed", "Returns nothing", [] {});
}

void tools(Stage& stage) {
  add_tools(stage.server());
  const auto session = stage.open();
  stage.say("What there is: title, annotations, icons, schemas, _meta.");
  session.list_tools();
  stage.say("A call with structured content and _meta.");
  session.call_tool("make_label", {{"text", "FRAGILE"}});
  stage.say("A list as structured content.");
  session.call_tool("sizes");
  stage.say("A tool that returns nothing.");
  session.call_tool("feed");
  stage.say("A tool with a schema of its own.");
  session.call_tool("raw", {{"copies", 2}});
}

void tool_errors(Stage& stage) {
  add_tools(stage.server());
  const auto session = stage.open();
  const auto show = [&](const char* tool, const Json& arguments = Json::object()) {
    try {
      const auto result = session.call_tool(tool, arguments);
      stage.say(std::string("The caller gets a result, ") +
                (result.is_error ? "the tool failed: " : "") + Json(result.text()).dump());
    } catch (const McpError& error) {
      stage.say_error(error.error());
    }
  };
  stage.say("A tool that throws; the server goes on.");
  show("jam");
  stage.say("Arguments that do not fit the types of a typed tool.");
  show("make_label", {{"text", ""}, {"width", "wide"}, {"colour", "red"}});
  stage.say("A missing argument.");
  show("make_label");
  stage.say("Arguments that do not fit a schema.");
  show("raw", {{"copies", 0}});
  stage.say("A tool that does not exist.");
  show("bind");
}

void contents(Stage& stage) {
  auto& server = stage.server();
  server.add_tool("contents", "Answers with every type of content", [] {
    const Annotations annotations{
        .audience = {"user"}, .priority = 0.5, .last_modified = "2025-01-02T03:04:05Z"};
    return std::vector<Content>{
        TextContent{.text = "a text", .annotations = annotations, .meta = {{"example.com/n", 1}}},
        ImageContent{.data = "\x89PNG", .mime_type = "image/png", .annotations = annotations},
        AudioContent{.data = "RIFF", .mime_type = "audio/wav"},
        EmbeddedResource{.resource = text_contents("printer://manual", "Turn it on", "text/plain"),
                         .annotations = Annotations{.priority = 1}},
        EmbeddedResource{.resource = binary_contents("printer://logo", "\x89PNG", "image/png")},
        ResourceLink{.uri = "printer://manual",
                     .name = "manual",
                     .title = "The manual",
                     .description = "How to print",
                     .mime_type = "text/plain",
                     .size = 10,
                     .annotations = Annotations{.audience = {"assistant"}},
                     .icons = {{.src = "https://example.com/book.png"}}}};
  });
  const auto session = stage.open();
  session.call_tool("contents");
}

}  // namespace

std::vector<Feature> tool_features() {
  return {
      {"tools", "Tools: list, call, structured content", tools},
      {"tool_errors", "Tools that fail, and calls that cannot be", tool_errors},
      {"contents", "Every type of content", contents},
  };
}

}  // namespace mcp_mqtt::golden
