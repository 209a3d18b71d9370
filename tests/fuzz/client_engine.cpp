#include "engine/client_engine.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>

#include <mcp_mqtt/wire/json_rpc.hpp>

#include "fuzz.hpp"
#include "wire/topics.hpp"

// The client engine on a virtual clock, in the hands of three servers, a broker and a host that do
// anything in any order. Input: one event a line; see step(). Unless the input says otherwise,
// subscriptions and publishes are acknowledged, connections open and requests of servers are
// answered at once.
namespace mcp_mqtt::fuzz {
namespace {

using namespace engine;

struct Server {
  std::string id, name;
};
const std::array servers{Server{"printer-1", "factory/printer"},
                         Server{"printer-2", "factory/printer"}, Server{"plant-1", "plant"}};

class Play {
 public:
  explicit Play(bool opens_all) : engine_(config(opens_all), "client-0123456789", 7) {}

  void run(std::string_view script) {
    for (int i = 0; i < 300 && !script.empty(); ++i) {
      step(take(script));
      carry_out();
    }
    finish();
  }

 private:
  static ClientConfig config(bool opens_all) {
    ClientConfig config;
    config.implementation = {"host", "2.0.0"};
    config.capabilities.roots = config.capabilities.roots_list_changed = true;
    config.capabilities.sampling = config.capabilities.sampling_tools = true;
    config.capabilities.elicitation = config.capabilities.elicitation_url = true;
    config.capabilities.tasks_sampling = config.capabilities.tasks_elicitation = true;
    config.capabilities.tasks_list = config.capabilities.tasks_cancel = true;
    config.message_limits = {1U << 16, 32, 8};
    config.max_instances = 3;
    config.max_requests_per_session = 4;
    config.max_runs_per_session = 2;
    config.task_limits.max_tasks = 2;
    config.open_every_service = opens_all;
    return config;
  }

  void step(std::string_view line) {
    const char operation = line.empty() ? '\0' : line.front();
    line.remove_prefix(std::min<std::size_t>(line.size(), 1));
    switch (operation) {
      case 'p': {
        const Server& server = servers[take_index(line, 3)];
        deliver(0, server.id, wire::server_presence_topic(server.id, server.name), line);
        break;
      }
      case 'r':
      case 's': {  // as 's' from somebody else
        const Server& server = servers[take_index(line, 3)];
        const ConnectionNumber connection = take_connection(line);
        deliver(connection, operation == 'r' ? server.id : "mallory",
                wire::rpc_topic(engine_.client_id(connection), server.id, server.name), line);
        break;
      }
      case 'a': {
        const Server& server = servers[take_index(line, 3)];
        deliver(take_connection(line), server.id,
                wire::server_capability_topic(server.id, server.name), line);
        break;
      }
      case 't': {  // any topic, any sender: TOPIC TAB SENDER TAB PAYLOAD
        const std::string topic(take(line, '\t'));
        const std::string sender(take(line, '\t'));
        deliver(0, sender, topic, line);
        break;
      }
      case 'm':
        manual_ = !manual_;
        break;
      case 'h':
        holds_ = !holds_;
        break;
      case '+':
        acknowledge(take_index(line, 8), {});
        break;
      case '-':
        acknowledge(take_index(line, 8), Error{ErrorKind::refused, 0x87, "no", nullptr});
        break;
      case 'O':
        connect(take_connection(line), line);
        break;
      case 'o':
        lose(take_connection(line));
        break;
      case 'C':
        if (const ConnectionNumber connection = take_connection(line);
            opening_.erase(connection) != 0) {
          engine_.on_connect_failed(connection, {ErrorKind::refused, 0x87, "no", nullptr}, now_);
        }
        break;
      case 'T':
        now_ += std::chrono::milliseconds(1LL << (3 * take_index(line, 8)));
        engine_.on_time(now_);
        break;
      case 'D':
        wake();
        break;
      default:
        if (!left_) host(operation, line);
    }
  }

