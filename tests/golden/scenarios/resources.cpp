#include "golden/features.hpp"
#include "golden/raw_peer.hpp"
#include "golden/stage.hpp"

namespace mcp_mqtt::golden {
namespace {

void resources(Stage& stage) {
  auto& server = stage.server();
  server.add_resource({.uri = "printer://manual",
                       .name = "manual",
                       .title = "The manual",
                       .description = "How to print",
                       .mime_type = "text/plain",
                       .size = 10,
                       .annotations = Annotations{.audience = {"assistant"},
                                                  .priority = 0.5,
                                                  .last_modified = "2025-01-02T03:04:05Z"},
                       .icons = {{.src = "https://example.com/book.png", .mime_type = "image/png"}},
                       .meta = {{"example.com/shelf", 2}}},
                      "Turn it on");
  server.add_resource({.uri = "printer://logo", .name = "logo", .mime_type = "image/png"}, [] {
    return std::vector<std::uint8_t>{0x89, 'P', 'N', 'G'};
  });
  server.add_resource({.uri = "printer://status", .name = "status"}, [] {
    return Json{{"ink", 0.5}};
  });
  server.add_resource({.uri = "printer://broken", .name = "broken"},
                      []() -> std::string { throw std::runtime_error("the disk is worn out"); });
  const auto session = stage.open();
  stage.say("What there is.");
  session.list_resources();
  stage.say("A text, bytes, JSON.");
  session.read_resource("printer://manual");
  session.read_resource("printer://logo");
  session.read_resource("printer://status");
  stage.say("A resource that does not exist.");
  stage.fails([&] { session.read_resource("printer://nowhere"); });
  stage.say("A reader that throws.");
  stage.fails([&] { session.read_resource("printer://broken"); });
}

void templates(Stage& stage) {
  auto& server = stage.server();
  server.add_resource_template({.uri_template = "printer://jobs/{day}/{number}",
                                .name = "job",
                                .title = "A job",
                                .description = "What was printed",
                                .mime_type = "text/plain",
                                .annotations = Annotations{.priority = 0.25},
                                .icons = {{.src = "https://example.com/job.png"}},
                                .meta = {{"example.com/shelf", 3}}},
                               [](const ResourceRequest& request) -> std::optional<std::string> {
                                 if (request.variables.at("number") == "0") return std::nullopt;
                                 return "job " + request.variables.at("number") + " of " +
                                        request.variables.at("day");
                               });
  server.add_resource_template(
      {.uri_template = "printer://find{?text,limit}", .name = "find"},
      [](const ResourceRequest& request) { return "found " + request.variables.at("text"); });
  const auto session = stage.open();
  stage.say("What there is; no resource of its own.");
  session.list_resource_templates();
  session.list_resources();
  stage.say("URIs that match.");
  session.read_resource("printer://jobs/monday/7");
  session.read_resource("printer://find?text=red%20ink&limit=3");
  stage.say("A URI that matches, but the resource does not exist.");
  stage.fails([&] { session.read_resource("printer://jobs/monday/0"); });
  stage.say("A URI that does not match.");
  stage.fails([&] { session.read_resource("printer://jobs/monday"); });
}

/// Subscribes, hears an update, unsubscribes.
void watch(Stage& stage, ChangeRoute route) {
  auto& server = stage.server([&](ServerOptions& options) { options.resource_updates = route; });
  server.add_resource({.uri = "printer://queue", .name = "queue"}, "empty");
  server.add_resource({.uri = "printer://ink", .name = "ink"}, "full");
  const test::EventLog<bool> subscribed;
  server.on_subscription([=](auto&, auto&, bool on) { subscribed.push(on); });
  const auto session = stage.open();
  RawClient other(stage);
  stage.say("A second client opens a session, and subscribes to nothing.");
  other.initialize();
  stage.say("The first subscribes to the queue. Twice, but it asks once.");
  const test::EventLog<std::string> heard;
  const auto tell = [=](const ResourceUpdated& update) { heard.push(update.uri); };
  auto subscription = session.subscribe("printer://queue", tell);
  auto again = session.subscribe("printer://queue", tell);
  EXPECT_TRUE(subscribed.take());
  stage.say("The queue changes.");
  server.notify_resource_updated("printer://queue");
  EXPECT_TRUE(heard.wait_for_count(2));
  for (int copies = route == ChangeRoute::both ? 2 : 1; copies > 0; --copies) {
    stage.wait_for("notifications/resources/updated");
  }
  stage.say("The ink changes: nobody subscribed to it.");
  server.notify_resource_updated("printer://ink");
  stage.say("One of the two subscriptions ends, then the other.");
  again.unsubscribe();
  subscription.unsubscribe();
  stage.wait_for_answer();
  EXPECT_EQ(subscribed.take(), false);
  stage.say("The queue changes: nobody subscribes to it any more.");
  server.notify_resource_updated("printer://queue");
  stage.say("A resource that does not exist.");
  stage.fails([&] { session.subscribe("printer://nowhere", tell); });
  EXPECT_EQ(heard.size(), 2U);
}

void subscriptions(Stage& stage) { watch(stage, ChangeRoute::per_session); }
void broadcasts(Stage& stage) { watch(stage, ChangeRoute::capability_topic); }
void both_ways(Stage& stage) { watch(stage, ChangeRoute::both); }

}  // namespace

std::vector<Feature> resource_features() {
  return {
      {"resources", "Resources: list, read", resources},
      {"resource_templates", "Resource templates: list, read", templates},
      {"subscriptions", "Updates of resources, to those who subscribed", subscriptions},
      {"subscriptions_broadcast", "Updates of resources on the capability topic", broadcasts},
      {"subscriptions_both", "Updates of resources on both topics, heard once", both_ways},
  };
}

}  // namespace mcp_mqtt::golden
