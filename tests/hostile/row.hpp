#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/json.hpp>
#include <mcp_mqtt/mqtt/transport.hpp>
#include <mcp_mqtt/session.hpp>

// The rows of the bad-input table: what somebody sends, to whom, and what is to come of it. The
// tests and docs/hostile_input.md are made of them.
namespace mcp_mqtt::hostile {

enum class Place {
  control,     ///< The server's control topic.
  rpc,         ///< The sender's own RPC topic with the server (or the server's with a client).
  capability,  ///< The sender's own capability topic.
  presence,    ///< The sender's own presence topic.
  victim_rpc,  ///< The RPC topic of another client (or of another server).
  victim_capability,  ///< The capability topic of another.
  victim_presence,    ///< The presence topic of another.
  topic,              ///< Any topic: Row::topic.
  answer,             ///< In answer to the request that Row::call brings about.
  other_answer,       ///< In answer to a request that was put to another.
  handshake,          ///< In answer to `initialize`.
  connack,            ///< In CONNACK, as the user property Row::topic.
};

/// How far the sender's session with its target is before.
enum class Stage { none, proposed, open };

struct Outcome {
  enum class Kind {
    ignored,    ///< Nothing comes of it.
    warned,     ///< As ignored, and the log has a warning with `text`.
    answered,   ///< An answer with a result.
    refused,    ///< An error answer with `code`.
    ended,      ///< The sender's session is over.
    failed,     ///< The call (or open()) fails with `error`.
    succeeded,  ///< The call (or open()) returns.
    found,      ///< The instance is found.
    not_found,  ///< It is not.
  };
  Kind kind = Kind::ignored;
  int code = 0;
  Json id = "any";  ///< Of the answer; "any": not looked at.
  std::string text = {};
  ErrorKind error = ErrorKind::rpc;
};

inline Outcome ignored() { return {}; }
inline Outcome warned(std::string text) {
  return {.kind = Outcome::Kind::warned, .text = std::move(text)};
}
inline Outcome answered(Json id = "any") {
  return {.kind = Outcome::Kind::answered, .id = std::move(id)};
}
inline Outcome refused(int code, Json id = "any") {
  return {.kind = Outcome::Kind::refused, .code = code, .id = std::move(id)};
}
inline Outcome ended() { return {.kind = Outcome::Kind::ended}; }
inline Outcome failed(ErrorKind error) { return {.kind = Outcome::Kind::failed, .error = error}; }
inline Outcome succeeded() { return {.kind = Outcome::Kind::succeeded}; }
inline Outcome found() { return {.kind = Outcome::Kind::found}; }
inline Outcome not_found() { return {.kind = Outcome::Kind::not_found}; }

struct Row {
  std::string name;
  std::string sent;  ///< In words.
  Place place = Place::rpc;
  /// Made when it is sent, since some are large. `$ID` stands for the id of the request that is
  /// answered.
  std::function<std::string()> payload = {};
  Outcome outcome = {};
  Stage stage = Stage::open;
  /// Sent before, on the same topic; nothing is expected of it.
  std::function<std::string()> before = {};
  std::string topic = {};
  /// `MCP-MQTT-CLIENT-ID`; unset: the sender's own. Empty: the property is missing.
  std::optional<std::string> sender = {};
  std::string component = {};  ///< `MCP-COMPONENT-TYPE`; empty: the sender's own.
  bool retain = false;
  /// No broker passes it on, or no library sends it: it is handed to the target as if one had.
  bool no_broker = false;
  std::string revision = "2025-11-25";
  /// What the host calls in the session with the hostile server.
  std::function<void(const ClientSession&)> call = {};
};

/// Rows that share a heading, a test and an idea.
struct Group {
  std::string name;
  std::string about;  ///< A sentence for the document.
  bool to_server = true;
  std::vector<Row> rows;
};

const std::vector<Group>& groups();

// The table, in parts.
std::vector<Group> names_and_senders();
std::vector<Group> payloads();
std::vector<Group> requests();
std::vector<Group> lifecycle();
std::vector<Group> broker_words();
std::vector<Group> presence_to_clients();
std::vector<Group> answers_to_clients();
std::vector<Group> messages_to_clients();

// --- For payloads.
inline std::function<std::string()> text(std::string payload) {
  return [payload = std::move(payload)] { return payload; };
}
std::string repeat(std::string_view piece, std::size_t times);
/// A request; `params` as it stands in the text.
std::string request(const std::string& id, const std::string& method,
                    const std::string& params = "{}");
std::string notification(const std::string& method, const std::string& params = "{}");

}  // namespace mcp_mqtt::hostile
