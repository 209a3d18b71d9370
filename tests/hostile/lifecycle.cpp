#include <mcp_mqtt/error.hpp>

#include "hostile/row.hpp"

// What comes at the wrong time, on the wrong topic, or out of the broker's memory; and what a
// broker says in CONNACK.
namespace mcp_mqtt::hostile {
namespace {

constexpr int invalid = error_code::invalid_request;

Row row(std::string name, std::string sent, Place place, Stage stage, std::string payload,
        Outcome outcome) {
  Row one;
  one.name = std::move(name);
  one.sent = std::move(sent);
  one.place = place;
  one.stage = stage;
  one.payload = text(std::move(payload));
  one.outcome = std::move(outcome);
  return one;
}

std::string initialize(const std::string& params) { return request("7", "initialize", params); }

Group handshakes() {
  const std::string good =
      R"({"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"m"}})";
  const std::string initialized = "notifications/initialized";
  const std::string disconnected = "notifications/disconnected";
  constexpr auto none = Stage::none;
  constexpr auto proposed = Stage::proposed;
  constexpr auto open = Stage::open;
  constexpr auto control = Place::control;
  constexpr auto rpc = Place::rpc;
  constexpr int bad_params = error_code::invalid_params;
  constexpr int unknown = error_code::method_not_found;

  Group group{"lifecycle", "Messages at the wrong time or on the wrong topic.", true, {}};
  group.rows = {
      row("request_before_initialize", "a request before `initialize`", rpc, none,
          request("7", "ping"), ignored()),
      row("initialized_without_initialize", "`notifications/initialized` without `initialize`", rpc,
          none, notification(initialized), ignored()),
      row("call_before_initialized", "a call before `notifications/initialized`", rpc, proposed,
          request("7", "tools/call", R"({"name":"set_volume"})"), refused(invalid, 7)),
      row("list_before_initialized",
          "`tools/list` before `notifications/initialized`, as a bridge in the field asks", rpc,
          proposed, request("7", "tools/list"), answered(7)),
      row("ping_before_initialized", "a ping before `notifications/initialized`", rpc, proposed,
          request("7", "ping"), answered(7)),
      row("cancel_initialize", "a cancellation of `initialize`", rpc, proposed,
          notification("notifications/cancelled", R"({"requestId":1})"), ignored()),
      row("initialized_with_id", "`notifications/initialized` with an id, before it is due", rpc,
          proposed, request("7", initialized), refused(invalid, 7)),
      row("initialized_with_id_open", "`notifications/initialized` with an id, in a session", rpc,
          open, request("7", initialized), refused(unknown, 7)),
      row("initialized_twice", "a second `notifications/initialized`", rpc, open,
          notification(initialized), ignored()),
      row("initialize_on_rpc", "`initialize` on the RPC topic", rpc, open, initialize(good),
          refused(invalid, 7)),
      row("initialize_again", "a second `initialize`; the session goes on", control, open,
          initialize(good), answered(7)),
      row("initialize_notification", "`initialize` without an id", control, none,
          notification("initialize", good), ignored()),
      row("initialize_without_params", "`initialize` without params", control, none,
          R"({"jsonrpc":"2.0","id":7,"method":"initialize"})", refused(bad_params, 7)),
      row("initialize_version_number", "`initialize` with a `protocolVersion` that is a number",
          control, none, initialize(R"({"protocolVersion":20251125})"), refused(bad_params, 7)),
      row("initialize_version_unknown", "`initialize` with an unknown `protocolVersion`", control,
          none, initialize(R"({"protocolVersion":"1999-01-01","capabilities":{}})"), answered(7)),
      row("initialize_version_2_mb", "`initialize` with a `protocolVersion` of 2 MB", control, none,
          initialize(R"({"protocolVersion":")" + repeat("2", 2'000'000) + "\"}"), answered(7)),
      row("initialize_wrong_types", "`initialize` with capabilities 5 and clientInfo []", control,
          none, initialize(R"({"protocolVersion":"2025-11-25","capabilities":5,"clientInfo":[]})"),
          answered(7)),
      row("initialize_wrong_members", "`initialize` with capabilities of wrong types", control,
          none,
          initialize(R"({"protocolVersion":"2025-11-25","capabilities":{"roots":5,)"
                     R"("sampling":[],"tasks":{"requests":"all"},"elicitation":true}})"),
          answered(7)),
      row("initialize_deep", "`initialize` with capabilities of 60 levels", control, none,
          initialize(R"({"protocolVersion":"2025-11-25","capabilities":{"experimental":{"x":)" +
                     repeat("[", 58) + repeat("]", 58) + "}}}"),
          answered(7)),
      row("ping_on_control", "a ping on the control topic", control, open, request("7", "ping"),
          refused(invalid, 7)),
      row("call_on_control", "a call on the control topic", control, open,
          request("7", "tools/call", R"({"name":"set_volume"})"), refused(invalid, 7)),
      row("garbage_on_control", "garbage on the control topic", control, none, "\xff\xfe{",
          refused(error_code::parse_error, nullptr)),
      row("batch_on_control", "`initialize` in a batch", control, none,
          "[" + initialize(good) + "]", ignored()),
      row("result_on_control", "a result on the control topic", control, open,
          R"({"jsonrpc":"2.0","id":1,"result":{}})", ignored()),
      row("goodbye_on_control", "`notifications/disconnected` on the control topic", control, open,
          notification(disconnected), ignored()),
      row("goodbye_params_array", "a goodbye with params by position", rpc, open,
          notification(disconnected, "[]"), refused(invalid, nullptr)),
      row("goodbye_params_null", "a goodbye with params null, as peers in the field send it", rpc,
          open, notification(disconnected, "null"), ended()),
      row("goodbye_with_id", "a goodbye with an id", rpc, open, request("7", disconnected),
          refused(unknown, 7)),
      row("presence_garbage", "garbage on the client's own presence topic", Place::presence, open,
          "{]", ignored()),
      row("presence_of_server", "`notifications/server/online` on a client's presence topic",
          Place::presence, open, notification("notifications/server/online"), ignored()),
      row("presence_with_id", "a goodbye with an id on the client's presence topic",
          Place::presence, open, request("7", disconnected), ignored()),
      row("presence_empty", "an empty message on the client's presence topic, as one peer leaves",
          Place::presence, open, "", ended()),
      row("capability_garbage", "garbage on the client's own capability topic", Place::capability,
          open, "\x01", ignored()),
      row("capability_request", "a request on the client's capability topic", Place::capability,
          open, request("7", "ping"), ignored()),
      row("capability_goodbye", "a goodbye on the client's capability topic", Place::capability,
          open, notification(disconnected), ignored()),
      row("roots_changed_undeclared", "`roots/list_changed` of a client that declared no roots",
          Place::capability, open, notification("notifications/roots/list_changed"), ignored()),
      row("task_status_garbage", "`notifications/tasks/status` of nothing", rpc, open,
          notification("notifications/tasks/status", R"({"taskId":5,"status":[]})"), ignored()),
  };
  return group;
}

