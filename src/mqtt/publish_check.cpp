#include "mqtt/publish_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>

#include "ground/logging.hpp"
#include "ground/mqtt_text.hpp"

namespace mcp_mqtt::mqtt {
namespace {

/// The largest value of a variable byte integer (MQTT 5, 1.5.5).
constexpr std::size_t max_variable_byte_integer = 268'435'455;

/// A packet beyond that cannot be written; five bytes keep the size monotonic for the comparison.
std::size_t variable_byte_size(std::size_t value) {
  if (value < 128) return 1;
  if (value < 16'384) return 2;
  if (value < 2'097'152) return 3;
  return value <= max_variable_byte_integer ? 4 : 5;
}

std::size_t properties_size(const UserProperties& properties) {
  std::size_t size = 0;
  for (const auto& [name, value] : properties) size += 1 + 2 + name.size() + 2 + value.size();
  return size;
}

std::size_t remaining_length(const Message& message) {
  const std::size_t properties = properties_size(message.user_properties);
  const std::size_t packet_id = message.qos == Qos::at_most_once ? 0 : 2;
  return 2 + message.topic.size() + packet_id + variable_byte_size(properties) + properties +
         message.payload.size();
}

Error invalid(std::string message) {
  return Error{ErrorKind::invalid_argument, 0, std::move(message)};
}

std::string in_quotes(std::string_view text) { return '"' + log::printable(text) + '"'; }

Result<void> check_levels(std::string_view what, std::string_view topic) {
  const auto levels = static_cast<std::size_t>(std::count(topic.begin(), topic.end(), '/')) + 1;
  if (levels > max_topic_levels) {
    return invalid(fmt::format("the {} {} has {} levels, and brokers take no more than {}", what,
                               in_quotes(topic), levels, max_topic_levels));
  }
  return {};
}

Result<void> check_topic_text(std::string_view what, std::string_view topic) {
  if (topic.empty()) return invalid(fmt::format("the {} is empty", what));
  if (const auto fault = mqtt_text_fault(topic)) {
    return invalid(fmt::format("the {} {} {}", what, in_quotes(topic), *fault));
  }
  return check_levels(what, topic);
}

Result<void> check_topic_name(std::string_view what, std::string_view topic) {
  if (auto checked = check_topic_text(what, topic); !checked) return checked;
  if (const auto at = topic.find_first_of("+#"); at != std::string_view::npos) {
    return invalid(fmt::format("the {} {} holds the wildcard '{}' at byte {}", what,
                               in_quotes(topic), topic[at], at));
  }
  return {};
}

Result<void> check_user_properties(std::string_view what, const UserProperties& properties) {
  for (const auto& [name, value] : properties) {
    if (const auto fault = mqtt_text_fault(name)) {
      return invalid(
          fmt::format("the name {} of a user property of {} {}", in_quotes(name), what, *fault));
    }
    // Values may be confidential, so the message names the property alone.
    if (const auto fault = mqtt_text_fault(value)) {
      return invalid(
          fmt::format("the value of the user property {} of {} {}", in_quotes(name), what, *fault));
    }
  }
  if (properties_size(properties) > max_variable_byte_integer) {
    return Error{ErrorKind::too_large, 0,
                 fmt::format("the user properties of {} are larger than MQTT allows", what)};
  }
  return {};
}

Result<void> check_qos(std::string_view what, Qos qos) {
  if (qos > Qos::exactly_once) {
    return invalid(
        fmt::format("{} has the QoS {}, and MQTT knows 0, 1 and 2", what, static_cast<int>(qos)));
  }
  return {};
}

Result<void> check_broker_takes(const Message& message, const ConnectionInfo& broker) {
  if (message.qos > broker.maximum_qos) {
    return Error{ErrorKind::unsupported, 0,
                 fmt::format("the broker takes messages up to QoS {}, not QoS {} (topic {})",
                             static_cast<int>(broker.maximum_qos), static_cast<int>(message.qos),
                             in_quotes(message.topic))};
  }
  if (message.retain && !broker.retain_available) {
    return Error{
        ErrorKind::unsupported, 0,
        fmt::format("the broker keeps no retained messages (topic {})", in_quotes(message.topic))};
  }
  const std::size_t size = publish_packet_size(message);
  const std::size_t limit = broker.maximum_packet_size;
  if (limit != 0 && size > limit) {
    return Error{
        ErrorKind::too_large, 0,
        fmt::format("the message to {} makes a packet of {} bytes, and the broker takes {}",
                    in_quotes(message.topic), size, limit)};
  }
  return {};
}

Result<void> check_will(const Message& will) {
  if (auto checked = check_topic_name("topic of the will", will.topic); !checked) return checked;
  if (auto checked = check_qos("the will", will.qos); !checked) return checked;
  // In CONNECT the payload is binary data with a length of two bytes (MQTT 5, 3.1.3.4).
  if (will.payload.size() > max_mqtt_text_bytes) {
    return Error{ErrorKind::too_large, 0,
                 fmt::format("the payload of the will is {} bytes long, and MQTT allows {}",
                             will.payload.size(), max_mqtt_text_bytes)};
  }
  return check_user_properties("the will", will.user_properties);
}

Result<void> check_credentials(const BrokerUrl& broker) {
  if (const auto fault = mqtt_text_fault(broker.username)) {
    return invalid("the user name " + *fault);
  }
  if (broker.password.size() > max_mqtt_text_bytes) {
    return invalid(fmt::format("the password is longer than the {} bytes that MQTT allows",
                               max_mqtt_text_bytes));
  }
  // MQTT carries any byte, but the MQTT libraries take C strings and would send half of it.
  if (broker.password.find('\0') != std::string::npos) {
    return invalid("the password holds a NUL character");
  }
  return {};
}

}  // namespace

std::size_t publish_packet_size(const Message& message) {
  const std::size_t remaining = remaining_length(message);
  return 1 + variable_byte_size(remaining) + remaining;
}

Result<void> check_publish(const Message& message, const ConnectionInfo& broker) {
  if (auto checked = check_topic_name("topic", message.topic); !checked) return checked;
  if (auto checked = check_qos("the message", message.qos); !checked) return checked;
  if (auto checked = check_user_properties("the message", message.user_properties); !checked) {
    return checked;
  }
  if (remaining_length(message) > max_variable_byte_integer) {
    return Error{
        ErrorKind::too_large, 0,
        fmt::format("the message to {} is larger than any MQTT packet", in_quotes(message.topic))};
  }
  return check_broker_takes(message, broker);
}

Result<void> check_filter(std::string_view filter) {
  if (auto checked = check_topic_text("topic filter", filter); !checked) return checked;

  std::string_view levels = filter;
  if (constexpr std::string_view shared = "$share/"; filter.substr(0, shared.size()) == shared) {
    levels.remove_prefix(shared.size());
    const auto slash = levels.find('/');
    const std::string_view group = levels.substr(0, slash);
    if (group.empty() || group.find_first_of("+#") != std::string_view::npos) {
      return invalid(fmt::format("the shared subscription {} needs a group name without wildcards",
                                 in_quotes(filter)));
    }
    if (slash == std::string_view::npos || slash + 1 == levels.size()) {
      return invalid(fmt::format("the shared subscription {} has no topic filter behind its group",
                                 in_quotes(filter)));
    }
    levels.remove_prefix(slash + 1);
  }

  while (true) {
    const auto slash = levels.find('/');
    const bool last = slash == std::string_view::npos;
    const std::string_view level = levels.substr(0, slash);
    if (const auto at = level.find_first_of("+#"); at != std::string_view::npos) {
      if (level.size() > 1) {
        return invalid(fmt::format("the wildcard '{}' in the topic filter {} must be a whole level",
                                   level[at], in_quotes(filter)));
      }
      if (level == "#" && !last) {
        return invalid(fmt::format("the wildcard '#' in the topic filter {} must be the last level",
                                   in_quotes(filter)));
      }
    }
    if (last) return {};
    levels.remove_prefix(slash + 1);
  }
}

Result<void> check_subscribe(std::string_view filter, const ConnectionInfo& broker) {
  if (auto checked = check_filter(filter); !checked) return checked;
  // Packet id, no properties, the filter and its options (MQTT 5, 3.8); UNSUBSCRIBE has no options.
  const std::size_t remaining = 2 + 1 + 2 + filter.size() + 1;
  const std::size_t size = 1 + variable_byte_size(remaining) + remaining;
  if (broker.maximum_packet_size != 0 && size > broker.maximum_packet_size) {
    return Error{ErrorKind::too_large, 0,
                 fmt::format("the subscription of {} makes a packet of {} bytes, and the broker "
                             "takes {}",
                             in_quotes(filter), size, broker.maximum_packet_size)};
  }
  return {};
}

Result<void> check_connect(const ConnectOptions& options) {
  if (options.broker.host.empty()) return invalid("the broker's host is empty");
  if (options.broker.port == 0) return invalid("the broker's port is 0");
  if (const auto fault = mqtt_text_fault(options.client_id)) {
    return invalid(fmt::format("the client id {} {}", in_quotes(options.client_id), *fault));
  }
  if (auto checked = check_credentials(options.broker); !checked) return checked;
  if (options.will) {
    if (auto checked = check_will(*options.will); !checked) return checked;
  }
  if (auto checked = check_user_properties("CONNECT", options.user_properties); !checked) {
    return checked;
  }
  if (options.keep_alive.count() < 0 || options.keep_alive.count() > 65'535) {
    return invalid(fmt::format("the keep-alive of {} seconds is not between 0 and 65535",
                               options.keep_alive.count()));
  }
  if (options.connect_timeout.count() <= 0) return invalid("the connect timeout is not positive");
  if (options.receive_maximum == 0) return invalid("a receive maximum of 0 is a protocol error");
  return {};
}

}  // namespace mcp_mqtt::mqtt
