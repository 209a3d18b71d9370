#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line/exposure.hpp"

// One child for each session: what passes through, and how both end.
namespace mcp_mqtt::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Expose = Exposure;

TEST_F(Expose, EachSessionHasAProcessOfItsOwn) {
  expose({"--meta", R"({"site": "roof"})", "--server-id", "exposed-1"});
  const auto one = guest("one", {{"roots", {{"listChanged", true}}}, {"theirs", {{"y", 2}}}});
  const auto two = guest("two");
  EXPECT_EQ(one->session.server_info().name, "stdio");
  EXPECT_EQ(one->session.instructions(), "be kind");
  EXPECT_EQ(one->session.capabilities().raw.at("vendor"), (Json{{"x", 1}}));
  EXPECT_EQ(one->session.instance().server_id, "exposed-1");
  EXPECT_EQ(one->session.instance().description, "Does what it is told");
  EXPECT_EQ(one->session.instance().meta, (Json{{"site", "roof"}}));

  const Json first = one->facts();
  const Json second = two->facts();
  EXPECT_NE(first["pid"], second["pid"]);
  EXPECT_EQ(first["client"]["clientInfo"]["name"], "one");
  EXPECT_EQ(first["client"]["capabilities"],
            (Json{{"roots", {{"listChanged", true}}}, {"theirs", {{"y", 2}}}}));
  EXPECT_EQ(second["client"]["clientInfo"]["name"], "two");
  EXPECT_EQ(second["calls"], 1);

  one->session.close();
  EXPECT_TRUE(ends(first["pid"]));
  EXPECT_EQ(two->facts()["pid"], second["pid"]);
}

TEST_F(Expose, StartsTheProgramAsAShellWould) {
  const std::string folder = garden->folder().path().string();
  expose({"--env", "EXPOSE_TEST=a=b", "--env", "OTHER=1", "--cwd", folder});
  const Json facts = guest()->facts();
  EXPECT_EQ(facts["variable"], "a=b");
  EXPECT_EQ(facts["home"], folder);
  // These are about the broker.
  EXPECT_EQ(facts["broker"], "");
  EXPECT_EQ(facts["folder"], folder);
  EXPECT_EQ(facts["blocked"], 0);
  EXPECT_EQ(facts["pipe"], true);
  EXPECT_EQ(facts["leads"], true);
  EXPECT_EQ(facts["descriptors"], 3);
}

TEST_F(Expose, RequestsAndNotificationsPassThrough) {
  expose();
  const auto one = guest();
  EXPECT_EQ(one->session.request("vendor/ask", {{"odd", {1, 2}}}),
            (Json{{"asked", {{"odd", {1, 2}}}}}));
  one->start("vendor/none", {});
  const auto failed = one->outcomes.take();
  ASSERT_TRUE(failed && !*failed);
  EXPECT_EQ(failed->error().code, -1234);
  EXPECT_EQ(failed->error().message, "no vendor/none");
  EXPECT_EQ(failed->error().data, (Json{{"why", 1}}));

  const EventLog<double> progress;
  CallOptions options;
  options.on_progress = [progress](const Progress& one_step) { progress.push(one_step.progress); };
  one->session.request("tools/call", {{"name", "steps"}}, options);
  EXPECT_THAT(progress.all(), ::testing::ElementsAre(1, 2, 3));

  for (const char* method :
       {"notifications/message", "notifications/tools/list_changed", "notifications/vendor"}) {
    one->call("tell", {{"method", method}, {"params", {{"level", "odd"}}}});
    EXPECT_EQ(one->told.take(), std::string(method) + R"( {"level":"odd"})");
  }
  const EventLog<std::string> updates;
  const auto watch = one->session.subscribe(
      "a://b", [updates](const ResourceUpdated& update) { updates.push(update.uri); });
  one->call("tell",
            {{"method", "notifications/resources/updated"}, {"params", {{"uri", "a://b"}}}});
  EXPECT_EQ(updates.take(), "a://b");
  one->session.notify("notifications/vendor", {{"a", 1}});
  one->session.set_logging_level(LoggingLevel::debug);
  EXPECT_EQ(one->facts()["seen"],
            (Json{"notifications/initialized {}", R"(resources/subscribe {"uri":"a://b"})",
                  R"(notifications/vendor {"a":1})", R"(logging/setLevel {"level":"debug"})"}));
}