Group retained() {
  Group group{"retained_to_server",
              "What a broker kept from another time. Sessions begin with a subscription, and what "
              "comes then with the retain flag is nobody's word of now. (`retained_before_start` "
              "in the same test has a real broker keep garbage on all these topics.)",
              true,
              {}};
  const auto add = [&](std::string name, std::string sent, Place place, Stage stage,
                       std::string payload) {
    Row one =
        row(std::move(name), std::move(sent), place, stage, std::move(payload), warned("retained"));
    one.retain = true;
    one.no_broker = true;
    group.rows.push_back(std::move(one));
  };
  add("retained_initialize", "a retained `initialize`", Place::control, Stage::none,
      initialize(R"({"protocolVersion":"2025-11-25","capabilities":{}})"));
  add("retained_garbage", "retained garbage on the control topic", Place::control, Stage::none,
      "{");
  add("retained_goodbye", "a retained goodbye on the RPC topic", Place::rpc, Stage::open,
      notification("notifications/disconnected"));
  add("retained_request", "a retained request on the RPC topic", Place::rpc, Stage::open,
      request("7", "ping"));
  add("retained_presence", "a retained goodbye on the client's presence topic", Place::presence,
      Stage::open, notification("notifications/disconnected"));
  add("retained_capability", "a retained `roots/list_changed`", Place::capability, Stage::open,
      notification("notifications/roots/list_changed"));
  return group;
}

}  // namespace