  void host(char operation, std::string_view line) {
    switch (operation) {
      case 'd':
        engine_.discover(new_call(), std::string(line));
        break;
      case 'w':
        engine_.wait_for_instance(new_call(), std::string(line), std::chrono::seconds(20), now_);
        break;
      case 'e':
      case 'E':
      case 'R': {
        OpenRequest request;
        request.call = new_call();
        request.reopen = Reopen::after_connection_loss;
        if (operation == 'E') request.server_id = servers[take_index(line, 3)].id;
        if (operation == 'E') request.reopen = Reopen::never;
        if (operation == 'R') {
          request.reopen = Reopen::always;
          request.reopen_timeout = std::chrono::seconds(90);
          request.health_check = std::chrono::seconds(5);
        }
        request.server_name_filter = std::string(line);
        request.select = select_first();
        request.timeout = std::chrono::seconds(100);
        request.initialize_timeout = std::chrono::seconds(30);
        engine_.open(std::move(request), now_);
        break;
      }
      case 'q':
      case 'Q': {  // SESSION METHOD TAB PARAMS; 'Q': may be carried out twice
        const SessionNumber session = pick(sessions_, line);
        const std::string method(take(line, '\t'));
        RequestTiming timing{std::chrono::seconds(10), true, std::chrono::seconds(60)};
        timing.idempotent = operation == 'Q';
        engine_.request(session, new_call(), method, Json::parse(line, nullptr, false), timing,
                        true, now_);
        break;
      }
      case 'G':
        if (!connected_.contains(0)) {
          engine_.on_gave_up({ErrorKind::refused, 0x87, "not authorized", nullptr}, now_);
        }
        break;
      case 'b': {
        const SessionNumber session = pick(sessions_, line);
        const CallToken call = new_call();
        subscriptions_.insert(call);
        engine_.subscribe(session, call, std::string(line), {std::chrono::seconds(10), false, {}},
                          now_);
        break;
      }
      case 'B':
        if (const CallToken subscription = pick(subscriptions_, line)) {
          subscriptions_.erase(subscription);
          calls_.erase(subscription);  // the one who gives it up waits for nothing
          engine_.unsubscribe(subscription, now_);
        }
        break;
      case 'x':
        if (const CallToken call = pick(calls_, line)) engine_.cancel(call, "enough", now_);
        break;
      case 'X':
        engine_.close(pick(sessions_, line), now_);
        break;
      case 'f':
        if (const CallNumber call = pick(running_, line)) {
          answer(call, Json::parse(line, nullptr, false));
        }
        break;
      case 'F':
        if (const CallNumber call = pick(running_, line)) {
          answer(call, Error{ErrorKind::invalid_argument, 0, std::string(line), nullptr});
        }
        break;
      case 'g':
        if (const CallNumber call = pick(running_, line)) {
          engine_.report_progress(call, {static_cast<double>(take_index(line, 10)), 9.0, "on"});
        }
        break;
      case 'n':
        engine_.notify_roots_changed();
        break;
      case 'L':
        left_ = true;
        engine_.leave(now_);
        break;
      default:
        break;
    }
  }

  CallToken new_call() {
    calls_.insert(++last_call_);
    return last_call_;
  }
  template <class Number>
  Number pick(const std::set<Number>& from, std::string_view& line) const {
    const std::size_t index = take_index(line, std::max<std::size_t>(from.size(), 1));
    if (from.empty()) return 0;
    return *std::next(from.begin(), static_cast<std::ptrdiff_t>(index));
  }
  static ConnectionNumber take_connection(std::string_view& line) {
    return static_cast<ConnectionNumber>(take_index(line, 4));
  }

  void deliver(ConnectionNumber connection, const std::string& sender, const std::string& topic,
               std::string_view payload) {
    if (!connected_.contains(connection)) return;
    mqtt::Message message{topic, std::string(payload), mqtt::Qos::at_least_once, false, {}};
    if (!sender.empty()) message.user_properties.emplace_back("MCP-MQTT-CLIENT-ID", sender);
    owed_ += wire::decode(payload, config(false).message_limits).messages.size();
    engine_.on_message(connection, message, now_);
  }
  void answer(CallNumber call, Result<Json> outcome) {
    running_.erase(call);
    engine_.answer(call, std::move(outcome), now_);
  }

