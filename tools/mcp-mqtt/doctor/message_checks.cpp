#include <algorithm>
#include <array>

#include "mcp-mqtt/doctor/checks.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// Room for a topic and properties beside the payload.
constexpr std::size_t envelope = 1024;

void skip_without_topics(Site& site, const std::string& check) {
  site.add({check, Verdict::skipped, "there is no topic that this user may both write and read",
            "allow the RPC topic first"});
}

void check_retained(Site& site) {
  const char* const check = "retained messages";
  site.now_checking(check);
  Probe& probe = site.main();
  if (!probe.info().retain_available) {
    site.add({check, Verdict::failed, "the broker keeps none, so no server can be found",
              "retain_available true in mosquitto.conf"});
    return;
  }
  const std::string topic = site.own_topic("kept");
  const auto given = [&] {
    if (!probe.subscribe(topic) || !site.fence()) return false;
    const bool got =
        probe
            .wait_for([&](const auto& message) { return message.topic == topic && message.retain; },
                      probe.route().grace)
            .has_value();
    (void)probe.unsubscribe(topic);
    return got;
  };
  const auto published = probe.publish({topic, "kept", true});
  if (!published) {
    site.add({check, Verdict::failed, published.error().message});
    return;
  }
  if (!given()) {
    site.add({check, Verdict::failed,
              "the broker took one, and a new subscription got nothing: no server can be found",
              "allow retained messages on $mcp-server/presence/#"});
    return;
  }
  const auto cleared = probe.publish({topic, "", true});
  if (!cleared || given()) {
    site.add({check, Verdict::failed,
              "one was kept, and an empty one does not clear it: servers that left stay visible",
              "an MQTT broker has to (MQTT 5, 3.3.1.3)"});
    return;
  }
  site.retained_works = true;
  site.add({check, Verdict::ok, "kept, given to a new subscription, and cleared"});
}

bool arrives_through(Site& site, const std::string& filter, const std::string& topic) {
  Probe& probe = site.main();
  if (!probe.subscribe(filter)) return false;
  const bool sent = probe.publish({topic, "through " + filter}).has_value();
  const bool got =
      sent && site.fence() &&
      probe.wait_for(on_topic(topic, "through " + filter), probe.route().grace).has_value();
  (void)probe.unsubscribe(filter);
  return got;
}

void check_wildcards(Site& site) {
  const char* const check = "wildcards";
  site.now_checking(check);
  if (!site.main().info().wildcard_subscription_available) {
    site.add({check, Verdict::failed,
              "the broker takes no subscriptions with wildcards: no server can be found",
              "switch them on in the broker"});
  } else if (!arrives_through(site, site.own_filter(), site.own_topic("plus"))) {
    site.add({check, Verdict::failed,
              "what a subscription with + covers does not come: no server can be found",
              "allow $mcp-server/presence/+/NAME to clients"});
  } else if (!arrives_through(site, site.own_subtree(), site.own_topic("subtree"))) {
    site.add({check, Verdict::warning, "+ works, and # does not",
              "clients need filters without #, such as desk/+"});
  } else {
    site.add({check, Verdict::ok, "+ and # work below $mcp-"});
  }
}

void check_no_local(Site& site) {
  const char* const check = "No Local";
  site.now_checking(check);
  Probe& probe = site.main();
  const std::string topic = site.own_topic("local");
  if (const auto subscribed = probe.subscribe(topic, true); !subscribed) {
    site.add({check, Verdict::failed, subscribed.error().message, "use a broker of MQTT 5"});
    return;
  }
  (void)probe.publish({topic, "mine"});
  const bool own = site.fence() && probe.wait_for(on_topic(topic), probe.route().grace);
  (void)probe.unsubscribe(topic);
  if (own) {
    site.add({check, Verdict::failed,
              "a program hears its own messages: it would answer its own requests",
              "use a broker that knows this option of MQTT 5 (3.8.3.1)"});
  } else {
    site.add({check, Verdict::ok, "a program does not hear itself"});
  }
}

