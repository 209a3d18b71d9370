#include <mcp_mqtt/error.hpp>

#include "hostile/row.hpp"

// Who is asking: names that would leave their topic, and senders that are somebody else.
namespace mcp_mqtt::hostile {
namespace {

std::string initialize(const std::string& id = "1") {
  return request(id, "initialize",
                 R"({"protocolVersion":"2025-11-25","capabilities":{},)"
                 R"("clientInfo":{"name":"mallory","version":"0"}})");
}

Row client_id(std::string name, std::string sent, std::string id, bool no_broker = false) {
  Row row;
  row.name = std::move(name);
  row.sent = "`initialize` under a client id " + std::move(sent);
  row.place = Place::control;
  row.stage = Stage::none;
  row.payload = text(initialize());
  row.sender = std::move(id);
  row.no_broker = no_broker;
  row.outcome = warned("a client id that cannot be used");
  return row;
}

}  // namespace

std::vector<Group> names_and_senders() {
  Group ids{"client_ids",
            "The client id of an `initialize` becomes part of the topics that the server "
            "subscribes and publishes to.",
            true,
            {}};
  ids.rows = {
      client_id("id_with_slash", "with `/`, which would reach into another's topics", "a/b"),
      client_id("id_with_plus", "with `+`, which would subscribe to all clients", "a+"),
      client_id("id_is_plus", "that is `+`", "+"),
      client_id("id_is_hash", "that is `#`", "#"),
      client_id("id_with_hash", "with `#`", "x#y"),
      client_id("id_of_200_levels", "of 200 levels", repeat("a/", 199) + "a"),
      client_id("id_too_long", "of 2,000 bytes", repeat("x", 2'000)),
      client_id("id_with_nul", "with a NUL", std::string("a\0b", 3), true),
      client_id("id_with_control", "with a line feed", "a\nb", true),
      client_id("id_with_escape", "with a terminal's escape sequence", "a\x1b[2Jb", true),
      client_id("id_with_c1_control", "with U+0085", "a\xc2\x85", true),
      client_id("id_with_noncharacter", "with U+FFFF", "a\xef\xbf\xbf", true),
      client_id("id_not_utf8", "that is not UTF-8", "a\xff\xfe", true),
      client_id("id_overlong_utf8", "with `/` in overlong UTF-8", "a\xc0\xaf", true),
  };
  ids.rows.push_back({.name = "id_is_missing",
                      .sent = "`initialize` without `MCP-MQTT-CLIENT-ID`",
                      .place = Place::control,
                      .payload = text(initialize()),
                      .outcome = warned("nobody to answer to"),
                      .stage = Stage::none,
                      .sender = ""});

  Group topics{"topics_to_server",
               "Topics that a broker would not pass on, handed over all the same.",
               true,
               {}};
  const auto topic = [&](std::string name, std::string sent, std::string where) {
    topics.rows.push_back({.name = std::move(name),
                           .sent = "a request on " + std::move(sent),
                           .place = Place::topic,
                           .payload = text(request("7", "ping")),
                           .outcome = ignored(),
                           .topic = std::move(where),
                           .no_broker = true});
  };
  topic("topic_empty", "an empty topic", "");
  topic("topic_of_others", "a topic that is none of MCP's", "plant/1/state");
  topic("topic_without_name", "an RPC topic without a server-name", "$mcp-rpc/$SELF/server-1");
  topic("topic_wildcard", "an RPC topic with wildcards", "$mcp-rpc/+/server-1/desk/companion");
  topic("topic_with_nul", "an RPC topic with a NUL",
        std::string("$mcp-rpc/$SELF/server-1/desk/compan\0ion", 39));
  topic("topic_not_utf8", "an RPC topic that is not UTF-8", "$mcp-rpc/$SELF/server-1/desk/\xff");
  topic("topic_of_250_levels", "an RPC topic of 250 levels",
        "$mcp-rpc/$SELF/server-1/" + repeat("a/", 247) + "a");
  topic("topic_too_long", "an RPC topic of 70,000 bytes",
        "$mcp-rpc/$SELF/server-1/" + repeat("a", 70'000));
  topic("topic_of_other_server", "the RPC topic of another server",
        "$mcp-rpc/$SELF/server-2/desk/companion");
  topic("topic_of_other_name", "the RPC topic of another service",
        "$mcp-rpc/$SELF/server-1/desk/other");

  Group spoofed{"senders_to_server",
                "`MCP-MQTT-CLIENT-ID` must name the client whose topic it is. The victim is a "
                "client of this library with an open session and a call under way.",
                true,
                {}};
  spoofed.rows = {
      {.name = "rpc_of_another",
       .sent = "a request on the RPC topic of another client, under the sender's own id",
       .place = Place::victim_rpc,
       .payload = text(request("1", "ping")),
       .outcome = warned("on its topic is dropped")},
      {.name = "goodbye_of_another",
       .sent = "`notifications/disconnected` on the RPC topic of another client",
       .place = Place::victim_rpc,
       .payload = text(notification("notifications/disconnected")),
       .outcome = warned("on its topic is dropped")},
      {.name = "cancel_on_rpc_of_another",
       .sent = "`notifications/cancelled` for a call of another client, on its RPC topic",
       .place = Place::victim_rpc,
       .payload = text("[" + notification("notifications/cancelled", R"({"requestId":2})") + "," +
                       notification("notifications/cancelled", R"({"requestId":3})") + "]"),
       .outcome = warned("on its topic is dropped")},
      {.name = "capability_of_another",
       .sent = "`roots/list_changed` on the capability topic of another client",
       .place = Place::victim_capability,
       .payload = text(notification("notifications/roots/list_changed")),
       .outcome = warned("on its topic is dropped")},
      {.name = "presence_of_another",
       .sent = "`notifications/disconnected` on the presence topic of another client",
       .place = Place::victim_presence,
       .payload = text(notification("notifications/disconnected")),
       .outcome = warned("on its topic is dropped")},
      {.name = "empty_presence_of_another",
       .sent = "an empty message on the presence topic of another client",
       .place = Place::victim_presence,
       .payload = text(""),
       .outcome = warned("on its topic is dropped")},
      {.name = "own_topic_under_other_id",
       .sent = "a request on the sender's own RPC topic, under the id of another client",
       .payload = text(request("7", "ping")),
       .outcome = warned("on its topic is dropped"),
       .sender = "victim-1"},
      {.name = "initialize_for_another",
       .sent = "`initialize` under the id of a client with a live session",
       .place = Place::control,
       .payload = text(initialize(R"("x")")),
       .outcome = ignored(),
       .sender = "victim-1"},
      {.name = "garbage_for_another",
       .sent = "garbage on the control topic, under the id of a client with a live session",
       .place = Place::control,
       .payload = text("{"),
       .outcome = ignored(),
       .sender = "victim-1"},
      {.name = "component_is_server",
       .sent = "a request of a client that says it is an `mcp-server`; nothing rests on that",
       .payload = text(request("7", "ping")),
       .outcome = answered(7),
       .component = "mcp-server"},
      {.name = "component_is_unknown",
       .sent = "a request with an unknown `MCP-COMPONENT-TYPE`",
       .payload = text(request("7", "ping")),
       .outcome = answered(7),
       .component = "mcp-\"<garbage>"},
      {.name = "initialize_of_a_server",
       .sent = "`initialize` of somebody who says it is an `mcp-server`",
       .place = Place::control,
       .payload = text(initialize("7")),
       .outcome = answered(7),
       .stage = Stage::none,
       .component = "mcp-server"},
  };
  return {ids, topics, spoofed};
}

}  // namespace mcp_mqtt::hostile