  /// `properties`: NAME=VALUE, with TABs between.
  void connect(ConnectionNumber connection, std::string_view properties) {
    const bool expected = connection == 0 ? !left_ : opening_.erase(connection) != 0;
    if (!expected || !connected_.insert(connection).second) return;
    mqtt::ConnectionInfo info;
    while (!properties.empty()) {
      std::string_view property = take(properties, '\t');
      const std::string name(take(property, '='));
      info.user_properties.emplace_back(name, property);
    }
    engine_.on_connected(connection, info, now_);
  }
  void lose(ConnectionNumber connection) {
    if (connected_.erase(connection) == 0) return;
    const Error lost{ErrorKind::connection_lost, 0, "lost", nullptr};
    end_waiting(connection, lost);
    engine_.on_connection_lost(connection, lost, now_);
  }
  void end_waiting(ConnectionNumber connection, const Error& reason) {
    for (std::size_t i = 0; i < waiting_.size();) {
      if (connection_of(waiting_[i]) == connection) {
        acknowledge(i, reason);
      } else {
        ++i;
      }
    }
  }
  static ConnectionNumber connection_of(const ClientAction& action) {
    const auto* publish = std::get_if<Publish>(&action);
    return publish != nullptr ? publish->connection : std::get<Subscribe>(action).connection;
  }
  void wake() {
    const Deadline deadline = engine_.next_deadline();
    if (!deadline) return;
    now_ = std::max(now_, *deadline);
    engine_.on_time(now_);
    carry_out();
    require(!engine_.next_deadline() || *engine_.next_deadline() > now_,
            "a deadline that was served is over");
  }

  void acknowledge(std::size_t index, const Result<void>& outcome) {
    if (waiting_.empty()) return;
    const auto place = waiting_.begin() + static_cast<std::ptrdiff_t>(index % waiting_.size());
    const ClientAction action = std::move(*place);
    waiting_.erase(place);
    if (!outcome) owed_ += 1 + config(false).message_limits.max_batch;
    if (const auto* subscribe = std::get_if<Subscribe>(&action)) {
      engine_.on_subscribed(subscribe->ticket, outcome, now_);
    } else {
      engine_.on_published(std::get<Publish>(action).ticket, outcome, now_);
    }
  }

