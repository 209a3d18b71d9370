#include <utility>

#include "mcp-mqtt/doctor/checks.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// A topic of MCP over MQTT, and who uses it how.
struct Use {
  const char* check;
  Role writer;
  std::string topic;
  std::string filter;  ///< As the reader subscribes it.
  std::string purpose;
  /// An empty one clears a presence that nobody has, so no client finds anything.
  std::string payload = "mcp-mqtt doctor";
  bool retain = false;
  bool no_local = false;
  bool exact_server = false;  ///< An ACL may name the server-id that the client writes to.
};

constexpr int unspecified_error = 0x80;

Role reader_of(const Use& use) { return use.writer == Role::server ? Role::client : Role::server; }

bool is_denial(const Error& error) {
  return error.kind == ErrorKind::refused && error.code >= unspecified_error;
}

/// The line of a mosquitto ACL file that is missing.
std::string advice(Site& site, const Probe& probe, const std::string& access,
                   const std::string& topic) {
  const std::string& user = probe.route().broker.username;
  std::string out = "the ACL lacks, for " +
                    (user.empty() ? "users without a name" : "user '" + user + "'") + ": topic " +
                    access + ' ' + topic;
  const bool any_name = site.examination().server_name.empty();
  const bool both = site.examination().as == Examination::As::both;
  if (any_name) out += "; or use --name, if it knows certain names only";
  if (both) out += (any_name ? ", and" : "; or use") + std::string(" --as, if it knows one side");
  return out;
}

class TopicCheck {
 public:
  TopicCheck(Site& site, Use use) : site_(site), use_(std::move(use)) {}

  /// Whether the message got from one side to the other.
  bool run() {
    site_.now_checking(use_.check);
    Probe* const writer = of(use_.writer);
    Probe* const reader = of(reader_of(use_));
    if (writer != nullptr && reader != nullptr) return from_one_to_the_other(*writer, *reader);
    if (writer != nullptr) {
      only_written(*writer);
    } else {
      only_read(*reader);
    }
    return false;
  }

 private:
  Probe* of(Role role) { return role == Role::server ? site_.server() : site_.client(); }

  void say(Verdict verdict, const std::string& seen, const std::string& what_to_do = {}) {
    site_.add({use_.check, verdict, seen, what_to_do, {{"topic", use_.topic}}});
  }

  /// Where one connection plays both sides, it is the side that counts.
  static std::string who(const Probe& probe, Role role) {
    return std::string("the ") + to_string(role) + " '" + probe.id() + "'";
  }

  bool subscribed(Probe& reader) {
    const auto subscribed = reader.subscribe(use_.filter, use_.no_local && site_.is_pair());
    if (subscribed) return true;
    const Error& error = subscribed.error();
    if (is_denial(error)) {
      say(Verdict::failed, who(reader, reader_of(use_)) + " may not subscribe to " + use_.filter,
          advice(site_, reader, "read", use_.filter));
    } else {
      say(Verdict::failed, use_.filter + ": " + error.message);
    }
    return false;
  }

  /// A client alone writes to a server's own topic, whose server-id is made up then.
  bool reads_nobody() const {
    return use_.exact_server && use_.writer == Role::client && site_.server() == nullptr;
  }

  bool published(Probe& writer) {
    const bool retain = use_.retain && writer.info().retain_available;
    const auto published = writer.publish({use_.topic, use_.payload, retain}, use_.writer);
    if (published) return true;
    const Error& error = published.error();
    if (is_denial(error) && reads_nobody()) {
      say(Verdict::skipped,
          use_.purpose +
              ": an ACL that names each server knows none that is "
              "made up",
          "--peer-username names a user for the other side");
    } else if (is_denial(error)) {
      say(Verdict::failed, who(writer, use_.writer) + " may not publish to " + use_.topic,
          advice(site_, writer, "write", use_.topic));
    } else {
      say(Verdict::failed, use_.topic + ": " + error.message);
    }
    return false;
  }

  bool heard(Probe& writer, Probe& reader) {
    const auto wanted = on_topic(use_.topic, use_.payload);
    if (!site_.rpc_works) return reader.wait_for(wanted).has_value();
    // Behind it a message that is known to arrive: so a denial costs no waiting.
    const std::string mark = std::string("after the ") + use_.check;
    if (writer.publish({site_.rpc_topic(), mark})) {
      (void)reader.wait_for(on_topic(site_.rpc_topic(), mark));
    }
    return reader.wait_for(wanted, reader.route().grace).has_value();
  }

  bool from_one_to_the_other(Probe& writer, Probe& reader) {
    if (!subscribed(reader) || !published(writer)) return false;
    if (heard(writer, reader)) {
      say(Verdict::ok, use_.purpose);
      return true;
    }
    say(Verdict::failed,
        who(writer, use_.writer) + " published to " + use_.topic + ", and " +
            who(reader, reader_of(use_)) + " hears nothing, though its subscription was granted",
        advice(site_, reader, "read", use_.filter));
    return false;
  }

  void only_written(Probe& writer) {
    if (!published(writer)) return;
    say(Verdict::ok, use_.purpose + ": the broker takes it; who hears it was not looked at",
        "--peer-username names a user for the other side");
  }

  void only_read(Probe& reader) {
    if (!subscribed(reader)) return;
    // Where the user may write there, too, it can prove it alone.
    if (reader.publish({use_.topic, use_.payload}, use_.writer) &&
        reader.wait_for(on_topic(use_.topic, use_.payload), 500ms)) {
      say(Verdict::ok, use_.purpose);
      return;
    }
    say(Verdict::skipped,
        use_.purpose +
            ": the subscription is granted, which mosquitto does even where it is denied",
        "--peer-username names a user for the other side, who can prove it");
  }

  Site& site_;
  const Use use_;
};

}  // namespace

void check_topics(Site& site) {
  const std::string server = site.server_id() + '/' + site.server_name();
  const std::string& client = site.client_id();
  const std::string rpc = site.rpc_topic();
  const bool to_server =
      TopicCheck(site, {"RPC topic to server", Role::client, rpc, rpc,
                        "requests get from a client to a server", "from the client", false, true})
          .run();
  const bool to_client =
      TopicCheck(site, {"RPC topic to client", Role::server, rpc, rpc,
                        "answers get from a server to a client", "from the server", false, true})
          .run();
  site.rpc_works = to_server && to_client;
  for (Use& use : std::vector<Use>{
           {"presence topic", Role::server, "$mcp-server/presence/" + server,
            "$mcp-server/presence/+/" + site.server_name(), "clients find the server", "", true},
           {"control topic", Role::client, "$mcp-server/" + server, "$mcp-server/" + server,
            "the server hears initialize", "mcp-mqtt doctor", false, false, true},
           {"capability topic", Role::server, "$mcp-server/capability/" + server,
            "$mcp-server/capability/" + server, "clients hear of changed lists"},
           {"client presence topic", Role::client, "$mcp-client/presence/" + client,
            "$mcp-client/presence/" + client, "the server hears that a client is gone"},
           {"client capability topic", Role::client, "$mcp-client/capability/" + client,
            "$mcp-client/capability/" + client, "the server hears of changed roots"}}) {
    TopicCheck(site, std::move(use)).run();
  }
}

}  // namespace mcp_mqtt::command_line
