#include "command_line/garden.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include <mcp_mqtt/mcp_mqtt.hpp>

namespace mcp_mqtt::test {
namespace {

/// A name that would rewrite the terminal's title and the line, if somebody let it.
constexpr const char* hostile = "\x1b]0;owned\x07soil\rmoist";

Tool echo_tool() {
  Tool tool;
  tool.name = "echo";
  tool.description = "Says what it was given";
  tool.input_schema = Json::parse(R"({"type": "object", "properties": {
      "count": {"type": "integer"}, "place": {"type": "object", "properties": {
        "row": {"type": "integer"}}}, "tags": {"type": "array"}, "note": {"type": "string"}}})");
  return tool;
}

std::string dig(int holes, RequestContext& context) {
  context.log(LoggingLevel::debug, "the ground is soft", "spade");
  context.log(LoggingLevel::warning, "a stone", "spade");
  for (int hole = 1; hole <= holes; ++hole) {
    context.report_progress(hole, holes, "hole " + std::to_string(hole));
  }
  return std::to_string(holes) + " holes";
}

std::string wait_for_cancellation(const EventLog<std::string>& events, RequestContext& context) {
  context.report_progress(1, 4, "digging");
  events.push("slow");
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, context.stop_token(), patience, [&] { return context.cancelled(); });
  events.push(context.cancelled() ? "cancelled" : "never cancelled");
  return "done";
}

}  // namespace

bool Ran::one_error_line() const {
  return error.starts_with("mcp-mqtt: ") && std::count(error.begin(), error.end(), '\n') == 1 &&
         error.ends_with('\n');
}

Garden::Garden(MosquittoOptions options, const ConnectionOptions& connection)
    : broker_(std::move(options)) {
  server_ = std::make_unique<McpServer>(ServerOptions{.name = "garden",
                                                      .version = "2.1",
                                                      .description = "Beds and plants",
                                                      .instructions = "Water in the evening.",
                                                      .server_id = "garden-1",
                                                      .meta = {{"site", "roof"}},
                                                      .connection = connection});
  fill();
  server_->start(broker_.url());
}

void Garden::fill() {
  server_->add_tool(
      "water", "Water a bed",
      {arg("bed", "Which bed").one_of({"north", "south"}), arg("liters", "How much").range(1, 100)},
      [](const std::string& bed, int liters) {
        return bed + " got " + std::to_string(liters) + " liters";
      });
  server_->add_tool(echo_tool(),
                    [](const Json& arguments) { return text_result(arguments.dump()); });
  server_->add_tool("dig", "Dig holes", {arg("holes", "How many")}, dig);
  server_->add_tool("slow", "Waits until it is cancelled",
                    [events = events_](RequestContext& context) {
                      return wait_for_cancellation(events, context);
                    });
  server_->add_tool("info", "Has the name of a subcommand", [] { return std::string("a tool"); });
  server_->add_tool("fail", "Fails", [] { return error_result("the well is dry"); });
  server_->add_tool("hostile", hostile, [] { return std::string(hostile); });
  server_->add_resource({.uri = "garden://manual", .name = "manual", .mime_type = "text/plain"},
                        "Dig.\nWater.\n");
  server_->add_resource({.uri = "garden://photo", .name = "photo", .mime_type = "image/png"},
                        [] { return std::vector<std::uint8_t>{0x89, 'P', 'N', 'G', 0, 27}; });
  server_->add_resource_template(
      {.uri_template = "plant://{bed}/soil", .name = "soil", .mime_type = "application/json"},
      [](const ResourceRequest& request) {
        return Json{{"bed", request.variables.at("bed")}};
      });
  server_->add_prompt("plan", "Asks for a plan",
                      {arg("bed", "Which bed").one_of({"north", "south"}),
                       arg("days", "For how long").range(1, 14).default_value(3)},
                      [](const std::string& bed, int days) {
                        return "Plan " + bed + " for " + std::to_string(days) + " days.";
                      });
  server_->complete_resource_template("plant://{bed}/soil", "bed", [](const std::string&) {
    return std::vector<std::string>{"north", "nowhere", "south"};
  });
}

std::vector<std::string> Garden::environment() const {
  const std::string folder = folder_.path().string();
  return {"MCP_MQTT_BROKER=" + broker_.url(),
          "MCP_MQTT_USERNAME=", "MCP_MQTT_PASSWORD=", "XDG_CONFIG_HOME=" + folder,
          "HOME=" + folder};
}

std::unique_ptr<ChildProcess> Garden::start(std::vector<std::string> arguments,
                                            std::vector<std::string> more_environment) const {
  arguments.insert(arguments.begin(), MCP_MQTT_PROGRAM);
  // The first one of a name counts.
  for (const std::string& variable : environment()) more_environment.push_back(variable);
  auto process = std::make_unique<ChildProcess>(
      std::move(arguments), ChildProcess::Options{.environment = more_environment,
                                                  .working_directory = folder_.path().string()});
  process->close_input();
  return process;
}

Ran Garden::run(std::vector<std::string> arguments,
                std::vector<std::string> more_environment) const {
  return end_of(*start(std::move(arguments), std::move(more_environment)));
}

Ran Garden::end_of(ChildProcess& process) {
  const auto status = process.wait_for(patience);
  if (!status) ADD_FAILURE() << "mcp-mqtt did not end: " << process.output();
  process.wait_for_output_end(patience);
  return {status && status->code ? *status->code : -1, process.output(), process.error_output()};
}

std::unique_ptr<McpServer> Garden::start_server(const std::string& name) const {
  auto server = std::make_unique<McpServer>(ServerOptions{.name = name});
  server->start(broker_.url());
  return server;
}

}  // namespace mcp_mqtt::test
