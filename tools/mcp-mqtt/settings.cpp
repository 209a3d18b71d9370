#include "mcp-mqtt/settings.hpp"

#include <cstdlib>
#include <utility>

#include <mcp_mqtt/mqtt/broker_url.hpp>

#include "mcp-mqtt/config_file.hpp"
#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/files.hpp"
#include "mcp-mqtt/topic_words.hpp"

namespace mcp_mqtt::command_line {
namespace {

constexpr const char* default_broker = "mqtt://127.0.0.1:1883";

mqtt::BrokerUrl checked_url(const std::string& url, const std::string& source) {
  auto parsed = mqtt::parse_broker_url(url);
  if (!parsed) {
    throw Failure(ExitCode::usage, source + ": " + parsed.error().message +
                                       " (right is, for instance, mqtt://localhost:1883)");
  }
  return std::move(*parsed);
}

mqtt::TransportKind transport_of(const std::string& name) {
  if (name == "automatic") return mqtt::TransportKind::automatic;
  if (name == "paho") return mqtt::TransportKind::paho;
  if (name == "mosquitto") return mqtt::TransportKind::mosquitto;
  throw Failure(ExitCode::usage,
                "there is no transport '" + name + "': automatic, paho or mosquitto");
}

/// The settings of one run, each from the first place that has it.
class Sources {
 public:
  Sources(const ConnectionFlags& flags, const Environment& environment)
      : flags_(flags),
        environment_(environment),
        file_(find_config_file(flags.config, environment)) {}

  Settings settings() {
    Settings out;
    const mqtt::BrokerUrl url = choose_broker(out);
    choose_credentials(out);
    auto& tls = out.connection.tls;
    tls.ca_file = first(flags_.ca_file, {}, "ca_file").value_or("");
    tls.certificate_file = first(flags_.certificate_file, {}, "certificate_file").value_or("");
    tls.key_file = first(flags_.key_file, {}, "key_file").value_or("");
    if (tls.certificate_file.empty() != tls.key_file.empty()) {
      throw Failure(ExitCode::usage, tls.key_file.empty()
                                         ? "a client certificate needs its key: --key FILE"
                                         : "a key needs its client certificate: --cert FILE");
    }
    if (flags_.ca_file && !url.uses_tls()) {
      throw Failure(ExitCode::usage,
                    "--ca-file is for mqtts:// and wss://, and the broker is " + url.to_string());
    }
    out.client_id = first(flags_.client_id, {}, "client_id").value_or("");
    if (!out.client_id.empty()) check_id("the client id", out.client_id);
    if (const auto transport = first(flags_.transport, {}, "transport")) {
      out.connection.transport = transport_of(*transport);
    }
    if (file_ && file_->readable_by_others && holds_password(*file_)) {
      out.warnings.push_back("others can read the configuration file '" + file_->path +
                             "', which holds a password: chmod 600 '" + file_->path + "'");
    }
    return out;
  }

 private:
  std::optional<std::string> of_file(const std::string& key) const {
    return file_ ? file_->value(key) : std::nullopt;
  }

  std::optional<std::string> first(const std::optional<std::string>& flag,
                                   const std::string& variable, const std::string& key) const {
    if (flag) return flag;
    if (!variable.empty()) {
      if (auto value = environment_(variable)) return value;
    }
    return of_file(key);
  }

  static bool holds_password(const ConfigFile& file) {
    if (file.value("password")) return true;
    const auto url = mqtt::parse_broker_url(file.value("broker").value_or(""));
    return url && !url->password.empty();
  }

  mqtt::BrokerUrl choose_broker(Settings& out) {
    std::string source = "--broker";
    if (flags_.broker) {
      out.broker = *flags_.broker;
    } else if (auto variable = environment_("MCP_MQTT_BROKER")) {
      source = "MCP_MQTT_BROKER";
      out.broker = *variable;
    } else if (auto value = of_file("broker")) {
      source = "the configuration file '" + file_->path + "'";
      out.broker = *value;
    } else {
      out.broker = default_broker;
    }
    mqtt::BrokerUrl url = checked_url(out.broker, source);
    if (flags_.broker && !url.password.empty()) {
      throw Failure(ExitCode::usage,
                    "--broker must not hold a password, since others can see it: use "
                    "MCP_MQTT_PASSWORD, --password-file or the configuration file");
    }
    out.broker_name = url.to_string();
    if (const auto own = of_file("broker")) {
      file_is_for_broker_ =
          checked_url(*own, "the configuration file '" + file_->path + "'").to_string() ==
          out.broker_name;
    }
    return url;
  }

  void choose_credentials(Settings& out) {
    auto& connection = out.connection;
    const auto credential = [&](const std::string& key) {
      return file_is_for_broker_ ? of_file(key) : std::nullopt;
    };
    if (flags_.username) {
      connection.username = *flags_.username;
    } else {
      connection.username =
          environment_("MCP_MQTT_USERNAME").value_or(credential("username").value_or(""));
    }
    if (flags_.password_file) {
      connection.password = read_password(*flags_.password_file, out.warnings);
    } else if (const auto variable = environment_("MCP_MQTT_PASSWORD")) {
      connection.password = *variable;
    } else if (const auto password = credential("password")) {
      connection.password = *password;
    } else if (const auto path = credential("password_file")) {
      connection.password = read_password(*path, out.warnings);
    }
  }

  const ConnectionFlags& flags_;
  const Environment& environment_;
  std::optional<ConfigFile> file_;
  /// A file that names no broker is for all.
  bool file_is_for_broker_ = true;
};

}  // namespace

std::string read_password(const std::string& path, std::vector<std::string>& warnings) {
  const std::string content = read_file(path);
  if (readable_by_others(path)) {
    warnings.push_back("others can read the password file '" + path + "': chmod 600 '" + path +
                       "'");
  }
  return content.substr(0, content.find_first_of("\r\n"));
}

std::optional<std::string> environment_of_process(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

Settings make_settings(const ConnectionFlags& flags, const Environment& environment) {
  return Sources(flags, environment).settings();
}

}  // namespace mcp_mqtt::command_line
