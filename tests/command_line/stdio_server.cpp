#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <dirent.h>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <unistd.h>
#include <vector>

// An MCP server over standard streams that does what a test tells it to, and misbehaves on demand.
namespace {

using Json = nlohmann::json;

class Server {
 public:
  explicit Server(std::vector<std::string> flags) : flags_(std::move(flags)) {}

  int run() {
    std::cerr << "up\n" << std::flush;
    if (has("--die")) return 3;
    if (has("--ignore-the-end")) std::signal(SIGTERM, SIG_IGN);
    if (has("--garbage")) garbage();
    for (std::string line; std::getline(std::cin, line);) {
      const Json message = Json::parse(line, nullptr, false);
      if (message.is_object()) on_message(message);
    }
    while (has("--ignore-the-end")) ::pause();
    return 0;
  }

 private:
  bool has(const std::string& flag) const {
    return std::find(flags_.begin(), flags_.end(), flag) != flags_.end();
  }

  static void garbage() {
    std::cout << "Welcome!\n\x1b]0;owned\x07\xff\xfe binary\n{\"jsonrpc\": \"1.0\"}\n[]\n"
              << std::string(50'000, 'x') << '\n'
              << std::flush;
    std::cerr << "\x1b[31mred \xff\x07\n" << std::string(5'000, 'y') << '\n';
    for (int line = 0; line < 20'000; ++line) std::cerr << "flood " << line << '\n';
    std::cerr << std::flush;
  }

  static void send(const Json& message) { std::cout << message.dump() + '\n' << std::flush; }
  static void answer(const Json& id, const Json& result) {
    send({{"jsonrpc", "2.0"}, {"id", id}, {"result", result}});
  }
  static void say(const Json& id, const Json& text) {
    answer(id, {{"content", {{{"type", "text"}, {"text", text.dump()}}}}});
  }

  void on_message(const Json& message) {
    if (!message.contains("method")) {
      // An answer of the client: the tool that asked returns it whole.
      if (const auto asked = asked_.find(message.value("id", 0)); asked != asked_.end()) {
        Json outcome = message;
        outcome.erase("id");
        outcome.erase("jsonrpc");
        say(asked->second, outcome);
      }
      return;
    }
    const std::string method = message["method"];
    const Json params = message.value("params", Json::object());
    if (!message.contains("id")) return on_notification(method, params);
    const Json& id = message["id"];
    if (method == "initialize") {
      initialize(id, params);
    } else if (method == "tools/call") {
      call(id, params);
    } else if (method == "resources/subscribe" || method == "resources/unsubscribe" ||
               method == "logging/setLevel") {
      seen_.push_back(method + " " + params.dump());
      answer(id, Json::object());
    } else if (method == "tasks/list" || method == "vendor/ask") {
      answer(id, {{"asked", params}});
    } else {
      send({{"jsonrpc", "2.0"},
            {"id", id},
            {"error", {{"code", -1234}, {"message", "no " + method}, {"data", {{"why", 1}}}}}});
    }
  }

  void on_notification(const std::string& method, const Json& params) {
    seen_.push_back(method + " " + params.dump());
    if (method == "notifications/initialized" && has("--die-when-initialized")) std::_Exit(4);
    if (method == "notifications/cancelled") {
      std::cerr << "cancelled " << (params.value("requestId", Json()) == slow_) << '\n';
    }
  }

  void initialize(const Json& id, const Json& params) {
    if (has("--hang")) return;
    if (has("--refuse")) {
      send({{"jsonrpc", "2.0"},
            {"id", id},
            {"error", {{"code", -32603}, {"message", "no licence"}}}});
      return;
    }
    client_ = params;
    answer(id,
           {{"protocolVersion", has("--old") ? Json("1999-01-01") : params.at("protocolVersion")},
            {"capabilities",
             {{"tools", {{"listChanged", true}}},
              {"resources", {{"subscribe", true}, {"listChanged", true}}},
              {"logging", Json::object()},
              {"tasks", {{"list", Json::object()}}},
              {"vendor", {{"x", 1}}}}},
            {"serverInfo",
             {{"name", "stdio"}, {"version", "7.1"}, {"description", "Does what it is told"}}},
            {"instructions", "be kind"}});
  }

  Json facts() const {
    sigset_t blocked;
    ::sigprocmask(SIG_SETMASK, nullptr, &blocked);
    int signals = 0;
    for (int number = 1; number < 32; ++number) signals += sigismember(&blocked, number);
    struct sigaction pipe {};
    ::sigaction(SIGPIPE, nullptr, &pipe);
    // The folder itself is open while it is read.
    int descriptors = -1;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      descriptors += entry.path().empty() ? 0 : 1;
    }
    const auto variable = [](const char* name) {
      const char* value = std::getenv(name);
      return std::string(value == nullptr ? "" : value);
    };
    return {{"pid", ::getpid()},
            {"client", client_},
            {"calls", calls_},
            {"seen", seen_},
            {"folder", std::filesystem::current_path().string()},
            {"variable", variable("EXPOSE_TEST")},
            {"home", variable("HOME")},
            {"broker", variable("MCP_MQTT_BROKER") + variable("MCP_MQTT_PASSWORD")},
            {"blocked", signals},
            {"pipe", pipe.sa_handler == SIG_DFL},
            {"leads", ::getpgrp() == ::getpid()},
            {"descriptors", descriptors}};
  }

  void call(const Json& id, const Json& params) {
    ++calls_;
    const std::string name = params.value("name", "");
    const Json arguments = params.value("arguments", Json::object());
    if (name == "facts") {
      say(id, facts());
    } else if (name == "echo") {
      say(id, params);
    } else if (name == "die") {
      std::_Exit(5);
    } else if (name == "ask") {
      const int own = ++last_id_;
      asked_[own] = id;
      send({{"jsonrpc", "2.0"},
            {"id", own},
            {"method", arguments.at("method")},
            {"params", arguments.at("params")}});
      if (arguments.value("cancel", false)) {
        send({{"jsonrpc", "2.0"},
              {"method", "notifications/cancelled"},
              {"params", {{"requestId", own}}}});
      }
    } else if (name == "tell") {
      send({{"jsonrpc", "2.0"},
            {"method", arguments.at("method")},
            {"params", arguments.at("params")}});
      say(id, "told");
    } else if (name == "slow") {
      slow_ = id;
      progress(params, 1);
    } else if (name == "steps") {
      for (int step = 1; step <= 3; ++step) progress(params, step);
      say(id, "done");
    } else if (name == "much") {
      std::cout << R"({"jsonrpc":"2.0","id":)" << id << R"(,"result":{"much":")"
                << std::string(arguments.at("bytes").get<std::size_t>(), 'x') << "\"}}\n"
                << std::flush;
    } else if (name == "deaf") {
      say(id, "deaf from now on");
      while (true) ::pause();
    } else if (name == "parent") {
      // It keeps the streams open, and reads the end of none.
      const pid_t child = ::fork();
      while (child == 0) ::pause();
      say(id, child);
    } else {
      answer(id, {{"isError", true}, {"content", Json::array()}});
    }
  }

  static void progress(const Json& params, int step) {
    const Json meta = params.value("_meta", Json::object());
    if (!meta.contains("progressToken")) return;
    send({{"jsonrpc", "2.0"},
          {"method", "notifications/progress"},
          {"params",
           {{"progressToken", meta["progressToken"]},
            {"progress", step},
            {"message", "step of " + std::to_string(::getpid())}}}});
  }

  std::vector<std::string> flags_;
  Json client_;
  std::vector<std::string> seen_;
  std::map<int, Json> asked_;
  Json slow_;
  int last_id_ = 0;
  int calls_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  return Server(std::vector<std::string>(argv + 1, argv + argc)).run();
}
