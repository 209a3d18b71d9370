// This library's client against the official SDK's server. Prints "ok - …" and "not ok - …" lines
// and exits with 0 when everything was ok.
//
// With --leave graceful or --leave killed it checks instead how the end of the server is noticed:
// it prints "waiting for the server to leave" when a call is under way, and then somebody must end
// it.
#include <CLI/CLI.hpp>
#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "checks.hpp"
#include "client/host.hpp"
#include "client/session_checks.hpp"
#include "transport_option.hpp"

namespace {

using namespace std::chrono_literals;
using interop::Checks;
using interop::require;
using interop::require_equal;
using interop::require_error;
using mcp_mqtt::CallToolResult;
using mcp_mqtt::ClientSession;
using mcp_mqtt::Error;
using mcp_mqtt::ErrorKind;
using mcp_mqtt::Json;
using mcp_mqtt::McpClient;
using mcp_mqtt::Result;
using mcp_mqtt::Revision;
using mcp_mqtt::ServerInstance;
using mcp_mqtt::mqtt::TransportKind;

struct Options {
  std::string broker;
  std::string name;
  std::string leave;
  TransportKind transport = TransportKind::automatic;
};

mcp_mqtt::ClientOptions client_options(const Options& options) {
  mcp_mqtt::ClientOptions made{.name = "interop-client-test", .version = "1.0.0"};
  made.connection.transport = options.transport;
  return made;
}

std::string display(const ClientSession& session, const std::string& message) {
  return session.call_tool("display", {{"message", message}}).text();
}

void check_discovery(Checks& checks, McpClient& client, const std::string& name) {
  checks.check("the server is discovered, with what its presence says (T12)", [&] {
    const ServerInstance server = client.wait_for_server(name);
    require_equal(server.server_name, name, "the server-name");
    require(!server.server_id.empty(), "the server-id is empty");
    require_equal(server.description, "Interop server on the TypeScript SDK", "the description");
    require_equal(server.meta.at("location"), "test", "the location");
    require_equal(client.discover(name).size(), 1, "the number of instances");
  });
  // Here one program serves two runs: in the second the broker says where to look.
  if (const auto granted = client.granted_filters()) {
    checks.check("the broker's filters are the only ones (T5)", [&] {
      require_equal(*granted, Json::array({name}), "the filters");
      const auto roles = client.roles();
      require(roles && roles->empty(), "the empty list of roles was not taken over");
      require_error(ErrorKind::refused, 0, [&] { client.open("no/such/service"); });
    });
  } else {
    checks.check("a service that is not there is an error after the timeout", [&] {
      require_error(ErrorKind::server_gone, 0,
                    [&] { client.open("no/such/service", {.timeout = 300ms}); });
    });
  }
}

void check_revisions(Checks& checks, McpClient& client, const ClientSession& first,
                     const std::string& name) {
  for (const Revision revision :
       {Revision::v2024_11_05, Revision::v2025_03_26, Revision::v2025_06_18}) {
    const std::string wanted(to_string(revision));
    checks.check("a second session, in revision " + wanted + ", has a client id of its own (T30)",
                 [&] {
                   const auto second = client.open(name, {.timeout = 20s, .revision = revision});
                   require_equal(to_string(second.revision()), wanted, "the revision");
                   require(second.client_id() != first.client_id(), "both have one client id");
                   require_equal(second.client_id().size(), first.client_id().size(),
                                 "the length of the client id");
                   require_equal(display(second, wanted), "displayed: " + wanted, "the answer");
                   require_equal(display(first, "first"), "displayed: first", "the answer");
                   second.close();
                   require(!second.is_open(), "the session is still open");
                   require_error(ErrorKind::stopped, 0, [&] { display(second, "closed"); });
                 });
  }
  checks.check("the first session goes on", [&] { first.ping(); });
}

/// The first report of the end of each session, by client id.
class Ends {
 public:
  std::future<Error> of(const std::string& client_id) {
    const std::lock_guard lock(mutex_);
    return ends_[client_id].get_future();
  }
  void add(const std::string& client_id, const Error& reason) {
    const std::lock_guard lock(mutex_);
    ends_[client_id].set_value(reason);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::promise<Error>> ends_;
};

Error require_end(std::future<Error>& end) {
  require(end.wait_for(20s) == std::future_status::ready, "the session did not end within 20 s");
  return end.get();
}

void check_hang_up(Checks& checks, McpClient& client, Ends& ends, const std::string& name) {
  checks.check("the server ends a session, and another one opens (T41, T43)", [&] {
    const auto session = client.open(name, {.timeout = 20s});
    auto end = ends.of(session.client_id());
    require_equal(session.call_tool("hang_up").text(), "good bye", "the answer");
    require_equal(to_string(require_end(end).kind), "server gone", "the reason");
    require(!session.is_open(), "the session is still open");
    require_error(ErrorKind::server_gone, 0, [&] { display(session, "after the end"); });
    const auto next = client.open(name, {.timeout = 20s});
    require_equal(display(next, "again"), "displayed: again", "the answer");
  });
}

void check_two_clients(Checks& checks, const Options& options, const ClientSession& first) {
  checks.check("a second client has a session of its own at the same time", [&] {
    McpClient other(client_options(options));
    other.connect(options.broker);
    const auto session = other.open(options.name, {.timeout = 20s});
    require_equal(display(session, "second"), "displayed: second", "the answer");
    require_equal(display(first, "first"), "displayed: first", "the answer");
    interop::check_bare_client(checks, session);
    other.stop();
    require_error(ErrorKind::stopped, 0, [&] { display(session, "stopped"); });
    require_equal(display(first, "still here"), "displayed: still here", "the answer");
  });
}

void check_features(Checks& checks, McpClient& client, const ClientSession& session,
                    interop::Host& host) {
  interop::check_basics(checks, session);
  interop::check_contents(checks, session);
  interop::check_resources(checks, session);
  interop::check_prompts(checks, session);
  interop::check_changes(checks, session, host);
  interop::check_model(checks, client, session, host);
  interop::check_user(checks, session, host);
  interop::check_tasks(checks, session, host);
}

void check_everything(Checks& checks, const Options& options) {
  Ends ends;
  interop::Host host;
  mcp_mqtt::ClientOptions with_tasks = client_options(options);
  with_tasks.title = "The interop client";
  with_tasks.tasks = true;
  McpClient client(with_tasks);
  client.on_disconnected([&](const ClientSession& session, const Error& reason) {
    ends.add(session.client_id(), reason);
  });
  host.serve(client);
  client.connect(options.broker);
  check_discovery(checks, client, options.name);
  ClientSession session;
  if (!checks.check("a session opens (T20 to T22)", [&] {
        session = client.open(options.name, {.timeout = 20s});
        require(session.is_open(), "the session is not open");
      })) {
    return;
  }
  check_features(checks, client, session, host);
  check_revisions(checks, client, session, options.name);
  for (const Revision revision :
       {Revision::v2024_11_05, Revision::v2025_03_26, Revision::v2025_06_18}) {
    interop::check_revision(checks, client, host, options.name, revision);
  }
  check_hang_up(checks, client, ends, options.name);
  check_two_clients(checks, options, session);
  checks.check("the client leaves (T41, T42)", [&] {
    session.close();
    client.stop();
    require_error(ErrorKind::stopped, 0, [&] { session.ping(); });
  });
}

void check_server_leaving(Checks& checks, const Options& options) {
  // What the client's callbacks use outlives the client.
  std::promise<ServerInstance> gone;
  std::promise<void> started;
  std::promise<Result<CallToolResult>> outcome;
  Ends ends;
  McpClient client(client_options(options));
  client.on_server_gone([&](const ServerInstance& server) { gone.set_value(server); });
  client.on_disconnected([&](const ClientSession& session, const Error& reason) {
    ends.add(session.client_id(), reason);
  });
  client.connect(options.broker);
  const auto session = client.open(options.name, {.timeout = 20s});
  auto end = ends.of(session.client_id());
  mcp_mqtt::CallOptions call{.timeout = 120s};
  call.on_progress = [&](const mcp_mqtt::Progress& progress) {
    if (progress.progress == 1) started.set_value();
  };
  session.async_call_tool("count", {{"to", 100'000}}, call, [&](Result<CallToolResult> result) {
    outcome.set_value(std::move(result));
  });
  require(started.get_future().wait_for(20s) == std::future_status::ready,
          "the call did not start within 20 s");
  std::cout << "waiting for the server to leave" << std::endl;

  const std::string rule = options.leave == "killed" ? "T6" : "T11";
  checks.check("the server's end is told by its presence (" + rule + ")", [&] {
    auto told = gone.get_future();
    require(told.wait_for(20s) == std::future_status::ready, "nothing was told within 20 s");
    require(told.get() == session.instance(), "another instance is gone");
    require(client.servers().empty(), "an instance is still known");
  });
  checks.check("the call under way fails at once (T43)", [&] {
    auto result = outcome.get_future();
    require(result.wait_for(2s) == std::future_status::ready, "it did not end within 2 s");
    require_error(ErrorKind::server_gone, 0, [&] { result.get().value(); });
  });
  checks.check("the session is over (T43)", [&] {
    require_equal(to_string(require_end(end).kind), "server gone", "the reason");
    require(!session.is_open(), "the session is still open");
    require_error(ErrorKind::server_gone, 0, [&] { session.ping(); });
    require_error(ErrorKind::server_gone, 0,
                  [&] { client.open(options.name, {.timeout = 300ms}); });
  });
  client.stop();
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app{"The interop test of the C++ library's client."};
  app.add_option("--broker", options.broker, "The broker's URL")->required();
  app.add_option("--name", options.name, "The server-name to look for")->required();
  app.add_option("--leave", options.leave, "How the server will leave")
      ->check(CLI::IsMember({"graceful", "killed"}));
  interop::add_transport_option(app, options.transport);
  CLI11_PARSE(app, argc, argv);

  Checks checks;
  if (options.leave.empty()) {
    check_everything(checks, options);
  } else {
    check_server_leaving(checks, options);
  }
  return checks.finish();
} catch (const std::exception& error) {
  std::cout << "not ok - " << error.what() << std::endl;
  return 1;
}