TEST_F(Expose, WhatTheProgramAsksReachesItsClient) {
  expose();
  const auto one = guest("one", {{"roots", Json::object()}, {"sampling", Json::object()}});
  const auto two = guest("two");
  one->start("tools/call", {{"name", "ask"},
                            {"arguments",
                             {{"method", "sampling/createMessage"},
                              {"params", {{"odd", 1}, {"_meta", {{"progressToken", "t"}}}}}}}});
  const auto asked = one->asked.take();
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->method(), "sampling/createMessage");
  EXPECT_EQ(asked->params().at("odd"), 1);
  one->session.notify(
      "notifications/progress",
      {{"progressToken", asked->params()["_meta"]["progressToken"]}, {"progress", 0.5}});
  asked->answer(rpc_error(-1, "the user said no", Json{{"why", 2}}));
  const auto outcome = one->outcomes.take();
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(
      Json::parse((**outcome)["content"][0]["text"].get<std::string>()),
      (Json{{"error", {{"code", -1}, {"message", "the user said no"}, {"data", {{"why", 2}}}}}}));
  EXPECT_THAT(one->facts()["seen"].dump(),
              HasSubstr(R"(notifications/progress {\"progress\":0.5,\"progressToken\":\"t\"})"));

  // What a client did not declare is not asked of it.
  const Json refused =
      two->call("ask", {{"method", "elicitation/create"}, {"params", Json::object()}});
  EXPECT_EQ(refused["error"]["code"], error_code::method_not_found);
  EXPECT_EQ(two->asked.size(), 0U);
}

TEST_F(Expose, CancellationArrivesOnBothSides) {
  expose();
  const auto one = guest("one", {{"roots", Json::object()}});
  const EventLog<double> progress;
  CallOptions options;
  options.on_progress = [progress](const Progress& step) { progress.push(step.progress); };
  const PendingCall call = one->start("tools/call", {{"name", "slow"}}, options);
  ASSERT_TRUE(progress.take());
  call.cancel();
  EXPECT_TRUE(logs("cancelled 1"));

  one->start(
      "tools/call",
      {{"name", "ask"},
       {"arguments", {{"method", "roots/list"}, {"params", Json::object()}, {"cancel", true}}}});
  const auto asked = one->asked.take();
  ASSERT_TRUE(asked);
  const EventLog<int> cancelled;
  const std::stop_callback watch(asked->stop_token(), [cancelled] { cancelled.push(1); });
  EXPECT_TRUE(cancelled.take());
}

TEST_F(Expose, AProgramThatDiesEndsItsSessionWithTheReason) {
  expose();
  const auto one = guest("one");
  const auto two = guest("two");
  const int pid = one->facts()["pid"];
  one->start("tools/call", {{"name", "slow"}});
  one->start("tools/call", {{"name", "die"}});
  for (int outcome = 0; outcome < 2; ++outcome) {
    const auto failed = one->outcomes.take();
    ASSERT_TRUE(failed && !*failed);
    EXPECT_THAT(failed->error().message, HasSubstr("ended with exit code 5"));
  }
  EXPECT_THAT(one->told.take().value_or(""),
              AllOf(HasSubstr("notifications/message"), HasSubstr("ended with exit code 5")));
  EXPECT_EQ(one->closed.take()->kind, ErrorKind::server_gone);
  EXPECT_TRUE(logs("[" + std::to_string(pid) + "]: ended with exit code 5"));
  EXPECT_EQ(two->facts()["calls"], 1);

  ::kill(two->facts()["pid"], SIGKILL);
  EXPECT_TRUE(two->closed.take());
  EXPECT_TRUE(logs("was ended by signal 9 (Killed)"));
  two->open();
  EXPECT_EQ(two->facts()["calls"], 1);
}

TEST_F(Expose, AllThatTheProgramStartedEndsWithIt) {
  expose();
  const auto one = guest();
  const int child = one->call("parent");
  const int pid = one->facts()["pid"];
  ::kill(pid, SIGKILL);
  EXPECT_TRUE(ends(child));
  EXPECT_TRUE(one->closed.take());
}

