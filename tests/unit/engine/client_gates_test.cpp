#include "engine/client_gates.hpp"

#include <gtest/gtest.h>

// What a server may send to a client: by revision, and by what the client declared.
namespace mcp_mqtt::engine {
namespace {

const Json everything = Json::parse(R"({"roots":{},"sampling":{"tools":{},"context":{}},
  "elicitation":{"form":{},"url":{}},
  "tasks":{"list":{},"cancel":{},"requests":{"sampling":{"createMessage":{}},
                                             "elicitation":{"create":{}}}}})");
const Json task = {{"task", Json::object()}};

Result<void> check(const char* method, const Json& params, const Json& declared,
                   Revision revision) {
  return check_request_to_client(method, params, client_capabilities_from_json(declared), revision);
}

void expect_refused(const Result<void>& outcome, std::string_view named) {
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::unsupported);
  EXPECT_NE(outcome.error().message.find(named), std::string::npos) << outcome.error().message;
}

TEST(ClientGates, WhatWasNotDeclaredIsRefusedByItsName) {
  struct Case {
    const char* method;
    Json params;
    Json declared;
    const char* named;
  };
  const Case cases[] = {
      {"roots/list", Json::object(), Json::object(), "'roots'"},
      {"sampling/createMessage", Json::object(), {{"roots", Json::object()}}, "'sampling'"},
      {"sampling/createMessage",
       {{"tools", Json::array()}},
       {{"sampling", Json::object()}},
       "'sampling.tools'"},
      {"sampling/createMessage",
       {{"toolChoice", Json::object()}},
       {{"sampling", Json::object()}},
       "'sampling.tools'"},
      {"sampling/createMessage",
       {{"includeContext", "thisServer"}},
       {{"sampling", {{"tools", Json::object()}}}},
       "'sampling.context'"},
      {"elicitation/create", Json::object(), Json::object(), "'elicitation"},
      {"elicitation/create",
       Json::object(),
       {{"elicitation", {{"url", Json::object()}}}},
       "'elicitation.form'"},
      {"elicitation/create",
       {{"mode", "url"}},
       {{"elicitation", Json::object()}},
       "'elicitation.url'"},
      {"sampling/createMessage", task, {{"sampling", Json::object()}}, "'tasks.requests.sampling"},
      {"elicitation/create",
       task,
       {{"elicitation", Json::object()}},
       "'tasks.requests.elicitation"},
      {"tasks/get", {{"taskId", "t"}}, Json::object(), "'tasks.requests'"},
      {"tasks/list", Json::object(), Json::object(), "'tasks.list'"},
      {"tasks/cancel", {{"taskId", "t"}}, Json::object(), "'tasks.cancel'"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.method + one.params.dump());
    expect_refused(check(one.method, one.params, one.declared, Revision::v2025_11_25), one.named);
  }
}

TEST(ClientGates, WhatTheRevisionLacksIsRefusedWhateverWasDeclared) {
  struct Case {
    const char* method;
    Json params;
    Revision since;
  };
  const Case cases[] = {
      {"ping", Json::object(), Revision::v2024_11_05},
      {"roots/list", Json::object(), Revision::v2024_11_05},
      {"sampling/createMessage", Json::object(), Revision::v2024_11_05},
      {"sampling/createMessage", {{"includeContext", "allServers"}}, Revision::v2024_11_05},
      {"sampling/createMessage", {{"includeContext", "none"}}, Revision::v2024_11_05},
      {"vendor/method", Json::object(), Revision::v2024_11_05},
      {"vendor/method", task, Revision::v2024_11_05},
      {"elicitation/create", Json::object(), Revision::v2025_06_18},
      {"elicitation/create", {{"mode", "form"}}, Revision::v2025_06_18},
      {"elicitation/create", {{"mode", "url"}}, Revision::v2025_11_25},
      {"elicitation/create", task, Revision::v2025_11_25},
      {"sampling/createMessage", {{"tools", Json::array()}}, Revision::v2025_11_25},
      {"sampling/createMessage", task, Revision::v2025_11_25},
      {"tasks/get", {{"taskId", "t"}}, Revision::v2025_11_25},
      {"tasks/result", {{"taskId", "t"}}, Revision::v2025_11_25},
      {"tasks/list", Json::object(), Revision::v2025_11_25},
      {"tasks/cancel", {{"taskId", "t"}}, Revision::v2025_11_25},
  };
  for (const Revision revision : {Revision::v2024_11_05, Revision::v2025_03_26,
                                  Revision::v2025_06_18, Revision::v2025_11_25}) {
    for (const Case& one : cases) {
      SCOPED_TRACE(one.method + one.params.dump());
      const auto outcome = check(one.method, one.params, everything, revision);
      if (revision < one.since) {
        expect_refused(outcome, to_string(revision));
      } else {
        EXPECT_TRUE(outcome);
      }
    }
  }
}

TEST(ClientGates, OnlySamplingAndElicitationCanBeTasks) {
  for (const char* method : {"ping", "roots/list"}) {
    expect_refused(check(method, task, everything, Revision::v2025_11_25), "cannot be a task");
  }
}

}  // namespace
}  // namespace mcp_mqtt::engine
