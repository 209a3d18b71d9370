#include "engine/server_engine.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include <mcp_mqtt/context.hpp>
#include <mcp_mqtt/schema/typed_prompt.hpp>
#include <mcp_mqtt/schema/typed_tool.hpp>
#include <mcp_mqtt/wire/json_rpc.hpp>

#include "fuzz.hpp"
#include "unit/schema/garden.hpp"

// The server engine on a virtual clock, in the hands of three clients, a broker and a host that do
// anything in any order. Input: one event a line; see step(). Unless the input says otherwise,
// subscriptions and publishes are acknowledged and handlers run at once. Where the first line is
// `backend`, a backend answers the clients: with the `answer` in a request's params, if there is
// one.
namespace mcp_mqtt::fuzz {
namespace {

using namespace engine;

const std::vector<std::string> clients{"host-1", "raw-1", "third"};
const std::vector<std::string> questions{"ping", "roots/list", "sampling/createMessage",
                                         "elicitation/create", "tasks/result"};

void offer(Features& features) {
  const auto must = [](const Result<void>& added) { require(added.has_value(), "the set-up"); };
  ToolDefinition echo = typed_tool("echo", "Says it again", {arg("text", "What").length(0, 9)},
                                   [](const std::string& text) { return text; });
  echo.tool.task_support = TaskSupport::optional;
  must(features.tools.add(echo));
  must(features.tools.add(typed_tool("plant", "Plants a bed", {arg("bed", "Where")},
                                     [](const garden::Bed& bed) { return bed.corners; })));
  ToolDefinition raw;
  raw.tool.name = "raw";
  raw.tool.input_schema = Json::parse(R"({"type":"object","required":["n"],
    "properties":{"n":{"type":"integer","minimum":1},"s":{"pattern":"^a+$"}}})");
  raw.check_arguments = true;
  raw.handler = [](const Json& arguments, RequestContext& context) {
    context.report_progress(1);
    return text_result(arguments.dump());
  };
  must(features.tools.add(raw));
  ResourceDefinition note;
  note.resource.uri = "test://note";
  note.resource.name = "note";
  note.handler = [](const ResourceRequest& request, RequestContext&) {
    return ReadResourceResult{{ResourceContents{request.uri, "text/plain", "a note"}}, nullptr};
  };
  must(features.resources.add(note));
  ResourceTemplateDefinition plant;
  plant.resource_template.uri_template = "test://plant/{bed}{?level}";
  plant.resource_template.name = "plant";
  plant.handler = [](const ResourceRequest& request, RequestContext&) {
    return ReadResourceResult{{ResourceContents{request.uri, "text/plain", "soil"}}, nullptr};
  };
  must(features.resources.add(plant));
  must(features.prompts.add(typed_prompt(
      "greet", "Greets", {arg("who", "Whom"), arg("colour", "Which")},
      [](const std::string& who, std::optional<garden::Colour>) { return "Greet " + who; })));
  must(features.completers.set_for_template("test://plant/{bed}{?level}", "bed",
                                            schema::make_completer([](const std::string&) {
                                              return std::vector<std::string>{"north", "south"};
                                            })));
  features.page_size = 2;
}

class Play {
 public:
  explicit Play(bool backend) : backend_(backend), engine_(config(backend)) {
    Features features;
    offer(features);
    engine_.set_features(std::move(features));
  }

  void run(std::string_view script) {
    connect({});
    for (int i = 0; i < 300 && !script.empty(); ++i) {
      step(take(script));
      carry_out();
    }
    finish();
  }

 private:
  static ServerConfig config(bool backend = false) {
    ServerConfig config;
    config.has_backend = backend;
    config.instance = {"printer-1", "factory/printer", "Prints labels", Json::object()};
    config.implementation = {"factory/printer", "1.0.0"};
    config.message_limits = {1U << 16, 32, 8};
    config.max_sessions = 2;
    config.max_requests_per_session = 3;
    config.max_subscriptions_per_session = 2;
    config.max_asks_per_session = 2;
    config.tasks.max_tasks = 2;
    config.tasks.page_size = 1;
    config.list_changes = ChangeRoute::both;
    config.resource_updates = ChangeRoute::both;
    return config;
  }