void check_user_properties(Site& site) {
  const char* const check = "user properties";
  site.now_checking(check);
  Probe& probe = site.main();
  const std::string topic = site.own_topic("properties");
  const mqtt::UserProperties more{{"doctor", "one"}, {"doctor", "two \xE2\x9C\x93"}};
  mqtt::UserProperties wanted{
      {"MCP-COMPONENT-TYPE", probe.role() == Role::server ? "mcp-server" : "mcp-client"},
      {"MCP-MQTT-CLIENT-ID", probe.id()}};
  wanted.insert(wanted.end(), more.begin(), more.end());
  (void)probe.subscribe(topic);
  (void)probe.publish({.topic = topic, .payload = "properties", .properties = more});
  const auto came = probe.wait_for(on_topic(topic));
  (void)probe.unsubscribe(topic);
  if (came && came->user_properties == wanted) {
    site.add({check, Verdict::ok, "they arrive as they were sent, in their order"});
    return;
  }
  std::string lost;
  for (const auto& [name, value] : wanted) {
    const auto& all = came ? came->user_properties : mqtt::UserProperties();
    if (std::find(all.begin(), all.end(), std::pair(name, value)) == all.end()) {
      lost += (lost.empty() ? "" : ", ") + name;
    }
  }
  site.add({check, Verdict::failed,
            lost.empty() ? "they arrive changed" : "these get lost on the way: " + lost,
            "servers know their clients by MCP-MQTT-CLIENT-ID: let the broker pass them on"});
}

std::string bytes_text(std::size_t bytes) {
  return bytes >= 1024 * 1024 ? std::to_string(bytes >> 20U) + " MiB"
                              : std::to_string(bytes >> 10U) + " KiB";
}

void check_sizes(Site& site) {
  const char* const check = "message size";
  site.now_checking(check);
  const std::string topic = site.own_topic("size");
  (void)site.main().subscribe(topic);
  std::size_t passed = 0;
  std::string fault;
  for (const std::size_t size :
       std::array<std::size_t, 4>{4U << 10U, 64U << 10U, 256U << 10U, 1U << 20U}) {
    Probe& probe = site.main();
    const std::uint32_t limit = probe.info().maximum_packet_size;
    if (limit != 0 && size + envelope > limit) break;
    const std::string payload(size, 'x');
    const auto begin = std::chrono::steady_clock::now();
    const auto published = probe.publish({topic, payload});
    const bool came = published && probe.wait_for(on_topic(topic, payload)).has_value();
    if (!came) {
      fault = published ? "is taken, and does not come" : published.error().message;
      fault = bytes_text(size) + ": " + fault;
      break;
    }
    passed = size;
    // Over a slow line the next one would take too long.
    if (std::chrono::steady_clock::now() - begin > 1s) break;
  }
  if (!site.main().connected()) (void)site.reconnect_main();
  (void)site.main().unsubscribe(topic);
  const std::string most =
      passed == 0 ? "messages of 4 KiB do not pass" : "messages of " + bytes_text(passed) + " pass";
  if (fault.empty()) {
    site.add({check, Verdict::ok,
              passed == 0 ? "the maximum packet leaves no room for 4 KiB" : most, "", passed});
    return;
  }
  site.add(
      {check, passed < (64U << 10U) ? Verdict::failed : Verdict::warning, most + "; " + fault,
       "raise message_size_limit in mosquitto.conf, or name the limit with max_packet_size, so "
       "that programs know it",
       passed});
}

}  // namespace

void check_messages(Site& site) {
  const bool any = site.find_own_topics();
  for (const auto& [name, check] :
       {std::pair("retained messages", &check_retained), std::pair("wildcards", &check_wildcards),
        std::pair("No Local", &check_no_local),
        std::pair("user properties", &check_user_properties),
        std::pair("message size", &check_sizes)}) {
    if (any && site.main().connected()) {
      check(site);
    } else {
      skip_without_topics(site, name);
    }
  }
  const char* const topic = "$SYS/broker/version";
  site.now_checking(topic);
  Probe& probe = site.main();
  const bool asked = probe.connected() && probe.subscribe(topic).has_value();
  if (asked && any) (void)site.fence();
  const auto version = asked ? probe.wait_for(on_topic(topic), probe.route().grace) : std::nullopt;
  if (version) {
    site.add({"broker version", Verdict::ok, version->payload});
  } else {
    site.add({"broker version", Verdict::skipped, std::string(topic) + " says nothing to this user",
              "to see it: topic read " + std::string(topic)});
  }
}

