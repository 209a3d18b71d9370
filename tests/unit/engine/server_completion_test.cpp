#include "server_harness.hpp"

// completion/complete on the server's side.
namespace mcp_mqtt::engine::test {
namespace {

Json prompt_ref(const std::string& name) { return {{"type", "ref/prompt"}, {"name", name}}; }
Json template_ref(const std::string& uri) { return {{"type", "ref/resource"}, {"uri", uri}}; }
Json params_of(const Json& ref, const std::string& argument, const std::string& value) {
  return {{"ref", ref}, {"argument", {{"name", argument}, {"value", value}}}};
}

class ServerCompletion : public ::testing::Test {
 protected:
  ServerCompletion() {
    PromptDefinition paint = echo_prompt("paint", {{"colour"}, {"tool"}, {"free"}});
    paint.choices["colour"] = {"red", "Rose", "blue"};
    server.add(paint);
    server.add(text_template("plant://{bed}/soil"));
    server.change(FeatureList::none, [](Features& features) {
      // Says what it was asked, so that tests can look at it.
      return features.completers.set_for_prompt(
          "paint", "tool", [](const CompleteRequest& request, RequestContext&) {
            Completion offer{{request.value}};
            for (const auto& [name, value] : request.context) {
              offer.values.push_back(name + "=" + value);
            }
            return offer;
          });
    });
    set_bed_completer([](const CompleteRequest& request, RequestContext&) {
      return matching({"north", "north-west", "south"}, request.value);
    });
    server.bring_online();
    server.open_session("c1");
  }
  void set_bed_completer(Completer completer) {
    server.change(FeatureList::none, [&](Features& features) {
      return features.completers.set_for_template("plant://{bed}/soil", "bed",
                                                  std::move(completer));
    });
  }
  Json run(const std::string& client, const Json& params) {
    return server.ask_handler(client, 2, "completion/complete", params)["completion"];
  }