std::vector<Group> lifecycle() { return {handshakes(), retained()}; }

std::vector<Group> broker_words() {
  Group server{"connack_to_server",
               "`MCP-SERVER-NAME` of CONNACK. A server-name that cannot be one is not adopted, and "
               "the server serves under its own.",
               true,
               {}};
  const auto name = [&](std::string row_name, std::string sent, std::string value) {
    server.rows.push_back({.name = std::move(row_name),
                           .sent = "`MCP-SERVER-NAME` " + std::move(sent),
                           .place = Place::connack,
                           .payload = text(std::move(value)),
                           .outcome = warned("MCP-SERVER-NAME cannot be used"),
                           .topic = "MCP-SERVER-NAME",
                           .no_broker = true});
  };
  name("name_with_plus", "with `+`", "desk/+");
  name("name_is_hash", "that is `#`", "#");
  name("name_empty", "that is empty", "");
  name("name_begins_with_slash", "that begins with `/`", "/desk");
  name("name_with_empty_level", "with an empty level", "desk//companion");
  name("name_with_nul", "with a NUL", std::string("de\0sk", 5));
  name("name_with_control", "with a control character", "desk\r\n");
  name("name_not_utf8", "that is not UTF-8", "desk\xff");
  name("name_of_300_levels", "of 300 levels", repeat("a/", 299) + "a");
  name("name_too_long", "of 65,000 bytes", repeat("a", 65'000));

  Group client{"connack_to_client",
               "`MCP-SERVER-NAME-FILTERS` and `MCP-RBAC` of CONNACK. What cannot be used counts as "
               "if it had not been sent, with a warning: the broker's own access rules hold in any "
               "case.",
               false,
               {}};
  const auto property = [&](std::string row_name, std::string which, std::string sent,
                            std::string value) {
    client.rows.push_back({.name = std::move(row_name),
                           .sent = "`" + which + "` " + std::move(sent),
                           .place = Place::connack,
                           .payload = text(std::move(value)),
                           .outcome = warned(which + " cannot be used"),
                           .topic = which,
                           .no_broker = true});
  };
  for (const std::string& which : std::vector<std::string>{"MCP-SERVER-NAME-FILTERS", "MCP-RBAC"}) {
    const std::string prefix = which == "MCP-RBAC" ? "rbac_" : "filters_";
    property(prefix + "not_json", which, "that is not JSON", "desk/#");
    property(prefix + "empty", which, "that is empty", "");
    property(prefix + "object", which, "that is an object", R"({"0":"#"})");
    property(prefix + "null", which, "that is null", "null");
    property(prefix + "of_numbers", which, "that is an array of numbers", "[1,2]");
    property(prefix + "deep", which, "of 20,000 levels", repeat("[", 20'000));
    property(prefix + "huge", which, "of 60,000 bytes, cut off", "[" + repeat("\"a\",", 15'000));
    property(prefix + "not_utf8", which, "that is not UTF-8", "[\"\xff\"]");
  }
  property("filters_bad_wildcard", "MCP-SERVER-NAME-FILTERS", "with the filter `desk+/#/x`",
           R"(["#","desk+/#/x"])");
  property("filters_other_topic", "MCP-SERVER-NAME-FILTERS", "with a filter with a NUL",
           "[\"a\\u0000b\"]");
  property("filters_empty_level", "MCP-SERVER-NAME-FILTERS", "with the filter `//#`", R"(["//#"])");
  property("rbac_without_role", "MCP-RBAC", "without `role_name`", R"([{"server_name":"a"}])");
  property("rbac_role_number", "MCP-RBAC", "with a `role_name` that is a number",
           R"([{"server_name":"a","role_name":5}])");
  return {server, client};
}

}  // namespace mcp_mqtt::hostile
