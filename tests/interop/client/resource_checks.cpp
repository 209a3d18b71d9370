#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <mcp_mqtt/uri_template.hpp>

#include "client/session_checks.hpp"

namespace interop {

using mcp_mqtt::Annotations;
using mcp_mqtt::ClientSession;
using mcp_mqtt::ErrorKind;
using mcp_mqtt::Json;
using mcp_mqtt::Resource;
using mcp_mqtt::ResourceContents;
using mcp_mqtt::ResourceTemplate;
using mcp_mqtt::ResourceUpdated;
namespace error_code = mcp_mqtt::error_code;

namespace {

const std::string volume_uri = "device://volume";
const std::string manual_uri = "device://manual";
const std::string reading_uri = "device://rooms/kitchen/humidity";

std::vector<Resource> wanted_resources() {
  return {{.uri = volume_uri,
           .name = "volume",
           .title = "The volume",
           .description = "From 0 to 100",
           .mime_type = "text/plain"},
          {.uri = "device://logo",
           .name = "logo",
           .mime_type = "image/png",
           .size = 6,
           .annotations =
               Annotations{
                   .audience = {"user"}, .priority = 0.2, .last_modified = "2025-01-02T03:04:05Z"},
           .icons = {device_icon()},
           .meta = {{"example.com/kind", "picture"}}},
          {.uri = manual_uri, .name = "manual", .mime_type = "text/plain", .size = 10},
          {.uri = "device://status", .name = "status", .mime_type = "application/json"}};
}

std::vector<ResourceTemplate> wanted_templates() {
  return {{.uri_template = "device://rooms/{room}/{reading}",
           .name = "reading",
           .title = "A reading of a room",
           .description = "What is measured in a room",
           .mime_type = "text/plain",
           .annotations = Annotations{.priority = 0.4},
           .icons = {device_icon()},
           .meta = {{"example.com/kind", "reading"}}},
          {.uri_template = "device://files/{+path}", .name = "file"},
          {.uri_template = "device://find{?text,limit}", .name = "find"},
          {.uri_template = "device://floors{/floor}", .name = "floor"}};
}

template <class T>
void require_same(const std::vector<T>& is, const std::vector<T>& wanted) {
  require_equal(is.size(), wanted.size(), "the number");
  for (const T& each : wanted) {
    require(std::count(is.begin(), is.end(), each) == 1, each.name + " is not as it was made");
  }
}

ResourceContents read(const ClientSession& session, const std::string& uri) {
  const auto result = session.read_resource(uri);
  require_equal(result.contents.size(), 1, "the number of contents");
  return result.contents[0];
}

void check_reading(Checks& checks, const ClientSession& session) {
  checks.check("every resource and template is listed, over all pages, with all that is said", [&] {
    require_same(session.list_resources(), wanted_resources());
    require_same(session.list_resource_templates(), wanted_templates());
  });
  checks.check("a computed, a binary and a JSON resource are read", [&] {
    session.call_tool("set_volume", {{"volume", 42}});
    require(read(session, volume_uri) == mcp_mqtt::text_contents(volume_uri, "42", "text/plain"),
            "the volume is another one");
    require(read(session, "device://logo") ==
                mcp_mqtt::binary_contents("device://logo", picture(), "image/png"),
            "the logo is another one");
    require_equal(Json::parse(read(session, "device://status").text), {{"on", true}}, "the status");
  });
  checks.check("an unknown resource is refused with -32002 and its URI", [&] {
    const auto error = require_error(ErrorKind::rpc, error_code::resource_not_found,
                                     [&] { session.read_resource("device://nothing"); });
    require_equal(error.data.at("uri"), "device://nothing", "the uri");
  });
}

void check_templates(Checks& checks, const ClientSession& session) {
  struct Case {
    std::string uri_template;
    std::map<std::string, std::string> values;
    std::string wanted;
  };
  const std::vector<Case> cases{
      {"device://rooms/{room}/{reading}",
       {{"room", "Küche & Bad/2"}, {"reading", "100 %"}},
       "100 % of Küche & Bad/2"},
      {"device://files/{+path}", {{"path", "a/b/c.txt"}}, "file a/b/c.txt"},
      {"device://find{?text,limit}", {{"text", "a=b&c"}, {"limit", "5"}}, "found a=b&c, at most 5"},
      {"device://floors{/floor}", {{"floor", "1"}}, "floor 1"}};
  for (const Case& each : cases) {
    checks.check("a resource is read through " + each.uri_template, [&] {
      const auto parsed = mcp_mqtt::UriTemplate::parse(each.uri_template).value();
      require_equal(read(session, parsed.expand(each.values)).text, each.wanted, "the text");
    });
  }
}

void check_subscriptions(Checks& checks, const ClientSession& session) {
  const auto into = [](const Heard<std::string>& heard) {
    return [heard](const ResourceUpdated& updated) { heard.add(updated.uri); };
  };
  const auto touch = [&](const std::string& uri) {
    require_answer(session, "touch", {{"uri", uri}}, "touched " + uri);
  };
  checks.check("a subscribed resource tells its changes, once each", [&] {
    const Heard<std::string> heard;
    const auto subscription = session.subscribe(volume_uri, into(heard));
    for (const int volume : {43, 44}) {
      const auto before = heard.size();
      session.call_tool("set_volume", {{"volume", volume}});
      require_eventually("the update", [&] { return heard.size() > before; });
    }
    require_equal(heard.all(), {volume_uri, volume_uri}, "the updates");
  });
  checks.check("each subscription hears its own resource, also one behind a template", [&] {
    const Heard<std::string> manual;
    const Heard<std::string> reading;
    const auto first = session.subscribe(manual_uri, into(manual));
    const auto second = session.subscribe(reading_uri, into(reading));
    for (const std::string& uri : {volume_uri, reading_uri, manual_uri}) touch(uri);
    require_eventually("the updates", [&] { return manual.size() > 0 && reading.size() > 0; });
    require_equal(manual.all(), {manual_uri}, "the updates of the manual");
    require_equal(reading.all(), {reading_uri}, "the updates of the reading");
  });
  checks.check("of two subscriptions to one resource one ends, and the other goes on", [&] {
    const Heard<std::string> ended;
    const Heard<std::string> heard;
    auto first = session.subscribe(manual_uri, into(ended));
    const auto second = session.subscribe(manual_uri, into(heard));
    first.unsubscribe();
    touch(manual_uri);
    require_eventually("the update", [&] { return heard.size() > 0; });
    require_equal(ended.size(), 0, "the updates of what ended");
  });
  checks.check("an unknown resource cannot be subscribed: -32002", [&] {
    require_error(ErrorKind::rpc, error_code::resource_not_found,
                  [&] { session.subscribe("device://nothing", [](const ResourceUpdated&) {}); });
  });
}

}  // namespace

void check_resources(Checks& checks, const ClientSession& session) {
  check_reading(checks, session);
  check_templates(checks, session);
  check_subscriptions(checks, session);
}

}  // namespace interop