void check_burst(Site& site) {
  const char* const check = "retained burst";
  constexpr std::uint16_t window = 10;
  constexpr std::size_t of_library = 1024;
  constexpr std::size_t stock_queue = 1000;
  const auto wanted = static_cast<std::size_t>(site.examination().burst);
  if (wanted == 0) return site.add({check, Verdict::skipped, "not asked for (--burst 0)"});
  if (!site.retained_works || site.main().info().maximum_qos == mqtt::Qos::at_most_once) {
    return site.add({check, Verdict::skipped, "it needs retained messages at QoS 1"});
  }
  site.now_checking(check);
  // Published and cleared again, in rounds of what the broker takes at once.
  const auto rounds = 2 * (wanted / site.main().info().receive_maximum + 1);
  const auto cost = site.round_trip.value_or(std::chrono::microseconds(1'000)) * rounds;
  if (cost > 5s) {
    return site.add({check, Verdict::skipped,
                     "over this line it would take " +
                         std::to_string(std::chrono::ceil<std::chrono::seconds>(cost).count()) +
                         " s",
                     "run it nearer to the broker, or with a smaller --burst"});
  }
  // Of few messages under way the rest has to queue: so few messages show the length of the queue.
  if (const auto again = site.reconnect_main({.receive_maximum = window}); !again) {
    return site.add({check, Verdict::skipped, again.error().message});
  }
  Probe& probe = site.main();
  std::vector<std::string> topics;
  for (std::size_t at = 0; at < wanted; ++at) {
    topics.push_back(site.own_topic("burst-" + std::to_string(at)));
  }
  const auto kept = probe.keep(topics, "burst", 20s);
  std::size_t came = 0;
  if (kept && probe.subscribe(site.own_filter())) {
    const auto of_burst = [](const mqtt::Message& message) { return message.payload == "burst"; };
    came = probe.count(of_burst, wanted, 500ms);
    (void)probe.unsubscribe(site.own_filter());
  }
  const auto cleared = probe.keep(topics, "", 20s);
  if (!kept || !cleared) {
    return site.add({check, Verdict::warning,
                     "not all of " + std::to_string(wanted) + " could be kept or cleared: " +
                         (kept ? cleared.error() : kept.error()).message});
  }
  if (came >= wanted) {
    return site.add({check,
                     Verdict::ok,
                     "all of " + std::to_string(wanted) + " came at once",
                     "",
                     {{"sent", wanted}, {"came", came}}});
  }
  const std::size_t queue = came > window ? came - window : 0;
  site.add({check,
            queue < stock_queue * 9 / 10 ? Verdict::warning : Verdict::ok,
            std::to_string(came) + " of " + std::to_string(wanted) + " came: the broker queues " +
                std::to_string(queue) + " and drops the rest, so a client finds about " +
                std::to_string(queue + of_library) + " servers at once",
            "where there are more, raise max_queued_messages in mosquitto.conf, or narrow the "
            "filters",
            {{"sent", wanted}, {"came", came}, {"queue", queue}}});
}

void check_will(Site& site) {
  const char* const check = "will";
  site.now_checking(check);
  if (!site.retained_works) {
    return site.add({check, Verdict::skipped, "it needs retained messages to be seen"});
  }
  const std::string topic = site.own_topic("will");
  mqtt::Message will{topic, "gone", mqtt::Qos::at_least_once, true, {}};
  will.qos = std::min(will.qos, site.main().info().maximum_qos);
  auto connected = site.reconnect_main({.will = will});
  if (!connected) return site.add({check, Verdict::failed, connected.error().message});
  site.main().expect_kept(topic);
  site.main().vanish();
  connected = site.reconnect_main();
  if (!connected) return site.add({check, Verdict::failed, connected.error().message});
  Probe& probe = site.main();
  // It is kept already, or comes now.
  const bool came = probe.subscribe(topic) && probe.wait_for(on_topic(topic, "gone"));
  (void)probe.unsubscribe(topic);
  (void)probe.publish({topic, "", true});
  if (came) {
    site.add({check, Verdict::ok, "published when its program was cut off"});
  } else {
    site.add({check, Verdict::failed,
              "not published when its program was cut off: servers and clients that die stay known",
              "let the broker publish wills; a denied one it drops in silence"});
  }
}

}  // namespace mcp_mqtt::command_line
