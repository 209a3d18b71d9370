#include "integration/faces/site.hpp"

// What a server may ask of a client's host: roots, a model's answer, the user's; and tasks made of
// such requests.
namespace mcp_mqtt::test {
namespace {

ElicitForm form() {
  return ElicitForm()
      .text("name", {.default_value = "Jo"})
      .integer("age", {.minimum = 0})
      .choice("size", {"s", "l"}, {.required = true});
}

class ClientHost : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    if (IsSkipped()) return;
    server_ = std::make_unique<McpServer>(server_options("desk-1"));
    server_->add_tool("ask_model", "Samples", [](RequestContext& context) {
      return context.create_message({.messages = {user_says("How are you?")}}).text();
    });
    server_->add_tool("ask_user", "Elicits", [](RequestContext& context) {
      const auto answer = context.elicit(elicit_form("Who are you?", form()));
      return answer.accepted() ? answer.content.dump() : std::string("no");
    });
    server_->on_roots_changed([changed = roots_changed_](const ConnectedClient& client) {
      client.async_list_roots({}, [changed](Result<std::vector<Root>> roots) {
        changed.push(roots ? roots->at(0).uri : roots.error().message);
      });
    });
    server_->start(url());
  }

  void connect(const std::function<void(McpClient&)>& prepare, bool tasks = false) {
    ClientOptions options = client_options();
    options.tasks = tasks;
    client_ = std::make_unique<McpClient>(options);
    prepare(*client_);
    client_->connect(url());
    desk_ = client_->open("desk/companion", {.timeout = patience});
    desk_.ping();  // the server knows that the session is open
  }
  ConnectedClient peer() const {
    const auto peer = server_->client(desk_.client_id());
    EXPECT_TRUE(peer);
    return peer.value_or(ConnectedClient());
  }
  static ElicitResult fill_in(Json content) { return {ElicitAction::accept, std::move(content)}; }

  const EventLog<std::string> roots_changed_;
  std::unique_ptr<McpServer> server_;
  std::unique_ptr<McpClient> client_;
  ClientSession desk_;
};

TEST_P(ClientHost, RootsAreListedAndTheirChangeIsTold) {
  connect([](McpClient& client) { client.set_roots({{"file:///a", "A"}}); });
  const auto roots = peer().list_roots();
  ASSERT_EQ(roots.size(), 1U);
  EXPECT_EQ(roots[0], (Root{"file:///a", "A"}));
  client_->set_roots({{"file:///b", "B"}});
  EXPECT_EQ(roots_changed_.take(), "file:///b");
  client_->set_roots({{"file:///b", "B"}});
  desk_.ping();
  EXPECT_EQ(roots_changed_.size(), 0U);
}

TEST_P(ClientHost, RootsOfAHandlerKnowWhoAsks) {
  connect([](McpClient& client) {
    client.on_list_roots([](ClientRequestContext& context) {
      return std::vector<Root>{{"file:///" + context.session().instance().server_id}};
    });
  });
  EXPECT_EQ(peer().list_roots().at(0).uri, "file:///desk-1");
  client_->notify_roots_changed();
  EXPECT_EQ(roots_changed_.take(), "file:///desk-1");
}

TEST_P(ClientHost, RootsThatWereNotDeclaredCannotComeLater) {
  connect([](McpClient&) {});
  EXPECT_EQ(error_of([&] { client_->set_roots({}); }).kind, ErrorKind::invalid_argument);
}

TEST_P(ClientHost, AModelAnswersInTheMiddleOfACall) {
  connect([](McpClient& client) {
    client.on_sampling([](const CreateMessageRequest& request, ClientRequestContext&) {
      CreateMessageResult result;
      result.content = {TextContent{"You said: " + request.messages.at(0).text()}};
      result.model = "parrot";
      return result;
    });
  });
  EXPECT_EQ(desk_.call_tool("ask_model").text(), "You said: How are you?");
}

TEST_P(ClientHost, WhatAHandlerThrowsReachesTheServer) {
  connect([](McpClient& client) {
    client.on_sampling(
        [](const CreateMessageRequest&, ClientRequestContext&) -> CreateMessageResult {
          throw std::runtime_error("the model is asleep");
        });
    client.on_elicitation([](const ElicitRequest&, ClientRequestContext&) -> ElicitResult {
      throw McpError(rpc_error(-1, "the user said no"));
    });
  });
  const Error asleep = error_of([&] { peer().create_message({.messages = {user_says("Hello")}}); });
  EXPECT_EQ(asleep.code, error_code::internal_error);
  EXPECT_EQ(asleep.message, "the model is asleep");
  const Error refused = error_of([&] { peer().elicit(elicit_form("Who?", form())); });
  EXPECT_EQ(refused.code, -1);
}

