#include "integration/stop/stop_site.hpp"

// A server is stopped inside each kind of handler and callback that it has.
namespace mcp_mqtt::test {
namespace {

/// A server, a client of it, and the stop that a callback makes.
struct ServerStage {
  std::unique_ptr<McpServer> server;
  /// A callback may still come while the server is destroyed.
  McpServer* itself = nullptr;
  std::unique_ptr<McpClient> client;
  ClientSession session;
  EventLog<bool> stopped;
  /// A handler that waits has begun.
  EventLog<bool> waiting;

  /// What the callback under test calls: twice, since the second must not matter.
  void stop() const {
    itself->stop();
    itself->stop();
    stopped.push(true);
  }
  void open() { session = client->open("desk/companion", {.timeout = patience}); }
  void call(const std::string& tool) const {
    session.async_call_tool(tool, Json::object(), {}, [](auto) {});
  }
};

struct ServerCase {
  std::string name;
  /// Before start() and connect().
  std::function<void(ServerStage&)> prepare;
  /// Makes the callback come.
  std::function<void(ServerStage&)> provoke;
};

std::vector<ServerCase> server_handlers() {
  return {
      {"a tool",
       [](ServerStage& stage) {
         stage.server->add_tool("stop", "Stops", [&] {
           stage.stop();
           return "stopped";
         });
       },
       [](ServerStage& stage) {
         stage.open();
         stage.call("stop");
       }},
      {"a tool that runs inline",
       [](ServerStage& stage) {
         auto tool = typed_tool("stop", "Stops", [&] {
           stage.stop();
           return "stopped";
         });
         tool.run_inline = true;
         stage.server->add_tool(std::move(tool));
       },
       [](ServerStage& stage) {
         stage.open();
         stage.call("stop");
       }},
      {"a resource",
       [](ServerStage& stage) {
         stage.server->add_resource({.uri = "desk://state", .name = "state"}, [&] {
           stage.stop();
           return "stopped";
         });
       },
       [](ServerStage& stage) {
         stage.open();
         stage.session.async_read_resource("desk://state", {}, [](auto) {});
       }},
      {"a prompt",
       [](ServerStage& stage) {
         stage.server->add_prompt("stop", "Stops", [&] {
           stage.stop();
           return std::string("stopped");
         });
       },
       [](ServerStage& stage) {
         stage.open();
         stage.session.async_get_prompt("stop", {}, {}, [](auto) {});
       }},
      {"a completer",
       [](ServerStage& stage) {
         stage.server->add_prompt("greet", "Greets", {arg("name", "Whom")},
                                  [](const std::string& name) { return name; });
         stage.server->complete_prompt("greet", "name", [&](const std::string&) {
           stage.stop();
           return std::vector<std::string>{"Jo"};
         });
       },
       [](ServerStage& stage) {
         stage.open();
         stage.session.async_complete({PromptReference{"greet"}, "name", "J"}, {}, [](auto) {});
       }},
      {"a stop callback of a handler",
       [](ServerStage& stage) {
         stage.server->add_tool("wait", "Waits", [&](RequestContext& context) {
           const std::stop_callback on_stop(context.stop_token(), [&] { stage.stop(); });
           stage.waiting.push(true);
           stage.stopped.wait_for_count(1);
           return "stopped";
         });
       },
       [](ServerStage& stage) {
         stage.open();
         const auto call = stage.session.async_call_tool("wait", Json::object(), {}, [](auto) {});
         EXPECT_TRUE(stage.waiting.take());
         call.cancel();
       }},
  };
}

std::vector<ServerCase> server_callbacks() {
  return {
      {"on_connection",
       [](ServerStage& stage) {
         stage.server->on_connection([&](ConnectionState, const Error&) { stage.stop(); });
       },
       [](ServerStage&) {}},
      {"on_client_connected",
       [](ServerStage& stage) { stage.server->on_client_connected([&](auto&) { stage.stop(); }); },
       [](ServerStage& stage) { stage.open(); }},
      {"on_client_gone",
       [](ServerStage& stage) {
         stage.server->on_client_gone([&](auto&, auto&) { stage.stop(); });
       },
       [](ServerStage& stage) {
         stage.open();
         stage.session.ping();
         stage.session.close();
       }},
      {"on_roots_changed",
       [](ServerStage& stage) {
         stage.client->set_roots({{.uri = "file:///a"}});
         stage.server->on_roots_changed([&](auto&) { stage.stop(); });
       },
       [](ServerStage& stage) {
         stage.open();
         stage.session.ping();
         stage.client->set_roots({{.uri = "file:///b"}});
       }},
      {"on_subscription",
       [](ServerStage& stage) {
         stage.server->add_resource({.uri = "desk://state", .name = "state"}, "idle");
         stage.server->on_subscription([&](auto&, auto&, bool) { stage.stop(); });
       },
       [](ServerStage& stage) {
         stage.open();
         stage.session.async_subscribe(
             "desk://state", [](auto&) {}, {}, [](auto) {});
       }},
      {"on_task_status",
       [](ServerStage& stage) {
         stage.server->on_task_status([&](auto&, auto&) { stage.stop(); });
         stage.server->add_tool("ask", "Asks for a task", [](RequestContext& context) {
           context.peer().create_message_as_task({.messages = {user_says("Hello")}});
           return "asked";
         });
         stage.client->on_sampling([](auto&, auto&) { return CreateMessageResult(); });
       },
       [](ServerStage& stage) {
         stage.open();
         stage.call("ask");
       }},
      {"the outcome of a request to the client",
       [](ServerStage& stage) {
         stage.server->add_tool("ask", "Pings", [&](RequestContext& context) {
           context.peer().async_ping({}, [&](auto) { stage.stop(); });
           return "asked";
         });
       },
       [](ServerStage& stage) {
         stage.open();
         stage.call("ask");
       }},
      {"the progress of a request to the client",
       [](ServerStage& stage) {
         stage.server->add_tool("ask", "Samples", [&](RequestContext& context) {
           CallOptions options;
           options.on_progress = [&](const Progress&) {
             if (stage.stopped.size() == 0) stage.stop();
           };
           context.peer().async_create_message({.messages = {user_says("Hello")}}, options,
                                               [](auto) {});
           return "asked";
         });
         stage.client->on_sampling([](auto&, ClientRequestContext& context) {
           context.report_progress(1);
           return CreateMessageResult();
         });
       },
       [](ServerStage& stage) {
         stage.open();
         stage.call("ask");
       }},
  };
}

class ServerStopsIn : public StopSite {
 protected:
  void play(const std::vector<ServerCase>& cases) {
    for (const ServerCase& one : cases) {
      SCOPED_TRACE(one.name);
      ServerStage stage;
      stage.server = std::make_unique<McpServer>(server_options("desk-1"));
      stage.itself = stage.server.get();
      ClientOptions options = client_options();
      options.tasks = true;
      stage.client = std::make_unique<McpClient>(options);
      one.prepare(stage);
      in_time(5s, [&] {
        try {
          stage.server->start(url());
          stage.client->connect(url());
          one.provoke(stage);
        } catch (const McpError& error) {
          // The stop may have come before what provoked it was over.
          EXPECT_TRUE(error.kind() == ErrorKind::stopped || error.kind() == ErrorKind::server_gone)
              << error.what();
        }
        EXPECT_TRUE(stage.stopped.wait_for_count(1));
      });
      in_time(5s, [&] { stage.server->stop(); });  // waits for the one inside
      EXPECT_FALSE(stage.server->running());
      in_time(0s, [&] {
        stage.server.reset();
        stage.client.reset();
      });
    }
  }
};

TEST_P(ServerStopsIn, EachHandler) { play(server_handlers()); }
TEST_P(ServerStopsIn, EachCallback) { play(server_callbacks()); }

TEST_P(ServerStopsIn, AHandlerWhileRunWaits) {
  McpServer server(server_options("desk-1"));
  server.add_tool("stop", "Stops", [&] {
    server.stop();
    return "stopped";
  });
  std::thread running([&] { server.run(url()); });
  McpClient client(client_options());
  client.connect(url());
  client.open("desk/companion", {.timeout = patience})
      .async_call_tool("stop", Json::object(), {}, [](auto) {});
  in_time(5s, [&] { running.join(); });
  EXPECT_FALSE(server.running());
}

MCP_MQTT_ON_EVERY_SITE(ServerStopsIn);

}  // namespace
}  // namespace mcp_mqtt::test
