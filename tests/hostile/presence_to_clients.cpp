#include "hostile/row.hpp"

// What somebody publishes as the presence of a server. A presence is `notifications/server/online`
// on `$mcp-server/presence/SERVER-ID/SERVER-NAME`; names come from the topic alone.
namespace mcp_mqtt::hostile {
namespace {

std::string online(const std::string& params) {
  return notification("notifications/server/online", params);
}

Row presence(std::string name, std::string sent, std::function<std::string()> payload,
             Outcome outcome) {
  Row row;
  row.name = std::move(name);
  row.sent = std::move(sent);
  row.place = Place::presence;
  row.stage = Stage::none;
  row.payload = std::move(payload);
  row.outcome = std::move(outcome);
  row.retain = true;
  return row;
}

Group payloads_of_presence() {
  Group group{"presence",
              "Presence that is none, and presence whose members are of the wrong type: the first "
              "is ignored, the second read without them. All of it retained.",
              false,
              {}};
  const auto bad = [&](std::string name, std::string sent, std::function<std::string()> payload) {
    group.rows.push_back(
        presence(std::move(name), std::move(sent), std::move(payload), warned("is ignored")));
  };
  const auto good = [&](std::string name, std::string sent, std::string payload) {
    group.rows.push_back(
        presence(std::move(name), std::move(sent), text(std::move(payload)), found()));
  };
  bad("online_garbage", "garbage", text("\x01\x02"));
  bad("online_spaces", "a space", text(" "));
  bad("online_null", "`null`", text("null"));
  bad("online_number", "a number", text("1"));
  bad("online_array", "an array", text("[]"));
  bad("online_batch", "a presence in a batch", text("[" + online("{}") + "]"));
  bad("online_with_id", "a presence with an id", text(request("1", "notifications/server/online")));
  bad("online_other_method", "another notification", text(notification("notifications/message")));
  bad("online_result", "a result", text(R"({"jsonrpc":"2.0","id":1,"result":{}})"));
  bad("online_params_array", "a presence with params by position", text(online("[]")));
  bad("online_not_utf8", "a presence that is not UTF-8",
      text(online("{\"description\":\"\xff\"}")));
  bad("online_nested_65", "a presence of 65 levels",
      text(online(R"({"meta":{"a":)" + repeat("[", 62) + repeat("]", 62) + "}}")));
  bad("online_nested_100000", "a presence of 100,000 levels",
      [] { return online(R"({"meta":)" + repeat("[", 100'000) + repeat("]", 100'000) + "}"); });
  bad("online_1_mb", "a presence of 1 MB",
      [] { return online(R"({"description":")" + repeat("d", 1'000'000) + "\"}"); });
  bad("online_1e400", "a presence with a number beyond a double",
      text(online(R"({"meta":{"n":1e400}})")));
  good("online_empty_params", "a presence without params", online("{}"));
  good("online_null_params", "a presence with params null", online("null"));
  good("online_wrong_types", "a presence with a description 5 and a meta `[]`",
       online(R"({"server_name":7,"description":5,"meta":[]})"));
  good("online_other_name", "a presence that gives another server-name than its topic",
       online(R"({"server_name":"desk/companion","description":"","meta":{}})"));
  good("online_name_with_wildcard", "a presence that gives the server-name `#`",
       online(R"({"server_name":"#","description":"\u001b[2J","meta":{}})"));
  good("online_roles_number", "roles that are a number",
       online(R"({"meta":{"rbac":{"roles":5}}})"));
  good("online_roles_of_numbers", "roles that are numbers and null",
       online(R"({"meta":{"rbac":{"roles":[5,null,{"name":5},{"name":"operator"}]}}})"));
  good("online_role_lists", "a role whose lists are text, numbers and null",
       online(R"({"meta":{"rbac":{"roles":[{"name":"operator","allowed_methods":"x",)"
              R"("allowed_tools":[5,null],"allowed_resources":{}}]}}})"));
  good("online_rbac_array", "an `rbac` that is an array", online(R"({"meta":{"rbac":[[[]]]}})"));
  return group;
}

Group topics_of_presence() {
  Group group{"presence_topics",
              "Presence on topics that hold no names of a server. They are handed over as no "
              "broker would.",
              false,
              {}};
  const auto add = [&](std::string name, std::string sent, std::string id,
                       const std::string& server_name) {
    Row row =
        presence(std::move(name), "presence " + std::move(sent), text(online("{}")), not_found());
    row.place = Place::topic;
    row.topic = "$mcp-server/presence/" + std::move(id) + "/" + server_name;
    row.no_broker = true;
    row.sender = "";
    group.rows.push_back(std::move(row));
  };
  add("presence_of_nobody", "of an empty server-id", "", "evil");
  add("presence_of_nothing", "of an empty server-name", "s", "");
  add("presence_id_reserved", "of a server-id `presence`", "presence", "evil");
  add("presence_id_capability", "of a server-id `capability`", "capability", "evil");
  add("presence_id_plus", "of a server-id with `+`", "a+", "evil");
  add("presence_id_hash", "of a server-id `#`", "#", "evil");
  add("presence_id_too_long", "of a server-id of 2,000 bytes", repeat("s", 2'000), "evil");
  add("presence_id_not_utf8", "of a server-id that is not UTF-8", "s\xff", "evil");
  add("presence_name_plus", "of a server-name with `+`", "s", "evil/+");
  add("presence_name_hash", "of a server-name `#`", "s", "#");
  add("presence_name_empty_level", "of a server-name with an empty level", "s", "evil//x");
  add("presence_name_slash", "of a server-name that ends with `/`", "s", "evil/");
  add("presence_name_nul", "of a server-name with a NUL", "s", std::string("ev\0il", 5));
  add("presence_name_control", "of a server-name with a line feed", "s", "evil\nx");
  add("presence_name_not_utf8", "of a server-name that is not UTF-8", "s", "evil\xc3");
  add("presence_name_300_levels", "of a server-name of 300 levels", "s", repeat("a/", 299) + "a");
  add("presence_name_too_long", "of a server-name of 70,000 bytes", "s", repeat("a", 70'000));
  return group;
}

Group senders_of_presence() {
  Group group{"senders_to_client",
              "`MCP-MQTT-CLIENT-ID` must name the server whose topic it is. The victim is a server "
              "of this library with which the client has an open session.",
              false,
              {}};
  const auto add = [&](std::string name, std::string sent, Place place, Stage stage,
                       std::string payload) {
    Row row;
    row.name = std::move(name);
    row.sent = std::move(sent);
    row.place = place;
    row.stage = stage;
    row.payload = text(std::move(payload));
    row.outcome = warned("of somebody else");
    group.rows.push_back(std::move(row));
  };
  add("presence_cleared_by_another", "an empty presence of another server, under the sender's id",
      Place::victim_presence, Stage::none, "");
  add("presence_changed_by_another", "a presence of another server, under the sender's id",
      Place::victim_presence, Stage::none, online(R"({"description":"free beer"})"));
  add("rpc_of_another_server",
      "a goodbye on the RPC topic of another server, under the sender's id", Place::victim_rpc,
      Stage::none, notification("notifications/disconnected"));
  add("answer_of_another_server",
      "results for the next requests, on the RPC topic of another server, under the sender's id",
      Place::victim_rpc, Stage::none, R"({"jsonrpc":"2.0","id":3,"result":{"content":[]}})");
  add("capability_of_another_server",
      "`tools/list_changed` on the capability topic of another server, under the sender's id",
      Place::victim_capability, Stage::none, notification("notifications/tools/list_changed"));
  for (Row& row : group.rows) {
    if (row.place != Place::victim_presence) row.outcome = warned("on its topic is dropped");
  }
  Row own;
  own.name = "server_under_other_id";
  own.sent = "a request on the sender's own RPC topic, under the id of another server";
  own.payload = text(request("7", "ping"));
  own.outcome = warned("on its topic is dropped");
  own.sender = "good-1";
  group.rows.push_back(own);
  return group;
}

}  // namespace

std::vector<Group> presence_to_clients() {
  return {payloads_of_presence(), topics_of_presence(), senders_of_presence()};
}

}  // namespace mcp_mqtt::hostile
