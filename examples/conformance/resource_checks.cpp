#include <string>

#include "checks.hpp"

namespace conformance {
namespace {

using mcp_mqtt::ClientSession;

Json read(const ClientSession& session, const std::string& uri) {
  return to_json(session.read_resource(uri), mcp_mqtt::latest_revision).at("contents");
}

void check_lists(const ClientSession& session, Report& report) {
  report.check("resources/list",
               {{"test://static-binary", "Static Binary Resource", "image/png"},
                {"test://static-text", "Static Text Resource", "text/plain"},
                {"test://watched-resource", "Watched Resource", "text/plain"}},
               [&] {
                 Json found = Json::array();
                 for (const auto& each : session.list_resources()) {
                   found.push_back({each.uri, each.name, each.mime_type});
                 }
                 return found;
               });
  report.check(
      "resources/templates/list",
      Json::array({{"test://template/{id}/data", "Resource Template", "application/json"}}), [&] {
        Json found = Json::array();
        for (const auto& each : session.list_resource_templates()) {
          found.push_back({each.uri_template, each.name, each.mime_type});
        }
        return found;
      });
}

void check_subscription(const ClientSession& session, Report& report) {
  const std::string uri = "test://watched-resource";
  report.check("resources/subscribe", Json::array({uri}), [&] {
    Inbox updates;
    const auto watch = session.subscribe(
        uri, [&](const mcp_mqtt::ResourceUpdated& update) { updates.put(update.uri); });
    session.call_tool("test_resource_updated");
    return updates.take(1);
  });
  report.check("resources/unsubscribe", Json::object(), [&] {
    return session.request("resources/unsubscribe", {{"uri", uri}});
  });
}

}  // namespace

void check_resources(const ClientSession& session, Report& report) {
  const auto expect = [&](const std::string& uri, const std::string& type, const std::string& kind,
                          const std::string& value) {
    report.check(uri, Json::array({{{"uri", uri}, {"mimeType", type}, {kind, value}}}),
                 [&] { return read(session, uri); });
  };
  check_lists(session, report);
  expect("test://static-text", "text/plain", "text",
         "This is the content of the static text resource.");
  expect("test://static-binary", "image/png", "blob", image_base64());
  expect("test://watched-resource", "text/plain", "text", "Watched resource content");
  expect("test://template/123/data", "application/json", "text",
         R"({"id":"123","templateTest":true,"data":"Data for ID: 123"})");
  report.check_error("an unknown resource", -32002,
                     [&] { return read(session, "test://no-such-resource"); });
  check_subscription(session, report);
}

}  // namespace conformance
