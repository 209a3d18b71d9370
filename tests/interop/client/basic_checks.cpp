#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "client/session_checks.hpp"

namespace interop {
namespace {

using namespace std::chrono_literals;
using mcp_mqtt::CallOptions;
using mcp_mqtt::CallToolResult;
using mcp_mqtt::ClientSession;
using mcp_mqtt::ErrorKind;
using mcp_mqtt::Json;
using mcp_mqtt::Progress;
using mcp_mqtt::Result;
using mcp_mqtt::Tool;
namespace error_code = mcp_mqtt::error_code;

constexpr int endless = 100'000;

void require_cancelled_at_server(const ClientSession& session) {
  require_eventually("the cancellation of the handler",
                     [&] { return answer(session.call_tool("last_cancelled")) == "yes"; });
}

void check_handshake(Checks& checks, const ClientSession& session) {
  checks.check("the newest revision that both know is negotiated",
               [&] { require_equal(to_string(session.revision()), "2025-11-25", "the revision"); });
  checks.check("the server says its name and version", [&] {
    require_equal(session.server_info().name, "interop-device", "the name");
    require_equal(session.server_info().version, "1.0.0", "the version");
  });
  checks.check("the server's capabilities are known", [&] {
    const auto& has = session.capabilities();
    require(has.tools && has.tools_list_changed, "tools.listChanged is missing");
    require(has.resources && has.resources_subscribe && has.resources_list_changed,
            "resources, their subscriptions or listChanged are missing");
    require(has.prompts && has.prompts_list_changed, "prompts or their listChanged are missing");
    require(has.logging && has.completions, "logging or completions are missing");
    require(has.tasks_tools_call && has.tasks_list && has.tasks_cancel, "tasks are missing");
  });
  checks.check("the server says who it is and how to use it", [&] {
    const auto& info = session.server_info();
    require_equal(info.title, "The interop device", "the title");
    require_equal(info.description, "Offers everything", "the description");
    require_equal(info.website_url, "https://example.com/device", "the website");
    require(info.icons == std::vector{device_icon()}, "the icon is another one");
    require_equal(session.instructions(), "Turn the volume with care", "the instructions");
  });
  checks.check("the server answers ping (T44)",
               [&] { require(session.ping() > 0us, "the answer took no time"); });
  checks.check("an unknown method is refused with -32601", [&] {
    require_error(ErrorKind::rpc, error_code::method_not_found,
                  [&] { session.request("no/such/method"); });
  });
}

void check_tool_list(Checks& checks, const ClientSession& session) {
  std::map<std::string, Tool> tools;
  checks.check("every tool is listed, with its description and an object schema", [&] {
    for (const Tool& tool : session.list_tools()) {
      require(tools.emplace(tool.name, tool).second, tool.name + " is listed twice");
      require(!tool.description.empty(), tool.name + " has no description");
      require_equal(tool.input_schema.at("type"), "object", tool.name + "'s type");
      require(tool.input_schema.at("properties").is_object(), tool.name + " has no properties");
    }
    for (const std::string name : {"set_volume", "count", "echo_types", "measure", "render"}) {
      require(tools.contains(name), name + " is missing");
    }
  });
  checks.check("everything that is said about a tool comes through", [&] {
    const Tool& measure = tools.at("measure");
    require_equal(measure.title, "Measure a room", "the title");
    require(measure.icons == std::vector{device_icon()}, "the icon is another one");
    const mcp_mqtt::ToolAnnotations hints{.title = "Measure",
                                          .read_only = true,
                                          .destructive = false,
                                          .idempotent = true,
                                          .open_world = false};
    require(measure.annotations == hints, "the annotations are others");
    require_equal(measure.meta, {{"example.com/group", "sensors"}}, "_meta");
    const Json& output = measure.output_schema.at("properties");
    require_equal(output.at("celsius").at("type"), "number", "the type of celsius");
    require_equal(to_string(measure.task_support), "forbidden", "the task support of measure");
    require_equal(to_string(tools.at("render").task_support), "optional", "that of render");
    require_equal(to_string(tools.at("archive").task_support), "required", "that of archive");
  });
  checks.check("the schemas come through as they are", [&] {
    const Json volume{{"type", "integer"}, {"minimum", 0}, {"maximum", 100}};
    const Json& schema = tools.at("set_volume").input_schema;
    require_equal(schema.at("properties").at("volume"), volume, "the schema of volume");
    require_equal(schema.at("required"), Json::array({"volume"}), "what is required");
    const Json& types = tools.at("echo_types").input_schema.at("properties");
    require_equal(types.at("n").at("type"), "number", "the type of n");
    require_equal(types.at("list").at("items").at("type"), "string", "the type in list");
    require_equal(types.at("map").at("type"), "object", "the type of map");
  });
}

void check_calls(Checks& checks, const ClientSession& session) {
  checks.check("set_volume answers, at both ends of its range too", [&] {
    for (const int volume : {30, 0, 100}) {
      require_answer(session, "set_volume", {{"volume", volume}},
                     "volume is " + std::to_string(volume));
    }
  });
  checks.check("text beyond ASCII comes back unharmed", [&] {
    const std::string message =
        std::string("Grüße, 世界 🚀 \"quoted\" \\ \n\t") + '\0' + std::string(" end");
    require_answer(session, "display", {{"message", message}}, "displayed: " + message);
  });
  checks.check("a text of 200,000 characters comes back unharmed", [&] {
    const std::string message(200'000, 'x');
    require_answer(session, "display", {{"message", message}}, "displayed: " + message);
  });
  checks.check("numbers, lists and objects keep their types", [&] {
    const Json deep{{"yes", true}, {"none", nullptr}, {"list", {1, "x"}}};
    const Json full{{"n", 1.5}, {"list", {"a", "", "ü"}}, {"map", {{"k", 1}, {"deep", deep}}}};
    const Json empty{{"list", Json::array()}, {"map", Json::object()}};
    for (const Json& arguments : {full, empty}) {
      require_equal(Json::parse(answer(session.call_tool("echo_types", arguments))), arguments,
                    "the echo");
    }
  });
  checks.check("arguments may be left out where none is required",
               [&] { require_answer(session, "last_cancelled", nullptr, "no"); });
}

void check_call_errors(Checks& checks, const ClientSession& session) {
  checks.check("a failing tool gives a result with is_error and its text", [&] {
    const CallToolResult result = session.call_tool("fail");
    require(result.is_error, "is_error is not set");
    require_equal(result.text(), "it failed on purpose", "the text");
  });
  const auto wrong = [&](const std::string& what, const Json& arguments) {
    checks.check(what + " is an error that names it", [&] {
      const CallToolResult result = session.call_tool("set_volume", arguments);
      require(result.is_error, "is_error is not set");
      require(result.text().find("volume") != std::string::npos, "the text is " + result.text());
    });
  };
  wrong("an argument of the wrong type", {{"volume", "loud"}});
  wrong("an argument out of its range", {{"volume", 101}});
  wrong("a missing argument", Json::object());
  checks.check("an unknown tool is refused with -32602", [&] {
    require_error(ErrorKind::rpc, error_code::invalid_params,
                  [&] { session.call_tool("no_such_tool"); });
  });
  checks.check("arguments that are no object are refused", [&] {
    require_error(ErrorKind::rpc, 0, [&] { session.call_tool("display", Json::array({1})); });
  });
}

/// Many calls and what came of each. Lives on after a check that gave up waiting.
struct Collected {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<int, std::string> outcomes;
};

void check_many_calls(Checks& checks, const ClientSession& session) {
  checks.check("100 calls at once each get their own answer", [&] {
    constexpr int calls = 100;
    const auto collected = std::make_shared<Collected>();
    for (int i = 0; i < calls; ++i) {
      session.async_call_tool("display", {{"message", std::to_string(i)}}, {},
                              [collected, i](Result<CallToolResult> result) {
                                const std::lock_guard lock(collected->mutex);
                                collected->outcomes[i] =
                                    result ? result->text() : result.error().message;
                                collected->changed.notify_all();
                              });
    }
    std::unique_lock lock(collected->mutex);
    const auto all_there = [&] { return collected->outcomes.size() == calls; };
    require(collected->changed.wait_for(lock, 30s, all_there),
            std::to_string(collected->outcomes.size()) + " answers came within 30 s");
    for (const auto& [i, text] : collected->outcomes) {
      require_equal(text, "displayed: " + std::to_string(i), "an answer");
    }
  });
  checks.check("a short call is answered while a long one runs", [&] {
    const auto promise = std::make_shared<std::promise<Result<CallToolResult>>>();
    auto done = promise->get_future();
    session.async_call_tool("count", {{"to", 50}}, {}, [promise](Result<CallToolResult> result) {
      promise->set_value(std::move(result));
    });
    require_answer(session, "set_volume", {{"volume", 3}}, "volume is 3");
    const bool waited = done.wait_for(0s) == std::future_status::ready;
    require_equal(answer(done.get().value()), "counted to 50", "the answer of the long call");
    require(!waited, "the short call waited for the long one");
  });
}

Json to_json(const Progress& progress) {
  return {progress.progress, progress.total.value_or(-1), progress.message};
}

/// What `count` to 5 tells.
Json five_steps() {
  Json steps = Json::array();
  for (int i = 1; i <= 5; ++i) steps.push_back({i, 5, "step " + std::to_string(i)});
  return steps;
}

void check_progress(Checks& checks, const ClientSession& session) {
  checks.check("progress comes in order, all of it before a blocking call returns", [&] {
    // Slow, so that the answer is there before the last progress was told; and without a lock, so
    // that ThreadSanitizer sees a second thread.
    Json seen = Json::array();
    CallOptions options;
    options.on_progress = [&](const Progress& progress) {
      std::this_thread::sleep_for(50ms);
      seen.push_back(to_json(progress));
    };
    require_equal(answer(session.call_tool("count", {{"to", 5}}, options)), "counted to 5",
                  "the answer");
    require_equal(seen, five_steps(), "the progress");
  });
  checks.check("progress comes in order, all of it before the outcome of an asynchronous call",
               [&] {
                 // Progress and outcome are told one after the other: no lock is needed.
                 const auto seen = std::make_shared<Json>(Json::array());
                 const auto promise = std::make_shared<std::promise<Json>>();
                 CallOptions options;
                 options.on_progress = [seen](const Progress& progress) {
                   seen->push_back(to_json(progress));
                 };
                 session.async_call_tool("count", {{"to", 5}}, options,
                                         [seen, promise](const Result<CallToolResult>&) {
                                           promise->set_value(std::exchange(*seen, "too late"));
                                         });
                 require_equal(promise->get_future().get(), five_steps(), "the progress");
               });
  checks.check("a timeout that starts again with each progress lets a long call end", [&] {
    CallOptions options{.timeout = 1'500ms, .reset_timeout_on_progress = true};
    options.on_progress = [](const Progress&) {};
    require_equal(answer(session.call_tool("count", {{"to", 110}}, options)), "counted to 110",
                  "the answer");
  });
}

void check_cancellation(Checks& checks, const ClientSession& session) {
  checks.check("a cancelled call ends as cancelled, and its handler is told", [&] {
    require_answer(session, "count", {{"to", 1}}, "counted to 1");
    require_answer(session, "last_cancelled", Json::object(), "no");
    const auto started = std::make_shared<std::promise<void>>();
    const auto ended = std::make_shared<std::promise<Result<CallToolResult>>>();
    CallOptions options;
    options.on_progress = [started](const Progress& progress) {
      if (progress.progress == 1) started->set_value();
    };
    const auto call = session.async_call_tool(
        "count", {{"to", endless}}, options,
        [ended](Result<CallToolResult> result) { ended->set_value(std::move(result)); });
    require(started->get_future().wait_for(10s) == std::future_status::ready, "it did not start");
    call.cancel("the user went away");
    require_error(ErrorKind::cancelled, 0, [&] { ended->get_future().get().value(); });
    require_cancelled_at_server(session);
  });
  checks.check("a stop token cancels a blocking call", [&] {
    std::stop_source stop;
    CallOptions options{.stop = stop.get_token()};
    options.on_progress = [stop](const Progress&) mutable { stop.request_stop(); };
    require_error(ErrorKind::cancelled, 0, [&] {
      session.call_tool("count", {{"to", endless}}, options);
    });
    require_cancelled_at_server(session);
  });
  checks.check("a call ends at its own timeout, and its handler is told", [&] {
    require_error(ErrorKind::timeout, 0, [&] {
      session.call_tool("count", {{"to", endless}}, {.timeout = 200ms});
    });
    require_cancelled_at_server(session);
  });
  checks.check("a call that always makes progress ends at its total timeout", [&] {
    CallOptions options{.timeout = 20s, .reset_timeout_on_progress = true, .total_timeout = 300ms};
    options.on_progress = [](const Progress&) {};
    require_error(ErrorKind::timeout, 0, [&] {
      session.call_tool("count", {{"to", endless}}, options);
    });
    require_cancelled_at_server(session);
  });
  checks.check("a later call of the same tool runs to its end", [&] {
    require_answer(session, "count", {{"to", 2}}, "counted to 2");
    require_answer(session, "last_cancelled", Json::object(), "no");
  });
}

}  // namespace

void check_basics(Checks& checks, const ClientSession& session) {
  check_handshake(checks, session);
  check_tool_list(checks, session);
  check_calls(checks, session);
  check_call_errors(checks, session);
  check_many_calls(checks, session);
  check_progress(checks, session);
  check_cancellation(checks, session);
}

}  // namespace interop
