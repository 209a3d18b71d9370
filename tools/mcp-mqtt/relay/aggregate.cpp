#include "mcp-mqtt/relay/aggregate.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <mcp_mqtt/client.hpp>
#include <mcp_mqtt/version.hpp>

#include "mcp-mqtt/relay/host_calls.hpp"
#include "mcp-mqtt/relay/host_dialogue.hpp"
#include "mcp-mqtt/relay/host_tokens.hpp"
#include "mcp-mqtt/relay/members.hpp"
#include "mcp-mqtt/relay/merged_lists.hpp"
#include "mcp-mqtt/unknown_server.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// Bytes of the instructions of one server, and of all: a model reads them.
constexpr std::size_t most_of_one = 4'000;
constexpr std::size_t most_of_all = 32'000;

Error no_such(const std::string& what) { return rpc_error(error_code::invalid_params, what); }

class Aggregate final : public HostDialogue {
 public:
  Aggregate(AggregateSetup setup, std::shared_ptr<HostLink> host)
      : HostDialogue(std::move(host)),
        setup_(std::move(setup)),
        calls_(host_, setup_.call),
        lists_(host_, setup_.list,
               {.changed = [this](const std::string& method) { list_changed(method); },
                .note = setup_.note}),
        members_({.filters = setup_.filters,
                  .most = setup_.max_servers,
                  .name_length = setup_.name_length,
                  .handshake = setup_.handshake},
                 {.came = [this](const Member& member) { on_came(member); },
                  .went = [this](const Member& member) { on_went(member); },
                  .note = setup_.note}) {}

  ~Aggregate() override {
    members_.begin_to_stop();
    stop_client();
    members_.stop();
    drop_client();
  }

 private:
  // --- From the host

  void on_request(wire::Request request) override {
    const std::string& method = request.method;
    if (method == "ping") return host_.answer(request.id, Json::object());
    if (!is_ready()) {
      return host_.answer(request.id,
                          rpc_error(error_code::invalid_request, method + " outside of a session"));
    }
    if (method == "logging/setLevel") return set_level(request);
    if (!MergedLists::list_of(method).empty()) return lists_.ask(request, members_.all());
    if (method == "tools/call" || method == "prompts/get") {
      return ask_by_name(std::move(request));
    }
    if (method.starts_with("resources/")) return ask_by_uri(std::move(request));
    if (method == "completion/complete") return complete(std::move(request));
    if (method.starts_with("tasks/")) return ask_by_task(std::move(request));
    host_.answer(request.id,
                 rpc_error(error_code::method_not_found,
                           "'" + method + "' names no server: it works with a single one alone"));
  }

  void ask_by_name(wire::Request request) {
    const std::string name = text_member(request.params, "name");
    const auto read = read_name(name);
    const auto member = read ? members_.with_prefix(read->prefix) : std::nullopt;
    if (!member)
      return host_.answer(request.id,
                          unknown(request.method == "tools/call" ? "tool" : "prompt", name, read));
    request.params["name"] = member->words->name_for_server(read->rest);
    ask(*member, std::move(request));
  }

  void ask_by_uri(wire::Request request) {
    const std::string uri = text_member(request.params, "uri");
    if (request.method == "resources/unsubscribe" && calls_.unsubscribe(uri)) {
      return host_.answer(request.id, Json::object());
    }
    const auto read = read_uri(uri);
    const auto member = read ? members_.with_prefix(read->prefix) : std::nullopt;
    if (!member) {
      Error error = unknown("resource", uri, read);
      error.code = error_code::resource_not_found;
      error.data = Json{{"uri", uri}};
      return host_.answer(request.id, std::move(error));
    }
    request.params["uri"] = read->rest;
    ask(*member, std::move(request));
  }

  void ask_by_task(wire::Request request) {
    const std::string task = text_member(request.params, "taskId");
    const auto read = read_task(task);
    const auto member = read ? members_.with_prefix(read->prefix) : std::nullopt;
    if (!member) return host_.answer(request.id, unknown("task", task, read));
    request.params["taskId"] = read->rest;
    ask(*member, std::move(request));
  }