TEST_P(ClientHost, FormsAreFilledInWithTheirDefaultsAndChecked) {
  const EventLog<Json> answers;
  connect([answers](McpClient& client) {
    client.on_elicitation([answers](const ElicitRequest& request, ClientRequestContext&) {
      EXPECT_EQ(request.message, "Who are you?");
      return fill_in(*answers.take());
    });
  });
  answers.push({{"size", "l"}});
  EXPECT_EQ(Json::parse(desk_.call_tool("ask_user").text()), (Json{{"name", "Jo"}, {"size", "l"}}));
  for (const Json& wrong :
       {Json{{"size", "xl"}}, Json{{"size", "s"}, {"age", "old"}}, Json::object()}) {
    answers.push(wrong);
    const Error error = error_of([&] { peer().elicit(elicit_form("Who are you?", form())); });
    EXPECT_EQ(error.code, error_code::internal_error) << wrong;
  }
}

TEST_P(ClientHost, UrlsAreOpenedWhereTheHostCan) {
  const EventLog<std::string> completed;
  connect([completed](McpClient& client) {
    client.on_elicitation(
        [](const ElicitRequest& request, ClientRequestContext&) {
          EXPECT_EQ(request.url, "https://example.org/login");
          return fill_in({{"never", "sent"}});
        },
        {.form = false, .url = true});
    client.on_elicitation_complete(
        [completed](const ClientSession&, const std::string& id) { completed.push(id); });
  });
  const auto result = peer().elicit(elicit_url("Log in", "https://example.org/login", "e-1"));
  EXPECT_TRUE(result.accepted());
  EXPECT_TRUE(result.content.is_null());
  peer().notify_elicitation_complete("e-1");
  EXPECT_EQ(completed.take(), "e-1");
  EXPECT_EQ(error_of([&] { peer().elicit(elicit_form("Who?", form())); }).kind,
            ErrorKind::unsupported);
}

TEST_P(ClientHost, ACancelledRequestStopsItsHandler) {
  const EventLog<std::string> seen;
  connect([seen](McpClient& client) {
    client.on_sampling([seen](const CreateMessageRequest&, ClientRequestContext& context) {
      seen.push("started");
      std::mutex mutex;
      std::condition_variable_any wake;
      std::unique_lock lock(mutex);
      wake.wait_for(lock, context.stop_token(), patience, [&] { return context.cancelled(); });
      seen.push(context.cancelled() ? "cancelled" : "forgotten");
      return CreateMessageResult();
    });
  });
  const Outcome<CallToolResult> outcome;
  const auto call = desk_.async_call_tool("ask_model", {}, {}, outcome.callback());
  EXPECT_EQ(seen.take(), "started");
  call.cancel();
  EXPECT_EQ(seen.take(), "cancelled");
}

TEST_P(ClientHost, HandlersReportProgressAndMayCallTheServer) {
  connect([](McpClient& client) {
    client.on_sampling([](const CreateMessageRequest&, ClientRequestContext& context) {
      context.report_progress(1, 2, "thinking");
      context.session().ping();
      context.report_progress(2, 2);
      CreateMessageResult result;
      result.content = {TextContent{"done"}};
      return result;
    });
  });
  const EventLog<Progress> progress;
  peer().create_message({.messages = {user_says("Hello")}},
                        {.on_progress = [progress](const auto& step) { progress.push(step); }});
  ASSERT_GE(progress.size(), 1U);
  EXPECT_EQ(progress.all().back().progress, 2);
}

TEST_P(ClientHost, RequestsMayBeTasks) {
  connect(
      [](McpClient& client) {
        client.on_elicitation([](const ElicitRequest&, ClientRequestContext&) {
          return fill_in({{"size", "s"}});
        });
      },
      true);
  const auto client = peer();
  const Task task = client.elicit_as_task(elicit_form("Who?", form()), 60s);
  const auto result = elicit_result_from_json(client.task_result(task.task_id));
  ASSERT_TRUE(succeeded(result));
  EXPECT_EQ(result->content["size"], "s");
  EXPECT_EQ(client.get_task(task.task_id).status, TaskStatus::completed);
  EXPECT_EQ(client.list_tasks().size(), 1U);
}

TEST(ClientHostHandle, WithoutAClientEveryCallFails) {
  const ConnectedClient none;
  EXPECT_EQ(error_of([&] { none.list_roots(); }).kind, ErrorKind::not_connected);
  EXPECT_EQ(error_of([&] { none.create_message({}); }).kind, ErrorKind::not_connected);
  EXPECT_EQ(error_of([&] { none.elicit({}); }).kind, ErrorKind::not_connected);
}

MCP_MQTT_ON_EVERY_SITE(ClientHost);

}  // namespace
}  // namespace mcp_mqtt::test
