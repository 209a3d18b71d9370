// The far end of the benchmarks, a process of its own: an MCP server, or the raw echo that it is
// compared with. Says "ready" once it can be reached, and ends with its standard input.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include <mcp_mqtt/mcp_mqtt.hpp>

#include "support/kinds.hpp"
#include "support/raw_peer.hpp"

namespace {

using namespace mcp_mqtt;

void wait_for_end() {
  std::cout << "ready" << std::endl;
  while (std::cin.get() != std::istream::traits_type::eof()) {
  }
}

/// Answers each message on NAME/question with one of `answer_bytes` on NAME/answer.
void serve_raw(const bench::RawPeer::Options& options, const std::string& name,
               std::size_t answer_bytes) {
  const std::string answer(answer_bytes, 'x');
  const std::string topic = name + "/answer";
  // Set before anything can arrive: nothing is subscribed to yet.
  bench::RawPeer* self = nullptr;
  bench::RawPeer peer(options, "raw-" + std::to_string(::getpid()),
                      [&](const mqtt::Message&) { self->publish(topic, answer); });
  self = &peer;
  peer.subscribe(name + "/question");
  wait_for_end();
}

void serve(const std::string& url, const bench::RawPeer::Options& way, const std::string& name,
           std::size_t answer_bytes, bool run_inline) {
  ServerOptions options{.name = name};
  options.connection.transport = way.transport;
  options.qos = way.qos;
  options.limits.message.max_bytes = std::size_t{64} << 20;
  options.limits.sessions = 20'000;
  options.connection.max_queued_bytes = std::size_t{256} << 20;
  McpServer server(options);
  auto echo = typed_tool("echo", "Says it again", {arg("text", "What")},
                         [](const std::string& text) { return text; });
  echo.run_inline = run_inline;
  server.add_tool(std::move(echo));
  if (answer_bytes > 0) {
    server.add_tool("large", "A long text", {},
                    [answer_bytes] { return std::string(answer_bytes, 'x'); });
  }
  server.start(url);
  wait_for_end();
  server.stop();
}

}  // namespace

int main(int argc, char** argv) try {
  std::string role;
  std::string url;
  std::string name;
  std::string transport = "libmosquitto";
  int qos = 1;
  std::size_t answer_bytes = 0;
  bool run_inline = false;
  CLI::App app{"The far end of the benchmarks."};
  app.add_option("role", role, "server or raw")
      ->required()
      ->check(CLI::IsMember({"server", "raw"}));
  app.add_option("name", name, "The server-name, or what the raw topics begin with")->required();
  app.add_option("--broker", url, "The broker's URL")->required();
  app.add_option("--transport", transport, "libmosquitto or paho")
      ->check(CLI::IsMember({"libmosquitto", "paho"}));
  app.add_option("--qos", qos, "0 or 1")->check(CLI::Range(0, 1));
  app.add_option("--answer-bytes", answer_bytes,
                 "Of the raw answer; a server has a tool 'large' that returns so many");
  app.add_flag("--inline", run_inline, "Run the tool on the server's loop");
  CLI11_PARSE(app, argc, argv);
  const bench::RawPeer::Options way{mqtt::parse_broker_url(url).value(),
                                    bench::transport_named(transport), bench::qos_of(qos)};
  if (role == "raw") {
    serve_raw(way, name, answer_bytes);
  } else {
    serve(url, way, name, answer_bytes, run_inline);
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "bench_peer: " << error.what() << '\n';
  return 1;
}