  void complete(wire::Request request) {
    Json& params = request.params;
    const auto ref = params.find("ref");
    if (ref == params.end() || !ref->is_object()) {
      return host_.answer(request.id, no_such("completion/complete needs a ref"));
    }
    const bool resource = text_member(*ref, "type") == "ref/resource";
    const char* key = resource ? "uri" : "name";
    const std::string named = text_member(*ref, key);
    const auto read = resource ? read_uri(named) : read_name(named);
    const auto member = read ? members_.with_prefix(read->prefix) : std::nullopt;
    if (!member)
      return host_.answer(request.id, unknown(resource ? "resource" : "prompt", named, read));
    (*ref)[key] = resource ? read->rest : member->words->name_for_server(read->rest);
    ask(*member, std::move(request));
  }

  void ask(const Member& member, wire::Request request) {
    member.words->meta_for_server(request.params);
    Translation translation;
    translation.result = [words = member.words, method = request.method](Json& result) {
      words->result_for_host(method, result);
    };
    translation.uri = [words = member.words](const std::string& uri) {
      return words->uri_for_host(uri);
    };
    calls_.ask(member.session, std::move(request), std::move(translation));
  }

  static Error unknown(const std::string& what, const std::string& name,
                       const std::optional<Addressed>& read) {
    if (!read) return no_such("there is no " + what + " '" + name + "'");
    return no_such("there is no " + what + " '" + name + "': the server behind '" + read->prefix +
                   "' is not online");
  }

  void set_level(const wire::Request& request) {
    const auto level = parse_logging_level(text_member(request.params, "level"));
    if (!level) return host_.answer(request.id, no_such("there is no such level"));
    {
      const std::lock_guard lock(mutex_);
      level_ = level;
    }
    for (const Member& member : members_.all()) set_level(member, *level);
    host_.answer(request.id, Json::object());
  }

  void set_level(const Member& member, LoggingLevel level) {
    if (!member.session.capabilities().logging) return;
    member.session.async_set_logging_level(
        level, {}, [this, words = member.words](const Result<void>& outcome) {
          if (outcome) return;
          setup_.note(words->server_name() + " takes no log level: " + outcome.error().message);
        });
  }

  void on_notification(wire::Notification notification) override {
    const std::string& method = notification.method;
    if (method == "notifications/initialized") {
      host_.open();
    } else if (method == "notifications/cancelled") {
      const auto id = cancelled_id(notification.params);
      if (id && !lists_.cancel(*id)) calls_.cancel(notification.params);
    } else if (method == "notifications/progress") {
      if (auto progress = tokens_.for_server(notification.params)) {
        progress->session.notify(method, std::move(progress->params));
      }
    } else if (method == "notifications/roots/list_changed") {
      if (is_ready()) client_->notify_roots_changed();
    } else {
      for (const Member& member : members_.all()) {
        member.session.notify(method, notification.params);
      }
    }
  }

  // --- From the servers

  void on_request_of_server(const ClientSession& session, const PeerRequest& request) {
    const auto words = words_of(session);
    Json params = request.params();
    words->request_for_host(request.method(), params);
    const auto token = tokens_.for_host(session, params);
    asked_.ask(PeerRequest(request.method(), std::move(params), request.stop_token(),
                           [this, request, words, token](Result<Json> answer) {
                             if (token) tokens_.forget(*token);
                             if (answer) words->meta_for_server(*answer);
                             request.answer(std::move(answer));
                           }),
               calls_.only_one(session));
  }

  void on_notification_of_server(const ClientSession& session, const std::string& method,
                                 Json params) {
    const auto words = words_of(session);
    words->notification_for_host(method, params);
    if (method.ends_with("/list_changed")) lists_.forget(words->prefix());
    host_.tell(wire::Notification{method, std::move(params)}, calls_.only_one(session));
  }

  /// Also of a server whose session is not known here yet.
  std::shared_ptr<ServerWords> words_of(const ClientSession& session) const {
    const std::string name = session.instance().server_name;
    if (const auto member = members_.with_name(name)) return member->words;
    return std::make_shared<ServerWords>(name, setup_.name_length);
  }

  void on_came(const Member& member) {
    std::optional<LoggingLevel> level;
    {
      const std::lock_guard lock(mutex_);
      level = level_;
    }
    if (level) set_level(member, *level);
    on_went(member);
  }

  void on_went(const Member& member) {
    lists_.forget(member.words->prefix());
    if (!is_ready()) return;
    const ServerCapabilities offered = member.session.capabilities();
    if (offered.tools) host_.list_changed("tools");
    if (offered.resources) host_.list_changed("resources");
    if (offered.prompts) host_.list_changed("prompts");
  }

