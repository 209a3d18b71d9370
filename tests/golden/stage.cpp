#include "golden/stage.hpp"

#include <gtest/gtest.h>
#include <utility>

namespace mcp_mqtt::golden {

Stage::Stage(Site site, Revision revision) : revision_(revision) {
  if (site == Site::loopback) {
    loopback_ = std::make_unique<mqtt::LoopbackBroker>();
  } else {
    mosquitto_ = std::make_unique<test::MosquittoBroker>();
  }
}

Stage::~Stage() {
  record_->listen(false);
  if (client_) client_->stop();
  if (server_) server_->stop();
}

std::string Stage::url() const { return mosquitto_ ? mosquitto_->url() : "mqtt://loopback"; }

std::shared_ptr<mqtt::Transport> Stage::make_transport(const std::string& who) const {
  auto transport = loopback_
                       ? loopback_->make_transport()
                       : mqtt::make_transport(mqtt::TransportKind::mosquitto,
                                              mqtt::parse_broker_url(mosquitto_->url()).value())
                             .value();
  return recording(std::move(transport), record_, who);
}

McpServer& Stage::server(const std::function<void(ServerOptions&)>& change) {
  if (server_) return *server_;
  ServerOptions options{.name = server_name, .version = "1.0.0", .description = "Prints labels"};
  options.server_id = server_id;
  options.connection.make_transport = [this] { return make_transport("server"); };
  if (change) change(options);
  server_ = std::make_unique<McpServer>(std::move(options));
  server_->on_client_connected(
      [log = connected_](const ConnectedClient& client) { log.push(client); });
  return *server_;
}

McpClient& Stage::client(const std::function<void(ClientOptions&)>& change) {
  if (client_) return *client_;
  ClientOptions options{.name = "host", .version = "2.0.0"};
  options.client_id = client_id;
  options.revision = revision_;
  options.connection.make_transport = [this] { return make_transport("client"); };
  if (change) change(options);
  client_ = std::make_unique<McpClient>(std::move(options));
  return *client_;
}

ClientSession Stage::open() {
  server();
  client();
  if (everything_) say("The server connects and announces itself.");
  server_->start(url());
  if (everything_) say("The client connects.");
  client_->connect(url());
  record_->listen(true);
  say("The client opens a session.");
  const auto session = client_->open(server_name, {.timeout = test::patience});
  EXPECT_EQ(session.revision(), revision_);
  wait_for_client(client_id);
  return session;
}

void Stage::wait_for_client(const std::string& id) {
  const auto client =
      connected_.wait_for([&](const ConnectedClient& each) { return each.info().client_id == id; });
  if (!client) ADD_FAILURE() << "the server does not know " << id;
}

ConnectedClient Stage::peer() { return server_->client(client_id).value(); }

void Stage::record_everything() {
  everything_ = true;
  record_->listen(true);
}

void Stage::say_error(const Error& error) {
  std::string text = "The caller gets: " + std::string(to_string(error.kind));
  if (error.code != 0) text += " " + std::to_string(error.code);
  say(text + ", \"" + error.message + "\"");
}

namespace {

Json parsed(const mqtt::Message& message) { return Json::parse(message.payload, nullptr, false); }

}  // namespace

void Stage::wait_for(const std::string& method) {
  const bool came = record_->wait_for([&](const mqtt::Message& message) {
    const Json json = parsed(message);
    return json.is_object() && json.value("method", "") == method;
  });
  if (!came) ADD_FAILURE() << method << " did not come";
}

void Stage::wait_for_answer() {
  const bool came = record_->wait_for([](const mqtt::Message& message) {
    const Json json = parsed(message);
    return json.contains("result") || json.contains("error");
  });
  if (!came) ADD_FAILURE() << "no answer came";
}

std::string dialogue(const Stage& stage) { return render(stage.record_->entries()); }

bool Gate::wait(const std::stop_token& stop) const {
  std::atomic<bool> cancelled = false;
  const std::stop_callback on_stop(stop, [&] {
    cancelled = true;
    opened_.push(false);
  });
  if (!opened_.wait_for_count(1)) ADD_FAILURE() << "the gate was never opened";
  return !cancelled;
}

}  // namespace mcp_mqtt::golden