  void step(std::string_view line) {
    const char operation = line.empty() ? '\0' : line.front();
    line.remove_prefix(std::min<std::size_t>(line.size(), 1));
    switch (operation) {
      case 'c':  // the control topic
        message(take_index(line, 3), "$mcp-server/printer-1/factory/printer", line);
        break;
      case 'r': {
        const std::size_t client = take_index(line, 3);
        message(client, rpc(client), line);
        break;
      }
      case 'p': {
        const std::size_t client = take_index(line, 3);
        message(client, "$mcp-client/presence/" + clients[client], line);
        break;
      }
      case 'a': {
        const std::size_t client = take_index(line, 3);
        message(client, "$mcp-client/capability/" + clients[client], line);
        break;
      }
      case 's': {  // somebody on somebody else's topic
        const std::size_t sender = take_index(line, 3);
        message(sender, rpc(take_index(line, 3)), line);
        break;
      }
      case 't': {  // any topic, any sender: TOPIC TAB SENDER TAB PAYLOAD
        const std::string topic(take(line, '\t'));
        const std::string sender(take(line, '\t'));
        deliver(sender, topic, line);
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
      case 'f':
        if (const CallNumber call = pick(running_, line)) run_handler(call);
        break;
      case 'F':
        if (const CallNumber call = pick(running_, line)) {
          end_run(call, rpc_error(-32000, std::string(line)));
        }
        break;
      case 'g':
        if (const CallNumber call = pick(running_, line)) {
          engine_.report_progress(call, {static_cast<double>(take_index(line, 10)), 9.0, "on"});
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
        host(operation, line);
    }
  }

  /// What the program and the broker do.
  void host(char operation, std::string_view line) {
    switch (operation) {
      case 'k': {
        const SessionNumber session = engine_.session_number(clients[take_index(line, 3)]);
        const std::size_t method = take_index(line, questions.size());
        const CallToken call = ++last_ask_;
        asks_.emplace(call, session);
        const CallNumber origin = running_.empty() ? 0 : *running_.begin();
        engine_.ask(session, call, questions[method], Json::parse(line, nullptr, false),
                    {std::chrono::seconds(10), true, std::chrono::seconds(60)}, true,
                    running_sessions_[origin] == session ? origin : 0, now_);
        break;
      }
      case 'K':
        if (!asks_.empty()) {
          const auto [call, session] = *asks_.begin();
          engine_.cancel_ask(session, call, std::string(line), now_);
        }
        break;
      case 'o':
        lose();
        break;
      case 'O':
        if (!connected_)
          connect(line.empty() ? mqtt::UserProperties{}
                               : mqtt::UserProperties{{"MCP-SERVER-NAME", std::string(line)}});
        break;
      case 'u':
        engine_.resource_updated(std::string(line));
        break;
      case 'x':
        toggle_tool();
        break;
      case 'l':
        engine_.log_to_all({LoggingLevel::warning, "fuzz", std::string(line)}, now_);
        break;
      case 'n': {
        const SessionNumber session = engine_.session_number(clients[take_index(line, 3)]);
        const std::string method(take(line, '\t'));
        engine_.notify(session, method, Json::parse(line, nullptr, false), 0);
        break;
      }
      case 'd':
        engine_.disconnect(engine_.session_number(clients[take_index(line, 3)]));
        break;
      case 'q':
        left_ = left_ || connected_;
        if (left_) engine_.leave();
        break;
      default:
        break;
    }
  }

  static std::string rpc(std::size_t client) {
    return "$mcp-rpc/" + clients[client] + "/printer-1/factory/printer";
  }
  void message(std::size_t sender, const std::string& topic, std::string_view payload) {
    deliver(clients[sender], topic, payload);
  }
  void deliver(const std::string& sender, const std::string& topic, std::string_view payload) {
    mqtt::Message message{topic, std::string(payload), mqtt::Qos::at_least_once, false, {}};
    if (!sender.empty()) message.user_properties.emplace_back("MCP-MQTT-CLIENT-ID", sender);
    owed_ += wire::decode(payload, config().message_limits).messages.size();
    engine_.on_message(message, now_);
  }

  void connect(mqtt::UserProperties properties) {
    connected_ = true;
    mqtt::ConnectionInfo info;
    info.user_properties = std::move(properties);
    engine_.on_connected(info, now_);
    carry_out();
  }
  void lose() {
    if (!connected_ || left_) return;
    connected_ = false;
    const Error lost{ErrorKind::connection_lost, 0, "lost", nullptr};
    while (!waiting_.empty()) acknowledge(0, lost);
    engine_.on_connection_lost(lost);
    carry_out();
    require(sessions_.empty(), "no session outlives the connection");
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
  void toggle_tool() {
    const auto changed = engine_.change(FeatureList::tools, [](Features& features) -> Result<void> {
      if (features.tools.remove("extra")) return {};
      return features.tools.add(typed_tool("extra", "More", [] { return 1; }));
    });
    require(changed.has_value(), "a tool comes and goes");
  }

  CallNumber pick(const std::set<CallNumber>& from, std::string_view& line) const {
    if (from.empty()) return 0;
    return *std::next(from.begin(), static_cast<std::ptrdiff_t>(take_index(line, from.size())));
  }
  void run_handler(CallNumber call) {
    RequestContext context(ContextParts{
        {}, {}, [&](const Progress& p) { engine_.report_progress(call, p); }, {}, {}, nullptr});
    end_run(call, works_.at(call)(context));
  }
  void end_run(CallNumber call, Result<Json> outcome) {
    running_.erase(call);
    running_sessions_.erase(call);
    works_.erase(call);
    engine_.finish(call, std::move(outcome), now_);
  }

  void acknowledge(std::size_t index, const Result<void>& outcome) {
    if (waiting_.empty()) return;
    const auto place = waiting_.begin() + static_cast<std::ptrdiff_t>(index % waiting_.size());
    const ServerAction action = std::move(*place);
    waiting_.erase(place);
    if (!outcome) owed_ += 1 + config().message_limits.max_batch;  // each answer gets a second try
    if (const auto* subscribe = std::get_if<Subscribe>(&action)) {
      engine_.on_subscribed(subscribe->ticket, outcome, now_);
    } else {
      engine_.on_published(std::get<Publish>(action).ticket, outcome, now_);
    }
  }

  /// As the runtime: in order, and what comes of it behind.
  void carry_out() {
    for (int rounds = 0;; ++rounds) {
      require(rounds < 1'000, "an event has an end");
      auto actions = engine_.take_actions();
      for (ServerAction& action : actions) perform(action);
      if (!manual_ && !waiting_.empty()) {
        acknowledge(0, {});
      } else if (!holds_ && !running_.empty()) {
        run_handler(*running_.begin());
      } else if (actions.empty()) {
        return;
      }
    }
  }

  void perform(ServerAction& action) {
    if (auto* publish = std::get_if<Publish>(&action)) {
      check(publish->message);
      waiting_.push_back(std::move(action));
    } else if (auto* subscribe = std::get_if<Subscribe>(&action)) {
      require(connected_, "no subscription without a connection");
      require(!std::holds_alternative<std::monostate>(
                  wire::parse_topic(subscribe->subscription.filter)),
              "a subscription is to a topic", subscribe->subscription.filter);
      waiting_.push_back(std::move(action));
    } else if (auto* run = std::get_if<RunHandler>(&action)) {
      const bool initialize = backend_ && run->method == "initialize";
      require(initialize || sessions_.contains(run->client.client_id),
              "a handler runs for a client");
      require(running_.insert(run->call).second, "a handler runs once");
      require(run->params.is_null() != backend_, "a backend gets all requests");
      if (initialize) handshakes_.insert(run->call);
      running_sessions_[run->call] = run->session;
      works_[run->call] = backend_ ? relayed(*run) : std::move(run->work);
    } else if (const auto* done = std::get_if<CompleteCall>(&action)) {
      require(asks_.erase(done->call) == 1, "a question has one outcome");
    } else if (const auto* progress = std::get_if<CallProgressed>(&action)) {
      require(asks_.contains(progress->call), "progress is of a question under way");
    } else if (const auto* connected = std::get_if<ClientConnected>(&action)) {
      require(sessions_.insert(connected->client.client_id).second, "a client connects once");
      require(!backend_ || handshakes_.erase(connected->initialize) == 1,
              "a session comes of one handshake");
    } else if (const auto* dropped = std::get_if<HandshakeDropped>(&action)) {
      require(handshakes_.erase(dropped->initialize) == 1, "a handshake is dropped once");
    } else if (const auto* told = std::get_if<ClientTold>(&action)) {
      require(backend_ && told->session != 0, "only a backend is told");
    } else if (const auto* gone = std::get_if<ClientGone>(&action)) {
      require(sessions_.erase(gone->client.client_id) == 1, "a client that was there goes");
    } else if (std::holds_alternative<ReconnectWithWill>(action)) {
      connected_ = false;
    } else if (std::holds_alternative<ServerLeft>(action)) {
      require(left_ && !std::exchange(gone_, true), "a server leaves once, when it is told to");
    }
  }

  static Work relayed(const RunHandler& run) {
    return [initialize = run.method == "initialize", params = run.params](RequestContext&) {
      if (const auto answer = params.find("answer"); answer != params.end()) {
        return Result<Json>(*answer);
      }
      if (!initialize) return Result<Json>(params);
      return Result<Json>(Json{{"protocolVersion", "2025-03-26"},
                               {"capabilities", {{"tools", {{"listChanged", true}}}}},
                               {"serverInfo", {{"name", "behind"}, {"version", "1"}}}});
    };
  }

  void check(const mqtt::Message& message) {
    const wire::Topic topic = wire::parse_topic(message.topic);
    require(!std::holds_alternative<std::monostate>(topic), "a topic of ours", message.topic);
    if (message.payload.empty()) {
      require(message.retain, "only presence is empty", message.topic);
      return;
    }
    const MessageLimits limits = config().message_limits;
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
    if (!connected_) connect({});
    carry_out();
    left_ = true;
    engine_.leave();
    carry_out();
    require(gone_, "a server that was told to leaves");
    require(sessions_.empty(), "a server that left has no clients");
    require(asks_.empty(), "every question has its outcome");
    require(handshakes_.empty(), "every handshake comes to an end");
    require(engine_.clients().empty(), "nothing is left");
    wake();
  }

  const bool backend_;
  ServerEngine engine_;
  TimePoint now_{std::chrono::hours(1)};
  bool connected_ = false, manual_ = false, holds_ = false, left_ = false, gone_ = false;
  std::deque<ServerAction> waiting_;  // for an acknowledgement
  std::set<CallNumber> running_;
  std::map<CallNumber, SessionNumber> running_sessions_;
  std::map<CallNumber, Work> works_;
  std::map<CallToken, SessionNumber> asks_;
  CallToken last_ask_ = 0;
  std::set<std::string> sessions_;
  std::set<CallNumber> handshakes_;  // for the backend
  std::size_t owed_ = 0;  // answers that questions, or what cannot be read, may bring about
};

}  // namespace
}  // namespace mcp_mqtt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mcp_mqtt::fuzz;
  watch_log();
  constexpr std::string_view backend = "backend\n";
  std::string_view script = text_of(data, size);
  const bool relayed = script.starts_with(backend);
  if (relayed) script.remove_prefix(backend.size());
  Play(relayed).run(script);
  return 0;
}
