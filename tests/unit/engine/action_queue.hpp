#pragma once

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/client_actions.hpp"
#include "engine/server_actions.hpp"

// What an engine asked for, in readable form and in order.
namespace mcp_mqtt::engine::test {

inline std::string describe(const Error& error) {
  return std::string(to_string(error.kind)) + " " + std::to_string(error.code) + ": " +
         error.message;
}

struct Describe {
  std::string operator()(const Subscribe& a) const {
    return "Subscribe " + a.subscription.filter + (a.subscription.no_local ? " (no local)" : "");
  }
  std::string operator()(const Unsubscribe& a) const { return "Unsubscribe " + a.filter; }
  std::string operator()(const Publish& a) const {
    return "Publish " + a.message.topic + " " + a.message.payload;
  }
  std::string operator()(const RunHandler& a) const {
    return "RunHandler " + a.method + " " + a.name;
  }
  std::string operator()(const CancelRun& a) const { return "CancelRun " + number(a.call); }
  std::string operator()(const ClientConnected& a) const {
    return "ClientConnected " + a.client.client_id;
  }
  std::string operator()(const ClientGone& a) const {
    return "ClientGone " + a.client.client_id + ", " + describe(a.reason);
  }
  std::string operator()(const HandshakeDropped& a) const {
    return "HandshakeDropped " + number(a.initialize);
  }
  std::string operator()(const ClientTold& a) const {
    return "ClientTold " + number(a.session) + " " + a.method;
  }
  std::string operator()(const ClientRootsChanged& a) const {
    return "ClientRootsChanged " + a.client.client_id;
  }
  std::string operator()(const ClientTaskStatus& a) const {
    return "ClientTaskStatus " + a.client.client_id + " " + a.task.task_id;
  }
  std::string operator()(const SubscriptionChanged& a) const {
    return std::string(a.subscribed ? "Subscribed " : "Unsubscribed ") + a.client.client_id + " " +
           a.uri;
  }
  std::string operator()(const ReconnectWithWill&) const { return "ReconnectWithWill"; }
  std::string operator()(const ServerOnline&) const { return "ServerOnline"; }
  std::string operator()(const ServerRefused& a) const {
    return "ServerRefused " + describe(a.error);
  }
  std::string operator()(const ServerLeft&) const { return "ServerLeft"; }
  std::string operator()(const OpenConnection& a) const {
    return "OpenConnection " + number(a.connection);
  }
  std::string operator()(const CloseConnection& a) const {
    return "CloseConnection " + number(a.connection);
  }
  std::string operator()(const CompleteCall& a) const {
    return "CompleteCall " + number(a.call) + ", " +
           (a.result ? a.result->dump() : describe(a.result.error()));
  }
  std::string operator()(const CallProgressed& a) const {
    return "CallProgressed " + number(a.call) + ", " + std::to_string(a.progress.progress);
  }
  std::string operator()(const SessionOpened& a) const {
    return "SessionOpened " + number(a.call) + ", session " + number(a.session);
  }
  std::string operator()(const OpenFailed& a) const {
    return "OpenFailed " + number(a.call) + ", " + describe(a.error);
  }
  std::string operator()(const SessionSuspended& a) const {
    return "SessionSuspended " + number(a.session) + ", " + describe(a.reason);
  }
  std::string operator()(const SessionReopened& a) const {
    return "SessionReopened " + number(a.session) + " with " + a.info.instance.server_id;
  }
  std::string operator()(const SessionClosed& a) const {
    return "SessionClosed " + number(a.session) + ", " + describe(a.reason);
  }
  std::string operator()(const InstanceFound& a) const {
    return "InstanceFound " + number(a.call) + ", " +
           (a.instance ? a.instance->server_id : describe(a.instance.error()));
  }
  std::string operator()(const InstanceChanged& a) const {
    return "InstanceChanged " + number(static_cast<int>(a.change.kind)) + ", " +
           a.change.instance.server_id;
  }
  std::string operator()(const RunRequest& a) const {
    return "RunRequest " + number(a.call) + ", session " + number(a.session);
  }
  std::string operator()(const ServerTold& a) const {
    return "ServerTold " + number(a.session) + ", " + number(a.notice.index());
  }
  std::string operator()(const ResourceChanged& a) const {
    return "ResourceChanged " + a.uri + (a.renewed ? " (renewed)" : "");
  }
  std::string operator()(const ClientLeft&) const { return "ClientLeft"; }

