#include "engine/handler_work.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

#include <mcp_mqtt/context.hpp>
#include <mcp_mqtt/schema/argument_error.hpp>

// From what a handler returns or throws to the answer, in the form of the session's revision.
namespace mcp_mqtt::engine {
namespace {

const Revision all_revisions[] = {Revision::v2024_11_05, Revision::v2025_03_26,
                                  Revision::v2025_06_18, Revision::v2025_11_25};

Result<Json> run(const Work& work) {
  RequestContext context;
  return work(context);
}

ToolDefinition tool_that(ToolHandler handler) {
  ToolDefinition definition;
  definition.tool.name = "t";
  definition.handler = std::move(handler);
  return definition;
}

template <class Thrown>
ToolHandler thrower(Thrown thrown) {
  return [thrown = std::move(thrown)](const Json&, RequestContext&) -> CallToolResult {
    throw thrown;
  };
}

/// The tool as a registry makes it ready, called once.
Result<Json> call(ToolDefinition definition, const Json& arguments, Revision revision) {
  ToolRegistry tools;
  tools.check_structured_content(true);
  tools.add(std::move(definition)).value();
  return run(tool_work(tools.find("t"), arguments, revision));
}

void expect_is_error(const Result<Json>& answer, const std::string& text) {
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->value("isError", false), true) << *answer;
  EXPECT_NE((*answer)["content"][0]["text"].get<std::string>().find(text), std::string::npos)
      << *answer;
  EXPECT_FALSE(answer->contains("structuredContent"));
}

void expect_rpc_error(const Result<Json>& answer, int code, const std::string& text) {
  ASSERT_FALSE(answer) << *answer;
  EXPECT_EQ(answer.error().kind, ErrorKind::rpc);
  EXPECT_EQ(answer.error().code, code);
  EXPECT_NE(answer.error().message.find(text), std::string::npos) << answer.error().message;
}

/// Arguments that cannot be used: an error before 2025-11-25, a result for the model since.
void expect_bad_arguments(const Result<Json>& answer, Revision revision, const std::string& text) {
  if (revision < Revision::v2025_11_25) {
    expect_rpc_error(answer, error_code::invalid_params, text);
  } else {
    expect_is_error(answer, text);
  }
}

TEST(ToolWork, WhatAToolThrowsIsItsResultInEveryRevision) {
  for (const Revision revision : all_revisions) {
    expect_is_error(call(tool_that(thrower(std::runtime_error("boiler off"))), {}, revision),
                    "boiler off");
    expect_is_error(
        call(tool_that(thrower(McpError({ErrorKind::timeout, 0, "no answer", nullptr}))), {},
             revision),
        "no answer");
    expect_is_error(call(tool_that(thrower(7)), {}, revision), "unknown reason");
    // The code of a request of its own means nothing to the caller.
    for (const int code : {error_code::invalid_params, error_code::resource_not_found,
                           error_code::method_not_found, -7}) {
      expect_is_error(call(tool_that(thrower(McpError(rpc_error(code, "x")))), {}, revision), "x");
    }
  }
}

TEST(ToolWork, ArgumentErrorsFollowTheRevision) {
  for (const Revision revision : all_revisions) {
    expect_bad_arguments(call(tool_that(thrower(ArgumentError("'volume' is loud"))), {}, revision),
                         revision, "'volume' is loud");
  }
}

TEST(ToolWork, UrlsToOpenFirstAreAnErrorOf2025_11_25) {
  const Error open = rpc_error(error_code::url_elicitation_required, "sign in first",
                               {{"elicitations", Json::array()}});
  for (const Revision revision : all_revisions) {
    const auto answer = call(tool_that(thrower(McpError(open))), {}, revision);
    if (revision < Revision::v2025_11_25) {
      expect_is_error(answer, "sign in first");
    } else {
      expect_rpc_error(answer, error_code::url_elicitation_required, "sign in first");
      EXPECT_EQ(answer.error().data, open.data);
    }
  }
}

TEST(ToolWork, RawSchemasAreCheckedBeforeTheHandler) {
  int calls = 0;
  ToolDefinition tool = tool_that([&](const Json&, RequestContext&) {
    ++calls;
    return text_result("fine");
  });
  tool.tool.input_schema = Json::parse(R"({"type":"object","required":["volume"],"properties":{
      "volume":{"type":"integer","minimum":0,"maximum":100}}})");
  tool.check_arguments = true;
  for (const Revision revision : all_revisions) {
    expect_bad_arguments(call(tool, Json::object(), revision), revision, "volume");
    expect_bad_arguments(call(tool, {{"volume", 101}}, revision), revision, "volume");
    expect_bad_arguments(call(tool, {{"volume", "x"}}, revision), revision, "volume");
    EXPECT_EQ(calls, 0);
    EXPECT_TRUE(call(tool, {{"volume", 30}}, revision));
    EXPECT_EQ(std::exchange(calls, 0), 1);
  }
  tool.check_arguments = false;
  EXPECT_TRUE(call(tool, Json::object(), latest_revision));
}

TEST(ToolWork, ASchemaThatCannotBeUsedChecksNothing) {
  ToolDefinition tool = tool_that([](const Json&, RequestContext&) { return text_result("fine"); });
  tool.tool.input_schema = {{"type", 7}};
  tool.check_arguments = true;
  EXPECT_TRUE(call(tool, {{"a", 1}}, latest_revision));
}