  void carry_out() {
    for (int rounds = 0;; ++rounds) {
      require(rounds < 1'000, "an event has an end");
      auto actions = engine_.take_actions();
      for (ClientAction& action : actions) perform(action);
      if (!manual_ && !opening_.empty()) {
        connect(*opening_.begin(), {});
      } else if (!manual_ && !waiting_.empty()) {
        acknowledge(0, {});
      } else if (!holds_ && !running_.empty()) {
        answer(*running_.begin(), Json{{"action", "decline"}});
      } else if (actions.empty()) {
        return;
      }
    }
  }

  bool is_open(SessionNumber session) const {
    return sessions_.contains(session) && !suspended_.contains(session);
  }
  void end_call(CallToken call) { require(calls_.erase(call) == 1, "a call has one outcome"); }

  void perform(ClientAction& action) {
    if (auto* publish = std::get_if<Publish>(&action)) {
      require(connected_.contains(publish->connection), "no publish without a connection",
              publish->message.topic);
      check(publish->message);
      waiting_.push_back(std::move(action));
    } else if (auto* subscribe = std::get_if<Subscribe>(&action)) {
      require(connected_.contains(subscribe->connection), "no subscription without a connection",
              subscribe->subscription.filter);
      waiting_.push_back(std::move(action));
    } else if (const auto* open = std::get_if<OpenConnection>(&action)) {
      require(open->connection != 0 && opening_.insert(open->connection).second,
              "a connection opens once");
    } else if (const auto* close = std::get_if<CloseConnection>(&action)) {
      opening_.erase(close->connection);
      if (connected_.erase(close->connection) != 0) {
        end_waiting(close->connection, {ErrorKind::not_connected, 0, "closed", nullptr});
      }
    } else if (const auto* done = std::get_if<CompleteCall>(&action)) {
      end_call(done->call);
    } else if (const auto* found = std::get_if<InstanceFound>(&action)) {
      end_call(found->call);
    } else if (const auto* progress = std::get_if<CallProgressed>(&action)) {
      require(calls_.contains(progress->call), "progress is of a call under way");
    } else if (const auto* opened = std::get_if<SessionOpened>(&action)) {
      if (opened->call != 0) end_call(opened->call);
      require(sessions_.insert(opened->session).second, "a session opens once");
    } else if (const auto* failed = std::get_if<OpenFailed>(&action)) {
      end_call(failed->call);
    } else if (const auto* suspended = std::get_if<SessionSuspended>(&action)) {
      require(sessions_.contains(suspended->session), "an open session is cut off");
      require(suspended_.insert(suspended->session).second, "a session is cut off once");
    } else if (const auto* reopened = std::get_if<SessionReopened>(&action)) {
      require(suspended_.erase(reopened->session) == 1, "a session that was cut off opens again");
    } else if (const auto* closed = std::get_if<SessionClosed>(&action)) {
      require(sessions_.erase(closed->session) == 1, "an open session closes");
      suspended_.erase(closed->session);
    } else if (const auto* run = std::get_if<RunRequest>(&action)) {
      require(is_open(run->session), "a server asks in its session");
      require(running_.insert(run->call).second, "a handler runs once");
    } else if (const auto* told = std::get_if<ServerTold>(&action)) {
      require(is_open(told->session), "a server tells in its session");
    } else if (const auto* changed = std::get_if<ResourceChanged>(&action)) {
      for (const auto subscription : changed->subscriptions) {
        require(subscriptions_.contains(subscription), "who subscribed hears");
      }
    } else if (std::holds_alternative<ClientLeft>(action)) {
      require(left_ && !std::exchange(gone_, true), "a client leaves once, when it is told to");
    }
  }

  void check(const mqtt::Message& message) {
    const wire::Topic topic = wire::parse_topic(message.topic);
    require(!std::holds_alternative<std::monostate>(topic), "a topic of ours", message.topic);
    const MessageLimits limits = config(false).message_limits;
    require(message.payload.size() <= limits.max_bytes, "max_bytes holds");
    for (const auto& item : wire::decode(message.payload, limits).messages) {
      const auto* rpc = std::get_if<wire::RpcMessage>(&item);
      require(rpc != nullptr, "peers can read it", message.payload);
      if (!std::holds_alternative<wire::Response>(*rpc) &&
          !std::holds_alternative<wire::ErrorResponse>(*rpc)) {
        continue;
      }
      require(owed_ > 0, "no answer without a question", message.payload);
      --owed_;
    }
  }

  void finish() {
    manual_ = false;
    holds_ = false;
    carry_out();
    if (!left_) {
      left_ = true;
      engine_.leave(now_);
    }
    carry_out();
    require(gone_, "a client that was told to leaves");
    require(sessions_.empty() && engine_.session_count() == 0, "no session is left");
    require(calls_.empty(), "every call has its outcome");
    wake();
  }

  ClientEngine engine_;
  TimePoint now_{std::chrono::hours(1)};
  bool manual_ = false, holds_ = false, left_ = false, gone_ = false;
  std::set<ConnectionNumber> connected_, opening_;
  std::deque<ClientAction> waiting_;  // for an acknowledgement
  std::set<CallToken> calls_;
  CallToken last_call_ = 0;
  std::set<SubscriptionNumber> subscriptions_;
  std::set<SessionNumber> sessions_, suspended_;
  std::set<CallNumber> running_;
  std::size_t owed_ = 0;
};

}  // namespace
}  // namespace mcp_mqtt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mcp_mqtt::fuzz;
  watch_log();
  std::string_view script = text_of(data, size);
  const bool opens_all = take(script) == "all";
  Play(opens_all).run(script);
  return 0;
}
