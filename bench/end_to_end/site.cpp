#include "end_to_end/site.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>

namespace mcp_mqtt::bench {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> peer_command(const Site& site, const Way& way, const std::string& role,
                                      const std::string& name) {
  return {std::filesystem::read_symlink("/proc/self/exe").replace_filename("bench_peer"),
          role,
          name,
          "--broker",
          site.url,
          "--transport",
          name_of(way.transport),
          "--qos",
          std::to_string(way.qos_number())};
}

}  // namespace

std::string Site::fresh_name(const std::string& about) const {
  static std::atomic<int> count{0};
  return "bench/" + about + "/" + std::to_string(++count);
}

Process Site::start_server(const Way& way, const std::string& name, bool run_inline,
                           std::size_t answer_bytes) const {
  auto command = peer_command(*this, way, "server", name);
  if (run_inline) command.emplace_back("--inline");
  command.insert(command.end(), {"--answer-bytes", std::to_string(answer_bytes)});
  return Process(command);
}

Process Site::start_raw(const Way& way, const std::string& name, std::size_t answer_bytes) const {
  auto command = peer_command(*this, way, "raw", name);
  command.insert(command.end(), {"--answer-bytes", std::to_string(answer_bytes)});
  return Process(command);
}

std::unique_ptr<McpClient> Site::connect(const Way& way) const {
  ClientOptions options{.name = "bench"};
  options.connection.transport = way.transport;
  options.qos = way.qos;
  options.limits.message.max_bytes = std::size_t{64} << 20;
  auto client = std::make_unique<McpClient>(options);
  client->connect(url);
  return client;
}

RawEcho::RawEcho(const Site& site, const Way& way, const std::string& name, std::string question)
    : topic_(name + "/question"),
      question_(std::move(question)),
      peer_({site.broker, way.transport, way.qos}, "asker-" + std::to_string(::getpid()),
            [this](const mqtt::Message&) { on_answer(); }) {
  peer_.subscribe(name + "/answer");
}

void RawEcho::on_answer() {
  bool ask = false;
  {
    const std::lock_guard lock(mutex_);
    ask = to_ask_ > 0;
    if (ask) --to_ask_;
    if (--to_hear_ == 0) done_.notify_one();
  }
  if (ask) peer_.publish(topic_, question_);
}

void RawEcho::round() { rounds(1, 1); }

void RawEcho::rounds(int count, int in_flight) {
  const int at_once = std::min(count, in_flight);
  {
    const std::lock_guard lock(mutex_);
    to_ask_ = count - at_once;
    to_hear_ = count;
  }
  for (int i = 0; i < at_once; ++i) peer_.publish(topic_, question_);
  std::unique_lock lock(mutex_);
  if (!done_.wait_for(lock, 30s, [this] { return to_hear_ == 0; })) {
    throw std::runtime_error("an echo did not come back");
  }
}

std::string call_payload(const std::string& text) {
  return wire::encode(wire::Request{RequestId(std::int64_t{1}),
                                    "tools/call",
                                    {{"name", "echo"}, {"arguments", {{"text", text}}}}},
                      {})
      .value();
}

std::string answer_payload(const std::string& text) {
  return wire::encode(
             wire::Response{RequestId(std::int64_t{1}),
                            {{"content", Json::array({{{"type", "text"}, {"text", text}}})}}},
             {})
      .value();
}

}  // namespace mcp_mqtt::bench
