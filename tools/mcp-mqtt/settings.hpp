#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <mcp_mqtt/connection_options.hpp>

namespace mcp_mqtt::command_line {

/// What the command line says of the broker; what is missing comes from elsewhere. There is no
/// password here: others on the machine can read a command line.
struct ConnectionFlags {
  std::optional<std::string> broker = {};
  std::optional<std::string> username = {};
  std::optional<std::string> password_file = {};
  std::optional<std::string> ca_file = {};
  std::optional<std::string> certificate_file = {};
  std::optional<std::string> key_file = {};
  std::optional<std::string> client_id = {};
  std::optional<std::string> transport = {};
  std::optional<std::string> config = {};
};

/// A variable of the environment; nothing where it is not set, or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
std::optional<std::string> environment_of_process(const std::string& name);

/// Which broker, and how to reach it.
struct Settings {
  std::string broker;       ///< The URL as it was given: it may hold a password. Show broker_name.
  std::string broker_name;  ///< The URL without user and password.
  /// The MQTT client id to keep, for a broker whose access rules know one only; empty: any.
  std::string client_id;
  ConnectionOptions connection;
  std::vector<std::string> warnings;  ///< A line each, for standard error.
};

/// Puts the settings together: of flags, environment and configuration file the first that has one
/// wins, each setting for itself. User name and password of the file are left out where the broker
/// comes from elsewhere and is not the file's: no broker gets another one's password. Throws
/// Failure (`usage`) for what cannot be used; it never repeats a password.
Settings make_settings(const ConnectionFlags& flags, const Environment& environment);

/// The first line of a password file; adds a warning where others can read it.
std::string read_password(const std::string& path, std::vector<std::string>& warnings);

}  // namespace mcp_mqtt::command_line
