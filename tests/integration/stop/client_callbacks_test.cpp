#include "integration/stop/stop_site.hpp"

// A client is stopped inside each kind of handler and callback that it has.
namespace mcp_mqtt::test {
namespace {

struct ClientStage {
  std::unique_ptr<McpServer> server;
  std::unique_ptr<McpClient> client;
  /// A callback may still come while the client is destroyed.
  McpClient* itself = nullptr;
  ClientSession session;
  EventLog<bool> stopped;
  /// A handler that waits has begun.
  EventLog<bool> waiting;
  /// Lets the server's presence say something else.
  std::function<void()> change_presence;
  /// Whatever the client must hold on to.
  ResourceSubscription watch;

  void stop() const {
    itself->stop();
    itself->stop();
    stopped.push(true);
  }
  void open() {
    session = client->open("desk/companion", {.timeout = patience});
    session.ping();  // the server knows that it is open
  }
  void call(const std::string& tool) const {
    session.async_call_tool(tool, Json::object(), {}, [](auto) {});
  }
};

struct ClientCase {
  std::string name;
  /// Before start() and connect().
  std::function<void(ClientStage&)> prepare;
  /// Makes the callback come.
  std::function<void(ClientStage&)> provoke;
};

const auto nothing = [](auto&&...) {};

std::vector<ClientCase> discovery_callbacks() {
  return {
      {"on_server_discovered",
       [](ClientStage& stage) { stage.client->on_server_discovered([&](auto&) { stage.stop(); }); },
       [](ClientStage& stage) { stage.client->discover("#", 0ms); }},
      {"on_server_changed",
       [](ClientStage& stage) { stage.client->on_server_changed([&](auto&) { stage.stop(); }); },
       [](ClientStage& stage) {
         stage.client->wait_for_server("#", patience);
         stage.change_presence();
       }},
      {"on_server_gone",
       [](ClientStage& stage) { stage.client->on_server_gone([&](auto&) { stage.stop(); }); },
       [](ClientStage& stage) {
         stage.client->wait_for_server("#", patience);
         stage.server->stop();
       }},
      {"a selection policy", nothing,
       [](ClientStage& stage) {
         const auto policy = [&](const std::vector<ServerInstance>&) {
           stage.stop();
           return std::size_t{0};
         };
         stage.client->async_open("desk/companion", {.timeout = patience, .select = policy},
                                  nothing);
       }},
  };
}

std::vector<ClientCase> session_callbacks() {
  return {
      {"on_connection",
       [](ClientStage& stage) { stage.client->on_connection([&](auto, auto&) { stage.stop(); }); },
       nothing},
      {"on_state",
       [](ClientStage& stage) {
         stage.client->on_state([&](const ClientEvent& event) {
           if (event.kind == ClientEvent::Kind::session_opened) stage.stop();
         });
       },
       [](ClientStage& stage) { stage.open(); }},
      {"on_connected",
       [](ClientStage& stage) { stage.client->on_connected([&](auto) { stage.stop(); }); },
       [](ClientStage& stage) { stage.open(); }},
      {"on_disconnected",
       [](ClientStage& stage) {
         stage.client->on_disconnected([&](auto, auto&) { stage.stop(); });
       },
       [](ClientStage& stage) {
         stage.open();
         stage.server->stop();
       }},
      {"the outcome of an open", nothing,
       [](ClientStage& stage) {
         stage.client->async_open("desk/companion", {.timeout = patience},
                                  [&](auto) { stage.stop(); });
       }},
      {"the outcome of a call", nothing,
       [](ClientStage& stage) {
         stage.open();
         stage.session.async_ping({}, [&](auto) { stage.stop(); });
       }},
      {"the progress of a call", nothing,
       [](ClientStage& stage) {
         stage.open();
         CallOptions options;
         options.on_progress = [&](auto&) { stage.stop(); };
         stage.session.async_call_tool("step", Json::object(), options, nothing);
       }},
      {"the progress of a blocking call", nothing,
       [](ClientStage& stage) {
         stage.open();
         CallOptions options;
         options.on_progress = [&](auto&) { stage.stop(); };
         stage.session.call_tool("step", Json::object(), options);
       }},
  };
}

std::vector<ClientCase> notices() {
  return {
      {"on_log",
       [](ClientStage& stage) { stage.client->on_log([&](auto, auto&) { stage.stop(); }); },
       [](ClientStage& stage) {
         stage.open();
         stage.server->log(LoggingLevel::error, "paper jam");
       }},
      {"on_tools_changed",
       [](ClientStage& stage) { stage.client->on_tools_changed([&](auto) { stage.stop(); }); },
       [](ClientStage& stage) {
         stage.open();
         stage.server->remove_tool("step");
       }},
      {"on_resources_changed",
       [](ClientStage& stage) { stage.client->on_resources_changed([&](auto) { stage.stop(); }); },
       [](ClientStage& stage) {
         stage.open();
         stage.server->remove_resource("desk://state");
       }},
      {"on_prompts_changed",
       [](ClientStage& stage) { stage.client->on_prompts_changed([&](auto) { stage.stop(); }); },
       [](ClientStage& stage) {
         stage.open();
         stage.server->remove_prompt("greet");
       }},
      {"on_task_status",
       [](ClientStage& stage) { stage.client->on_task_status([&](auto, auto&) { stage.stop(); }); },
       [](ClientStage& stage) {
         stage.open();
         stage.session.call_tool_as_task("task");
       }},
      {"on_elicitation_complete",
       [](ClientStage& stage) {
         stage.client->on_elicitation([](auto&, auto&) { return ElicitResult(); },
                                      {.form = true, .url = true});
         stage.client->on_elicitation_complete([&](auto, auto&) { stage.stop(); });
       },
       [](ClientStage& stage) {
         stage.open();
         const auto peer = stage.server->clients().at(0);
         peer.elicit(elicit_url("Log in", "https://example.org/login", "e-1"));
         peer.notify_elicitation_complete("e-1");
       }},
      {"a subscription", nothing,
       [](ClientStage& stage) {
         stage.open();
         stage.watch = stage.session.subscribe("desk://state", [&](auto&) { stage.stop(); });
         stage.server->notify_resource_updated("desk://state");
       }},
  };
}

std::vector<ClientCase> client_handlers() {
  return {
      {"sampling",
       [](ClientStage& stage) {
         stage.client->on_sampling([&](auto&, auto&) {
           stage.stop();
           return CreateMessageResult();
         });
       },
       [](ClientStage& stage) {
         stage.open();
         stage.server->clients().at(0).async_create_message({.messages = {user_says("Hello")}}, {},
                                                            nothing);
       }},
      {"elicitation",
       [](ClientStage& stage) {
         stage.client->on_elicitation([&](auto&, auto&) {
           stage.stop();
           return ElicitResult();
         });
       },
       [](ClientStage& stage) {
         stage.open();
         stage.server->clients().at(0).async_elicit(
             elicit_form("Who?", ElicitForm().text("name", {})), {}, nothing);
       }},
      {"roots",
       [](ClientStage& stage) {
         stage.client->on_list_roots([&](auto&) {
           stage.stop();
           return std::vector<Root>();
         });
       },
       [](ClientStage& stage) {
         stage.open();
         stage.server->clients().at(0).async_list_roots({}, nothing);
       }},
      {"a stop callback of a handler",
       [](ClientStage& stage) {
         stage.client->on_sampling([&](auto&, ClientRequestContext& context) {
           const std::stop_callback on_stop(context.stop_token(), [&] { stage.stop(); });
           stage.waiting.push(true);
           stage.stopped.wait_for_count(1);
           return CreateMessageResult();
         });
       },
       [](ClientStage& stage) {
         stage.open();
         const auto peer = stage.server->clients().at(0);
         const auto asked =
             peer.async_create_message({.messages = {user_says("Hello")}}, {}, nothing);
         EXPECT_TRUE(stage.waiting.take());
         asked.cancel();
       }},
  };
}

class ClientStopsIn : public StopSite {
 protected:
  void play(const std::vector<ClientCase>& cases) {
    for (const ClientCase& one : cases) {
      SCOPED_TRACE(one.name);
      ClientStage stage;
      stage.server = std::make_unique<McpServer>(server_options("desk-1"));
      offer_everything(*stage.server);
      stage.client = std::make_unique<McpClient>(client_options());
      stage.itself = stage.client.get();
      stage.change_presence = [this] {
        publish("$mcp-server/presence/desk-1/desk/companion",
                R"({"jsonrpc":"2.0","method":"notifications/server/online",)"
                R"("params":{"server_name":"desk/companion","description":"Another desk"}})",
                true);
      };
      one.prepare(stage);
      stage.server->start(url());
      in_time(5s, [&] {
        try {
          stage.client->connect(url());
          one.provoke(stage);
        } catch (const McpError& error) {
          // The stop may have come before what provoked it was over.
          EXPECT_TRUE(error.kind() == ErrorKind::stopped || error.kind() == ErrorKind::client_gone)
              << error.what();
        }
        EXPECT_TRUE(stage.stopped.wait_for_count(1));
      });
      in_time(5s, [&] { stage.client->stop(); });
      EXPECT_EQ(error_of([&] { stage.client->open("desk/companion"); }).kind, ErrorKind::stopped);
      in_time(0s, [&] { stage.client.reset(); });
    }
  }

 private:
  static void offer_everything(McpServer& server) {
    server.add_tool("step", "Makes a step", [](RequestContext& context) {
      context.report_progress(1, 2);
      return "stepped";
    });
    auto task = typed_tool("task", "Takes a while", [] { return "done"; });
    task.tool.task_support = TaskSupport::optional;
    server.add_tool(std::move(task));
    server.add_resource({.uri = "desk://state", .name = "state"}, "idle");
    server.add_prompt("greet", "Greets", [] { return std::string("Hello"); });
  }
};

TEST_P(ClientStopsIn, EachCallbackOfDiscovery) { play(discovery_callbacks()); }
TEST_P(ClientStopsIn, EachCallbackOfASession) { play(session_callbacks()); }
TEST_P(ClientStopsIn, EachNotice) { play(notices()); }
TEST_P(ClientStopsIn, EachHandler) { play(client_handlers()); }

MCP_MQTT_ON_EVERY_SITE(ClientStopsIn);

}  // namespace
}  // namespace mcp_mqtt::test
