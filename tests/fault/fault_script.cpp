#include "fault/fault_script.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include <mcp_mqtt/json.hpp>

namespace mcp_mqtt::test {
namespace {

std::string_view component_of(const ProxyLinkInfo& link) {
  if (!link.connect) return {};
  for (const auto& [name, value] : link.connect->user_properties) {
    if (name == "MCP-COMPONENT-TYPE") return value;
  }
  return {};
}

ProxyVerdict carry_out(Fault fault, std::string& packet) {
  switch (fault) {
    case Fault::end:
      return ProxyVerdict::end;
    case Fault::reset:
      return ProxyVerdict::cut;
    case Fault::truncate:
      packet.resize(packet.size() / 2);
      return ProxyVerdict::end;
    case Fault::tear:
      packet.resize(packet.size() / 2);
      return ProxyVerdict::cut;
    case Fault::freeze:
      return ProxyVerdict::freeze;
    case Fault::mute:
      return ProxyVerdict::mute;
    case Fault::delay:
      return ProxyVerdict::delay;
    case Fault::trickle:
      return ProxyVerdict::trickle;
    case Fault::lose:
      return ProxyVerdict::drop;
  }
  return ProxyVerdict::forward;
}

}  // namespace

std::string_view to_string(Fault fault) {
  constexpr std::array<std::string_view, 9> names{"end",  "reset", "truncate", "tear", "freeze",
                                                  "mute", "delay", "trickle",  "lose"};
  return names.at(static_cast<std::size_t>(fault));
}

std::string packet_label(std::string_view packet) {
  constexpr std::array<std::string_view, 16> names{
      "?",       "CONNECT",  "CONNACK",    "PUBLISH", "PUBACK",      "PUBREC",
      "PUBREL",  "PUBCOMP",  "SUBSCRIBE",  "SUBACK",  "UNSUBSCRIBE", "UNSUBACK",
      "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};
  const PacketType type = packet_type(packet);
  std::string label(names.at(static_cast<std::size_t>(type)));
  if (type != PacketType::publish) return label;
  const std::string payload = parse_publish(packet).payload;
  if (payload.empty()) return label + " nothing";
  const Json message = Json::parse(payload, nullptr, false);
  if (!message.is_object()) return label;
  return label + " " + message.value("method", "answer");
}

std::string FaultStep::name() const {
  const std::string arrow = direction == ProxyDirection::to_broker ? " to broker" : " from broker";
  return std::string(to_string(fault)) + " at " + packet + " " + std::to_string(occurrence) +
         " of " + component + arrow;
}

struct FaultScript::State {
  struct Step {
    FaultStep step;
    std::size_t seen = 0;
  };
  mutable std::mutex mutex;
  std::vector<Step> steps;

  ProxyVerdict apply(const ProxyLinkInfo& link, ProxyDirection direction, std::string& packet) {
    const std::string_view component = component_of(link);
    const std::string label = packet_label(packet);
    const std::lock_guard lock(mutex);
    for (Step& one : steps) {
      if (one.step.direction != direction || one.step.component != component ||
          one.step.packet != label) {
        continue;
      }
      if (++one.seen == one.step.occurrence) return carry_out(one.step.fault, packet);
    }
    return ProxyVerdict::forward;
  }
};

FaultScript::FaultScript(std::vector<FaultStep> steps) : state_(std::make_shared<State>()) {
  for (FaultStep& step : steps) state_->steps.push_back({std::move(step)});
}

MqttProxy::LinkHook FaultScript::hook() const {
  return [state = state_](const ProxyLinkInfo& link, ProxyDirection direction,
                          std::string& packet) { return state->apply(link, direction, packet); };
}

std::size_t FaultScript::happened() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<std::size_t>(
      std::count_if(state_->steps.begin(), state_->steps.end(),
                    [](const State::Step& one) { return one.seen >= one.step.occurrence; }));
}

bool FaultScript::complete() const {
  const std::size_t done = happened();
  const std::lock_guard lock(state_->mutex);
  return done == state_->steps.size();
}

}  // namespace mcp_mqtt::test