TEST_F(Expose, AProgramThatDoesNotReadHoldsUpNobodyElse) {
  expose();
  const auto one = guest("one");
  const auto two = guest("two");
  const int pid = one->facts()["pid"];
  one->call("deaf");
  // More than the pipe and the queue before it hold.
  const std::string much(2U << 20, 'x');
  for (int request = 0; request < 8; ++request) {
    one->start("tools/call", {{"name", "echo"}, {"arguments", {{"much", much}}}});
  }
  const auto refused = one->outcomes.take();
  ASSERT_TRUE(refused && !*refused);
  EXPECT_EQ(refused->error().code, error_code::server_busy);
  EXPECT_THAT(refused->error().message, HasSubstr("does not read"));
  EXPECT_EQ(two->facts()["calls"], 1);
  one->session.close();
  EXPECT_TRUE(ends(pid));
}

TEST_F(Expose, AnAnswerThatIsTooLargeIsAnError) {
  expose();
  const auto one = guest();
  try {
    one->call("much", {{"bytes", 17U << 20}});
    ADD_FAILURE() << "17 MiB came through";
  } catch (const McpError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::rpc);
    EXPECT_THAT(error.what(), HasSubstr("bytes"));
  }
  one->start("tools/call", {{"name", "much"}, {"arguments", {{"bytes", 33U << 20}}}});
  EXPECT_TRUE(logs("bytes is passed over"));
  EXPECT_EQ(one->facts()["calls"], 3);
}

TEST_F(Expose, WhatIsNoMessageGoesToTheLogAndNowhereElse) {
  expose({}, {"--garbage"});
  const auto one = guest();
  EXPECT_EQ(one->facts()["calls"], 1);
  one->session.close();
  process->signal(SIGTERM);
  const Ran ran = Garden::end_of(*process);
  EXPECT_EQ(ran.output, "");
  EXPECT_THAT(ran.error, AllOf(HasSubstr("]: no message: Welcome!\n"),
                               HasSubstr("]: no message: ]0;owned"), HasSubstr("red \xEF\xBF\xBD"),
                               HasSubstr("(5000 bytes)\n"), HasSubstr("]: flood 0\n"),
                               HasSubstr("lines came too fast and are left out\n")));
  EXPECT_THAT(ran.error, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\x07"))));
  // Two children wrote 20,000 lines each.
  EXPECT_LT(std::count(ran.error.begin(), ran.error.end(), '\n'), 10'000);
}

TEST_F(Expose, OneSessionTooManyIsRefused) {
  expose({"--max-sessions", "2"});
  const auto one = guest("one");
  const auto two = guest("two");
  Guest three(garden->broker_url(), "three");
  try {
    three.open();
    ADD_FAILURE() << "a third session";
  } catch (const McpError& error) {
    EXPECT_THAT(error.what(), HasSubstr("all the sessions it takes (2)"));
  }
  EXPECT_TRUE(logs("see --max-sessions"));
  const int pid = one->facts()["pid"];
  one->session.close();
  EXPECT_TRUE(logs("[" + std::to_string(pid) + "]: ended with exit code 0"));
  three.open();
  EXPECT_EQ(three.facts()["calls"], 1);
}

TEST_F(Expose, LeavesNothingBehindWhenItIsStopped) {
  expose();
  const auto one = guest();
  const int pid = one->facts()["pid"];
  process->signal(SIGTERM);
  const Ran ran = Garden::end_of(*process);
  EXPECT_EQ(ran.code, 143);
  EXPECT_TRUE(ran.error.ends_with("ended with exit code 0\nmcp-mqtt: interrupted\n")) << ran.error;
  EXPECT_EQ(one->closed.take()->kind, ErrorKind::server_gone);
  EXPECT_NE(::kill(pid, 0), 0);
  EXPECT_THAT(garden->run({"servers"}).output, Not(HasSubstr("exposed")));
}

TEST_F(Expose, EndsAProgramThatWillNot) {
  expose({}, {"--ignore-the-end"});
  const auto one = guest();
  const int pid = one->facts()["pid"];
  process->signal(SIGINT);
  const Ran ran = Garden::end_of(*process);
  EXPECT_EQ(ran.code, 130);
  EXPECT_THAT(ran.error, HasSubstr("was ended by signal 9 (Killed)"));
  EXPECT_NE(::kill(pid, 0), 0);
}

}  // namespace
}  // namespace mcp_mqtt::test