ToolDefinition structured(Json content, bool is_error = false) {
  ToolDefinition tool =
      tool_that([content = std::move(content), is_error](const Json&, RequestContext&) {
        CallToolResult result = text_result("as text");
        result.structured_content = content;
        result.is_error = is_error;
        return result;
      });
  tool.tool.output_schema = Json::parse(
      R"({"type":"object","required":["level"],"properties":{"level":{"type":"integer"}}})");
  return tool;
}

TEST(ToolWork, StructuredContentMustMatchItsSchema) {
  const auto good = call(structured({{"level", 3}}), {}, latest_revision);
  EXPECT_EQ((*good)["structuredContent"], (Json{{"level", 3}}));
  expect_is_error(call(structured({{"level", "x"}}), {}, latest_revision), "level");
  expect_is_error(call(structured(Json::object()), {}, latest_revision), "level");
  expect_is_error(call(structured(nullptr), {}, latest_revision), "none");
  // A failure owes no structured content.
  expect_is_error(call(structured(nullptr, true), {}, latest_revision), "as text");
}

TEST(ToolWork, StructuredContentIsCheckedOnlyOnRequest) {
  ToolRegistry tools;
  tools.check_structured_content(false);
  tools.add(structured({{"level", "x"}})).value();
  const auto answer = run(tool_work(tools.find("t"), {}, latest_revision));
  EXPECT_EQ((*answer)["structuredContent"], (Json{{"level", "x"}}));
}

TEST(ToolWork, OlderRevisionsGetTheTextOfStructuredContent) {
  for (const Revision revision : {Revision::v2024_11_05, Revision::v2025_03_26}) {
    const auto answer = call(structured({{"level", 3}}), {}, revision);
    EXPECT_FALSE(answer->contains("structuredContent")) << *answer;
    EXPECT_EQ((*answer)["content"][0]["text"], "as text");
  }
}

TEST(ToolWork, TheHandlerSeesItsContext) {
  ToolDefinition tool = tool_that([](const Json& arguments, RequestContext& context) {
    context.report_progress(0.5);
    return text_result(arguments.dump() + " for " + context.client().client_id);
  });
  ToolRegistry tools;
  tools.add(std::move(tool)).value();
  double progress = 0;
  ContextParts parts;
  parts.client.client_id = "c1";
  parts.on_progress = [&](const Progress& value) { progress = value.progress; };
  RequestContext context(std::move(parts));
  const auto answer = tool_work(tools.find("t"), {{"a", 1}}, latest_revision)(context);
  EXPECT_EQ((*answer)["content"][0]["text"], R"({"a":1} for c1)");
  EXPECT_EQ(progress, 0.5);
}

// --- Everything else: an error with the message

/// The same failure in a resource, a prompt and a completer.
template <class Thrown>
std::vector<Result<Json>> others(const Thrown& thrown, Revision revision) {
  auto resource = std::make_shared<const ResourceHandler>(
      [=](const ResourceRequest&, RequestContext&) -> ReadResourceResult { throw thrown; });
  auto prompt = std::make_shared<PromptDefinition>();
  prompt->handler = [=](const Json&, RequestContext&) -> GetPromptResult { throw thrown; };
  auto completer = std::make_shared<const Completer>(
      [=](const CompleteRequest&, RequestContext&) -> Completion { throw thrown; });
  return {run(resource_work(resource, {"a://b"}, revision)),
          run(prompt_work(prompt, Json::object(), revision)),
          run(completion_work(completer, {PromptReference{"p"}, "a", ""}, revision))};
}

TEST(OtherWork, ExceptionsAreInternalErrors) {
  for (const Revision revision : all_revisions) {
    for (const auto& answer : others(std::runtime_error("disk full"), revision)) {
      expect_rpc_error(answer, error_code::internal_error, "disk full");
    }
    for (const auto& answer : others(7, revision)) {
      expect_rpc_error(answer, error_code::internal_error, "unknown reason");
    }
    for (const auto& answer :
         others(McpError({ErrorKind::timeout, 0, "no answer", nullptr}), revision)) {
      expect_rpc_error(answer, error_code::internal_error, "no answer");
    }
    for (const auto& answer : others(McpError(rpc_error(-7, "of another")), revision)) {
      expect_rpc_error(answer, error_code::internal_error, "of another");
    }
  }
}

TEST(OtherWork, SomeCodesAreTheHandlersOwn) {
  for (const Revision revision : all_revisions) {
    for (const auto& answer : others(ArgumentError("'x' is no number"), revision)) {
      expect_rpc_error(answer, error_code::invalid_params, "'x' is no number");
    }
    for (const auto& answer : others(McpError(resource_not_found("a://b")), revision)) {
      expect_rpc_error(answer, error_code::resource_not_found, "a://b");
      EXPECT_EQ(answer.error().data["uri"], "a://b");
    }
    const Error open = rpc_error(error_code::url_elicitation_required, "sign in first");
    for (const auto& answer : others(McpError(open), revision)) {
      expect_rpc_error(answer,
                       revision < Revision::v2025_11_25 ? error_code::internal_error
                                                        : error_code::url_elicitation_required,
                       "sign in first");
    }
  }
}

}  // namespace
}  // namespace mcp_mqtt::engine