 private:
  template <class Number>
  static std::string number(Number value) {
    return std::to_string(value);
  }
};

template <class Action>
class ActionQueue {
 public:
  void add(std::vector<Action> actions) {
    std::move(actions.begin(), actions.end(), std::back_inserter(actions_));
  }
  void clear() { actions_.clear(); }

  /// Takes the oldest action, which must be a `Wanted`.
  template <class Wanted>
  Wanted next() {
    if (actions_.empty()) {
      ADD_FAILURE() << "the engine asked for nothing more";
      return none<Wanted>();
    }
    Action action = std::move(actions_.front());
    actions_.pop_front();
    if (auto* wanted = std::get_if<Wanted>(&action)) return std::move(*wanted);
    ADD_FAILURE() << "the engine asked for something else: " << std::visit(Describe(), action);
    return none<Wanted>();
  }

  /// Takes the oldest `Wanted`, wherever it stands.
  template <class Wanted>
  std::optional<Wanted> find() {
    const auto found = std::find_if(actions_.begin(), actions_.end(), [](const Action& action) {
      return std::holds_alternative<Wanted>(action);
    });
    if (found == actions_.end()) return std::nullopt;
    Wanted wanted = std::get<Wanted>(std::move(*found));
    actions_.erase(found);
    return wanted;
  }

  template <class Wanted>
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::count_if(actions_.begin(), actions_.end(),
                      [](const Action& action) { return std::holds_alternative<Wanted>(action); }));
  }

  /// All that is left, one line each.
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (const Action& action : actions_) lines.push_back(std::visit(Describe(), action));
    return lines;
  }

  Subscribe expect_subscribe(const std::string& filter, bool no_local) {
    auto action = next<Subscribe>();
    EXPECT_EQ(action.subscription.filter, filter);
    EXPECT_EQ(action.subscription.no_local, no_local) << filter;
    EXPECT_EQ(action.subscription.qos, mqtt::Qos::at_least_once);
    return action;
  }
  void expect_unsubscribe(const std::string& filter) {
    EXPECT_EQ(next<Unsubscribe>().filter, filter);
  }
  Publish expect_publish(const std::string& topic) {
    auto action = next<Publish>();
    EXPECT_EQ(action.message.topic, topic);
    EXPECT_EQ(action.message.qos, mqtt::Qos::at_least_once);
    return action;
  }
  /// A publish whose body has this method; the body.
  Json expect_method(const std::string& topic, const std::string& method) {
    Json sent = body(expect_publish(topic));
    EXPECT_EQ(sent.value("method", std::string()), method) << sent;
    return sent;
  }
  void expect_nothing() { EXPECT_TRUE(actions_.empty()) << ::testing::PrintToString(lines()); }

  static Json body(const Publish& publish) {
    return publish.message.payload.empty() ? Json(nullptr)
                                           : Json::parse(publish.message.payload, nullptr, false);
  }

 private:
  /// What a failed expectation goes on with.
  template <class Wanted>
  static Wanted none() {
    if constexpr (std::is_default_constructible_v<Wanted>) {
      return {};
    } else {
      return {0, Error{}};
    }
  }

  std::deque<Action> actions_;
};

/// The value of a user property, or an empty text.
inline std::string property(const mqtt::UserProperties& properties, const std::string& name) {
  for (const auto& [key, value] : properties) {
    if (key == name) return value;
  }
  return {};
}

inline mqtt::Message message_of(const std::string& sender, std::string topic, std::string payload) {
  mqtt::Message message{std::move(topic), std::move(payload), mqtt::Qos::at_least_once, false, {}};
  if (!sender.empty()) message.user_properties.emplace_back("MCP-MQTT-CLIENT-ID", sender);
  return message;
}

inline Json request_json(const Json& id, const std::string& method, Json params = Json::object()) {
  return Json{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}};
}
inline Json notification_json(const std::string& method, Json params = Json::object()) {
  return Json{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
}
inline Json answer_json(const Json& id, Json result) {
  return Json{{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
}
inline Json error_json(const Json& id, int code, const std::string& message, Json data = nullptr) {
  Json error{{"code", code}, {"message", message}};
  if (!data.is_null()) error["data"] = std::move(data);
  return Json{{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(error)}};
}

inline Error error_of(ErrorKind kind, std::string message = "broken", int code = 0) {
  return Error{kind, code, std::move(message), nullptr};
}

}  // namespace mcp_mqtt::engine::test