  ServerHarness server;
};

TEST_F(ServerCompletion, ACompleterOfAPromptRuns) {
  server.send("c1",
              request_json(2, "completion/complete", params_of(prompt_ref("paint"), "tool", "br")));
  const auto action = server.actions.next<RunHandler>();
  EXPECT_EQ(action.method, "completion/complete");
  EXPECT_EQ(action.name, "tool");
  server.run(action);
  EXPECT_EQ(server.expect_result("c1", 2), Json::parse(R"({"completion":{"values":["br"]}})"));
}

TEST_F(ServerCompletion, ACompleterOfATemplateRuns) {
  EXPECT_EQ(run("c1", params_of(template_ref("plant://{bed}/soil"), "bed", "no"))["values"],
            (Json{"north", "north-west"}));
}

TEST_F(ServerCompletion, ChoicesNeedNoCompleter) {
  const Json completion = server.ask_server(
      "c1", 2, "completion/complete", params_of(prompt_ref("paint"), "colour", "r"))["completion"];
  EXPECT_EQ(completion["values"], (Json{"red", "Rose"}));
}

TEST_F(ServerCompletion, ACompleterComesBeforeChoices) {
  server.change(FeatureList::none, [](Features& features) {
    return features.completers.set_for_prompt(
        "paint", "colour",
        [](const CompleteRequest&, RequestContext&) { return Completion{{"ochre"}}; });
  });
  EXPECT_EQ(run("c1", params_of(prompt_ref("paint"), "colour", "r"))["values"], Json{"ochre"});
}

TEST_F(ServerCompletion, NothingToOfferIsNoError) {
  for (const Json& params :
       {params_of(prompt_ref("paint"), "free", "x"), params_of(prompt_ref("paint"), "unknown", ""),
        params_of(template_ref("plant://{bed}/soil"), "depth", "1"),
        params_of(template_ref("plant://north/soil"), "bed", "n")}) {
    EXPECT_EQ(server.ask_server("c1", 2, "completion/complete", params)["completion"]["values"],
              Json::array());
  }
}

TEST_F(ServerCompletion, ContextBelongsTo2025_06_18AndLater) {
  Json params = params_of(prompt_ref("paint"), "tool", "x");
  params["context"]["arguments"]["colour"] = "red";
  int number = 1;
  for (const char* revision : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
    const std::string client = "c" + std::to_string(++number);
    server.open_session(client, revision);
    const Json expected = number <= 3 ? Json{"x"} : Json{"x", "colour=red"};
    EXPECT_EQ(run(client, params)["values"], expected) << revision;
  }
}

TEST_F(ServerCompletion, MoreThan100ValuesAreCut) {
  set_bed_completer([](const CompleteRequest&, RequestContext&) {
    Completion many;
    for (int i = 0; i < 250; ++i) many.values.push_back("bed" + std::to_string(i));
    return many;
  });
  const Json completion = run("c1", params_of(template_ref("plant://{bed}/soil"), "bed", ""));
  EXPECT_EQ(completion["values"].size(), 100U);
  EXPECT_EQ(completion["values"][99], "bed99");
  EXPECT_EQ(completion["total"], 250);
  EXPECT_EQ(completion["hasMore"], true);
}

TEST_F(ServerCompletion, MoreThan100ChoicesAreCutAndCounted) {
  PromptDefinition many = echo_prompt("many", {{"n"}});
  for (int i = 0; i < 150; ++i) many.choices["n"].push_back("v" + std::to_string(i));
  server.add(many);
  server.actions.expect_publish(ServerHarness::capability());
  const Json completion = server.ask_server("c1", 2, "completion/complete",
                                            params_of(prompt_ref("many"), "n", "v"))["completion"];
  EXPECT_EQ(completion["values"].size(), 100U);
  EXPECT_EQ(completion["total"], 150);
  EXPECT_EQ(completion["hasMore"], true);
}

TEST_F(ServerCompletion, UnknownReferencesAreRefused) {
  const auto message =
      server.ask_refused("c1", 2, "completion/complete", params_of(prompt_ref("no such"), "x", ""),
                         error_code::invalid_params);
  EXPECT_NE(message.find("no such"), std::string::npos);
  server.send("c1", request_json(3, "completion/complete",
                                 params_of(template_ref("animal://{kind}"), "kind", "")));
  const Json error = server.expect_answer("c1")["error"];
  EXPECT_EQ(error["code"], error_code::resource_not_found);
  EXPECT_EQ(error["data"]["uri"], "animal://{kind}");
}

TEST_F(ServerCompletion, ARemovedPromptIsUnknownThoughItsCompleterStays) {
  server.remove_prompt("paint");
  server.actions.expect_publish(ServerHarness::capability());
  server.ask_refused("c1", 2, "completion/complete", params_of(prompt_ref("paint"), "tool", ""),
                     error_code::invalid_params);
}

TEST_F(ServerCompletion, BadParams) {
  for (const Json& params :
       {Json::object(), Json{{"ref", prompt_ref("paint")}},
        Json{{"ref", prompt_ref("paint")}, {"argument", "colour"}},
        Json{{"ref", prompt_ref("paint")}, {"argument", Json::object()}},
        Json{{"ref", {{"type", "ref/tool"}}}, {"argument", {{"name", "a"}, {"value", ""}}}},
        Json{{"ref", {{"type", "ref/prompt"}}}, {"argument", {{"name", "a"}, {"value", ""}}}},
        Json{{"ref", prompt_ref("paint")}, {"argument", {{"name", "colour"}, {"value", 7}}}}}) {
    EXPECT_FALSE(
        server.ask_refused("c1", 2, "completion/complete", params, error_code::invalid_params)
            .empty())
        << params;
  }
  server.actions.expect_nothing();
}

TEST_F(ServerCompletion, ACompleterThatThrowsIsAnInternalError) {
  set_bed_completer([](const CompleteRequest&, RequestContext&) -> Completion {
    throw std::runtime_error("the map is gone");
  });
  server.send("c1", request_json(2, "completion/complete",
                                 params_of(template_ref("plant://{bed}/soil"), "bed", "")));
  server.run(server.actions.next<RunHandler>());
  EXPECT_EQ(server.expect_error("c1", 2, error_code::internal_error), "the map is gone");
}

TEST_F(ServerCompletion, WithoutCompletersItIsNotOffered) {
  ServerHarness plain;
  plain.add(echo_prompt("hello", {{"x"}}));
  plain.bring_online();
  int number = 0;
  for (const char* revision : {"2024-11-05", "2025-11-25"}) {
    const std::string client = "c" + std::to_string(++number);
    plain.open_session(client, revision);
    plain.ask_refused(client, 2, "completion/complete", params_of(prompt_ref("hello"), "x", ""),
                      error_code::method_not_found);
  }
}

TEST_F(ServerCompletion, CompletersNeedNamesAndAFunction) {
  CompleterRegistry completers;
  const Completer usable = [](const CompleteRequest&, RequestContext&) { return Completion(); };
  EXPECT_FALSE(completers.set_for_prompt("", "x", usable));
  EXPECT_FALSE(completers.set_for_template("a://{b}", "", usable));
  EXPECT_FALSE(completers.set_for_prompt("p", "x", nullptr));
  EXPECT_TRUE(completers.empty());
  EXPECT_TRUE(completers.set_for_prompt("p", "x", usable));
  EXPECT_NE(completers.find({PromptReference{"p"}, "x", ""}), nullptr);
  EXPECT_EQ(completers.find({ResourceReference{"p"}, "x", ""}), nullptr);
}

}  // namespace
}  // namespace mcp_mqtt::engine::test
