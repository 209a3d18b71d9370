#include <algorithm>

#include "mcp-mqtt/doctor/checks.hpp"
#include "mcp-mqtt/numbers.hpp"

namespace mcp_mqtt::command_line {
namespace {

/// mosquitto takes 20 at once by itself.
constexpr std::uint16_t small_receive_maximum = 10;
/// A tool's image or file is soon larger.
constexpr std::uint32_t small_packet = 64 * 1024;

std::optional<std::string> connack_property(const mqtt::ConnectionInfo& info,
                                            const std::string& name) {
  for (const auto& [key, value] : info.user_properties) {
    if (key == name) return value;
  }
  return std::nullopt;
}

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

void tell_of_tls(Site& site, const mqtt::BrokerUrl& broker) {
  if (broker.uses_tls()) {
    site.add({"TLS", Verdict::ok, "the broker's certificate is valid and names " + broker.host});
  } else if (is_this_machine(broker.host)) {
    site.add({"TLS", Verdict::ok, "none, and nothing leaves this machine"});
  } else {
    site.add({"TLS", Verdict::warning, "none: others on the way can read all, passwords too",
              "give the broker a TLS listener and use mqtts://"});
  }
}

void tell_of_id(Site& site) {
  Probe& probe = site.main();
  if (site.id_is_user_name()) {
    site.add({"client id", Verdict::ok, "the broker makes the user name the client id",
              "give programs their user name as server_id, or as client_id with fixed_client_id; "
              "each user has one connection at a time"});
    return;
  }
  const std::string& asked = site.examination().client_id;
  if (!asked.empty() && asked != probe.id()) {
    site.add({"client id", Verdict::warning,
              "the broker gave the id '" + probe.id() + "' in place of '" + asked + "'",
              "give programs that id"});
    return;
  }
  site.add({"client id", Verdict::ok, "programs choose theirs; this one is '" + probe.id() + "'"});
}

/// An array of filters, or of grants.
void tell_of_array(Site& site, const std::string& property, bool of_texts) {
  const auto text = connack_property(site.client()->info(), property);
  if (!text) return;
  const Json value = Json::parse(*text, nullptr, false);
  const bool usable =
      value.is_array() && std::all_of(value.begin(), value.end(), [&](const Json& member) {
        if (of_texts) return member.is_string();
        return member.is_object() && member.contains("server_name") && member.contains("role_name");
      });
  if (usable) {
    site.add({property, Verdict::ok, value.dump(-1, ' ', false, Json::error_handler_t::replace), "",
              value});
  } else {
    site.add({property, Verdict::failed,
              "is no JSON array of " + std::string(of_texts ? "filters" : "roles") + ": " + *text,
              "mend what the broker sends in CONNACK"});
  }
}

void tell_of_names(Site& site) {
  if (Probe* server = site.server()) {
    if (const auto name = connack_property(server->info(), "MCP-SERVER-NAME")) {
      if (site.examination().server_name.empty()) site.adopt_server_name(*name);
      site.add({"MCP-SERVER-NAME", Verdict::ok, "servers of this user are called '" + *name + "'"});
    }
  }
  if (site.client() != nullptr) {
    tell_of_array(site, "MCP-SERVER-NAME-FILTERS", true);
    tell_of_array(site, "MCP-RBAC", false);
  }
}

void tell_of_limits(Site& site, const mqtt::ConnectionInfo& info) {
  if (info.receive_maximum < small_receive_maximum) {
    site.add({"receive maximum", Verdict::warning,
              std::to_string(info.receive_maximum) +
                  " unacknowledged messages at once: the next waits for a round trip",
              "max_inflight_messages 20 or more in mosquitto.conf", info.receive_maximum});
  } else {
    site.add({"receive maximum", Verdict::ok,
              std::to_string(info.receive_maximum) + " unacknowledged messages at once", "",
              info.receive_maximum});
  }
  const int qos = static_cast<int>(info.maximum_qos);
  if (qos == 0) {
    site.add(
        {"maximum QoS", Verdict::failed,
         "0, and programs publish at QoS 1 unless they are told otherwise",
         "max_qos 1 or 2 in mosquitto.conf; or Qos::at_most_once in the options of each program",
         qos});
  } else {
    site.add({"maximum QoS", Verdict::ok, std::to_string(qos), "", qos});
  }
  if (!info.server_keep_alive) {
    site.add({"keep-alive", Verdict::ok, "the client's own counts"});
  } else {
    const auto seconds = info.server_keep_alive->count();
    const bool short_one = seconds > 0 && seconds < 5;
    site.add({"keep-alive", short_one ? Verdict::warning : Verdict::ok,
              "the broker prescribes " + std::to_string(seconds) + " s",
              short_one ? "5 s or more: libmosquitto pings no more often (max_keepalive in "
                          "mosquitto.conf)"
                        : "",
              seconds});
  }
  const std::uint32_t packet = info.maximum_packet_size;
  if (packet != 0 && packet < small_packet) {
    site.add({"maximum packet", Verdict::warning,
              std::to_string(packet) + " bytes: a larger answer of a server becomes an error",
              "raise max_packet_size in mosquitto.conf", packet});
  } else {
    site.add({"maximum packet", Verdict::ok,
              packet == 0 ? "the broker names no limit" : std::to_string(packet) + " bytes", "",
              packet == 0 ? Json(nullptr) : Json(packet)});
  }
}

}  // namespace

void check_connection(Site& site) {
  const Probe& probe = site.main();
  const mqtt::BrokerUrl& broker = probe.route().broker;
  site.add({"MQTT 5",
            Verdict::ok,
            broker.to_string() + " answered in " + milliseconds_text(site.connect_time()),
            "",
            {{"connect_us", site.connect_time().count()}}});
  tell_of_tls(site, broker);
  tell_of_id(site);
  tell_of_names(site);
  tell_of_limits(site, probe.info());
}

}  // namespace mcp_mqtt::command_line