  void list_changed(const std::string& method) {
    if (method != "tasks/list") host_.list_changed(method.substr(0, method.find('/')));
  }

  // --- The session

  bool is_ready() const {
    const std::lock_guard lock(mutex_);
    return ready_;
  }

  std::unique_ptr<McpClient> make_client(const Json& params) override {
    revision_ = parse_revision(text_member(params, "protocolVersion")).value_or(latest_revision);
    members_.set_revision(revision_);
    ClientOptions options = options_of_host(params);
    options.connection = setup_.connection;
    options.client_id = setup_.client_id;
    options.fixed_client_id = !setup_.client_id.empty();
    options.filters = setup_.filters;
    auto client = std::make_unique<McpClient>(std::move(options));
    client->on_request(
        [this](const ClientSession& session, const PeerRequest& request) {
          on_request_of_server(session, request);
        },
        capabilities_of_host(params));
    client->on_notification(
        [this](const ClientSession& session, const std::string& method, const Json& told) {
          on_notification_of_server(session, method, told);
        });
    client->on_server_discovered(
        [this](const ServerInstance& instance) { members_.on_announced(instance.server_name); });
    client->on_server_gone([this](const ServerInstance&) { members_.look_again(); });
    client->on_state([this](const ClientEvent& event) {
      if (event.reason.kind == ErrorKind::stopped) return;
      members_.on_state(event);
      if (event.kind == ClientEvent::Kind::connection_lost) {
        setup_.note("connection lost: " + event.reason.message);
      } else if (event.kind == ClientEvent::Kind::gave_up) {
        host_.end(event.reason);
      }
    });
    return client;
  }

  Json open(const Json&) override {
    connect_for_host(*client_, setup_.broker, setup_.broker_name);
    client_->discover(setup_.filters.front(),
                      std::min<std::chrono::milliseconds>(setup_.wait, 300ms));
    members_.start(*client_);
    members_.wait(setup_.wait);
    for (const std::string& name : members_.missing()) {
      setup_.note(unknown_server(*client_, name, setup_.broker_name) +
                  "; it is taken in when it comes");
    }
    if (members_.all().empty()) setup_.note("no server is there yet");
    Json result = initialize_result();
    const std::lock_guard lock(mutex_);
    ready_ = true;
    return result;
  }

  Json initialize_result() const {
    // Servers that come later may bring any of it.
    const Json changing{{"listChanged", true}};
    Json capabilities{{"tools", changing},
                      {"prompts", changing},
                      {"resources", {{"listChanged", true}, {"subscribe", true}}},
                      {"logging", Json::object()}};
    if (revision_ >= Revision::v2025_03_26) capabilities["completions"] = Json::object();
    if (revision_ >= Revision::v2025_11_25) {
      capabilities["tasks"] = {{"list", Json::object()},
                               {"cancel", Json::object()},
                               {"requests", {{"tools", {{"call", Json::object()}}}}}};
    }
    const Implementation info{.name = "mcp-mqtt", .version = MCP_MQTT_VERSION};
    return {{"protocolVersion", to_string(revision_)},
            {"capabilities", std::move(capabilities)},
            {"serverInfo", to_json(info, revision_)},
            {"instructions", instructions()}};
  }

  std::string instructions() const {
    std::string text =
        "This server stands for several on an MQTT broker, which come and go. The names of tools "
        "and prompts begin with the server they belong to.";
    for (const Member& member : members_.all()) {
      std::string own = member.session.instructions();
      if (own.empty()) own = member.session.instance().description;
      if (own.size() > most_of_one || text.size() + own.size() > most_of_all) own.clear();
      text += "\n\n" + member.words->prefix() + " is " + member.words->server_name() +
              (own.empty() ? "." : ": " + own);
    }
    return text;
  }

  AggregateSetup setup_;
  mutable std::mutex mutex_;
  bool ready_ = false;
  std::optional<LoggingLevel> level_;
  Revision revision_ = latest_revision;
  HostCalls calls_;
  MergedLists lists_;
  HostTokens tokens_;
  Members members_;
};

}  // namespace

std::unique_ptr<HostSession> make_aggregate(AggregateSetup setup, std::shared_ptr<HostLink> host) {
  if (!setup.note) setup.note = [](const std::string&) {};
  return std::make_unique<Aggregate>(std::move(setup), std::move(host));
}

}  // namespace mcp_mqtt::command_line
