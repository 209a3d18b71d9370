#include "nodes.hpp"

#include <utility>

#include <mcp_mqtt/context.hpp>
#include <mcp_mqtt/schema/typed_tool.hpp>

#include "pieces.hpp"
#include "texts.hpp"

namespace mcp_mqtt::bench {

ToolDefinition volume_tool(std::size_t answer_bytes) {
  return typed_tool(tool_name, "Set the volume of a device",
                    {arg("device", "Which one"), arg("volume", "Volume level").range(0, 100),
                     arg("fade", "Seconds")},
                    [text = prose(answer_bytes)](const std::string&, int, double) { return text; });
}

engine::ServerConfig server_config() {
  engine::ServerConfig config;
  config.instance = {server_id, server_name, "Volume, display and lights", Json::object()};
  config.implementation = {"companion", "1.0.0"};
  return config;
}

engine::ClientConfig client_config() {
  engine::ClientConfig config;
  config.implementation = {"host", "2.0.0"};
  config.capabilities.roots = true;
  config.choice_window = {};  // time stands still here
  return config;
}

// --- The server

ServerNode::ServerNode(std::shared_ptr<mqtt::Transport> transport, std::size_t answer_bytes)
    : engine_(server_config()), transport_(std::move(transport)) {
  engine::Features features;
  features.tools.add(volume_tool(answer_bytes)).value();
  engine_.set_features(std::move(features));
  mqtt::ConnectOptions options;
  options.client_id = server_id;
  options.will = engine_.will();
  options.user_properties = engine_.connect_properties();
  mqtt::ConnectionEvents events;
  events.on_message = [this](const mqtt::Message& message) {
    engine_.on_message(message, now);
    carry_out();
  };
  transport_->connect(std::move(options), std::move(events),
                      [this](const Result<mqtt::ConnectionInfo>& info) {
                        engine_.on_connected(info.value(), now);
                        carry_out();
                      });
}

void ServerNode::carry_out() {
  if (std::exchange(carrying_out_, true)) return;
  for (auto actions = engine_.take_actions(); !actions.empty(); actions = engine_.take_actions()) {
    for (engine::ServerAction& action : actions) {
      if (auto* message = std::get_if<engine::Publish>(&action)) {
        publish(*message);
      } else if (auto* handler = std::get_if<engine::RunHandler>(&action)) {
        run(*handler);
      } else if (auto* one = std::get_if<engine::Subscribe>(&action)) {
        transport_->subscribe(std::move(one->subscription),
                              [this, ticket = one->ticket](const Result<void>& outcome) {
                                engine_.on_subscribed(ticket, outcome, now);
                                carry_out();
                              });
      }
    }
  }
  carrying_out_ = false;
  keep(engine_.next_deadline());
}

void ServerNode::publish(engine::Publish& action) {
  transport_->publish(std::move(action.message),
                      [this, ticket = action.ticket](const Result<void>& outcome) {
                        engine_.on_published(ticket, outcome, now);
                        carry_out();
                      });
}

void ServerNode::run(engine::RunHandler& action) {
  ContextParts parts;
  parts.client = std::move(action.client);
  parts.meta = std::move(action.meta);
  RequestContext context(std::move(parts));
  engine_.finish(action.call, action.work(context), now);
}

// --- The client

ClientNode::ClientNode(std::shared_ptr<mqtt::Transport> transport)
    : engine_(client_config(), client_id, 1), transport_(std::move(transport)) {
  mqtt::ConnectOptions options;
  options.client_id = client_id;
  options.will = engine_.will(0);
  options.user_properties = engine_.connect_properties();
  mqtt::ConnectionEvents events;
  events.on_message = [this](const mqtt::Message& message) {
    engine_.on_message(0, message, now);
    carry_out();
  };
  transport_->connect(std::move(options), std::move(events),
                      [this](const Result<mqtt::ConnectionInfo>& info) {
                        engine_.on_connected(0, info.value(), now);
                        carry_out();
                      });
}

void ClientNode::open() {
  engine::OpenRequest request;
  request.call = ++last_call_;
  request.server_name_filter = server_name;
  request.select = select_first();
  request.timeout = std::chrono::seconds(60);
  request.initialize_timeout = std::chrono::seconds(30);
  engine_.open(std::move(request), now);
  carry_out();
}

void ClientNode::call() {
  engine_.request(session_, ++last_call_, "tools/call", call_params(),
                  {std::chrono::seconds(60), false, std::nullopt}, false, now);
  carry_out();
}

void ClientNode::carry_out() {
  if (std::exchange(carrying_out_, true)) return;
  for (auto actions = engine_.take_actions(); !actions.empty(); actions = engine_.take_actions()) {
    for (engine::ClientAction& action : actions) {
      if (auto* message = std::get_if<engine::Publish>(&action)) {
        publish(*message);
      } else if (auto* done = std::get_if<engine::CompleteCall>(&action)) {
        outcome_ = std::move(done->result);
      } else if (auto* one = std::get_if<engine::Subscribe>(&action)) {
        subscribe(*one);
      } else if (auto* opened = std::get_if<engine::SessionOpened>(&action)) {
        session_ = opened->session;
      }
    }
  }
  carrying_out_ = false;
  keep(engine_.next_deadline());
}

void ClientNode::publish(engine::Publish& action) {
  transport_->publish(std::move(action.message),
                      [this, ticket = action.ticket](const Result<void>& outcome) {
                        engine_.on_published(ticket, outcome, now);
                        carry_out();
                      });
}

void ClientNode::subscribe(engine::Subscribe& action) {
  transport_->subscribe(std::move(action.subscription),
                        [this, ticket = action.ticket](const Result<void>& outcome) {
                          engine_.on_subscribed(ticket, outcome, now);
                          carry_out();
                        });
}

}  // namespace mcp_mqtt::bench
