#include "command_line/bridged_host.hpp"

#include <utility>

#include "support/waiting.hpp"

namespace mcp_mqtt::test {
namespace {

std::vector<Json> parsed(const std::string& output) {
  std::vector<Json> out;
  std::size_t from = 0;
  for (std::size_t end = output.find('\n'); end != std::string::npos;
       end = output.find('\n', from)) {
    out.push_back(Json::parse(output.substr(from, end - from), nullptr, false));
    EXPECT_TRUE(out.back().is_object() || out.back().is_array()) << output.substr(from, end - from);
    from = end + 1;
  }
  return out;
}

}  // namespace

BridgedHost::BridgedHost(std::vector<std::string> arguments,
                         const std::vector<std::string>& environment) {
  arguments.insert(arguments.begin(), {MCP_MQTT_PROGRAM, "bridge"});
  process_ = std::make_unique<ChildProcess>(
      std::move(arguments),
      ChildProcess::Options{.environment = environment, .working_directory = {}});
}

void BridgedHost::notify(const std::string& method, Json params) {
  send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

int BridgedHost::ask(const std::string& method, Json params) {
  send({{"jsonrpc", "2.0"}, {"id", ++last_id_}, {"method", method}, {"params", std::move(params)}});
  return last_id_;
}

Json BridgedHost::answer_to(int id) const {
  return wait_for([id](const Json& message) {
    return message.is_object() && !message.contains("method") && message.value("id", Json()) == id;
  });
}

Json BridgedHost::result_of(const std::string& method, Json params) {
  const Json answer = answer_to(ask(method, std::move(params)));
  EXPECT_TRUE(answer.is_object() && answer.contains("result")) << method << ' ' << answer;
  return answer.is_object() ? answer.value("result", Json()) : Json();
}

Json BridgedHost::error_of(const std::string& method, Json params) {
  const Json answer = answer_to(ask(method, std::move(params)));
  EXPECT_TRUE(answer.is_object() && answer.contains("error")) << method << ' ' << answer;
  return answer.is_object() ? answer.value("error", Json()) : Json();
}

Json BridgedHost::initialize(const std::string& revision, Json capabilities) {
  Json result = result_of("initialize", {{"protocolVersion", revision},
                                         {"capabilities", std::move(capabilities)},
                                         {"clientInfo", {{"name", "a-host"}, {"version", "3"}}}});
  notify("notifications/initialized");
  return result;
}

std::vector<Json> BridgedHost::messages() const { return parsed(process_->output()); }

Json BridgedHost::wait_for(const Wanted& wanted, std::size_t skip) const {
  Json found;
  const bool there = process_->wait_for_output(
      [&](const std::string& output) {
        const auto all = parsed(output);
        for (std::size_t at = skip; at < all.size(); ++at) {
          if (!wanted(all[at])) continue;
          found = all[at];
          return true;
        }
        return false;
      },
      patience);
  EXPECT_TRUE(there) << process_->output() << process_->error_output();
  return found;
}

Json BridgedHost::wait_for(const std::string& method, std::size_t skip) const {
  return wait_for(
      [&](const Json& message) {
        return message.is_object() && message.value("method", std::string()) == method;
      },
      skip);
}

void BridgedHost::reply(const Json& request, const Json& result) {
  send({{"jsonrpc", "2.0"}, {"id", request.at("id")}, {"result", result}});
}

int BridgedHost::leave() {
  process_->close_input();
  return end();
}

int BridgedHost::end() const {
  const auto status = process_->wait_for(patience);
  if (!status) ADD_FAILURE() << "the bridge did not end: " << process_->error_output();
  process_->wait_for_output_end(patience);
  return status && status->code ? *status->code : -1;
}

}  // namespace mcp_mqtt::test
