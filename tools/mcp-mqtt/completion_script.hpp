#pragma once

#include <map>
#include <string>
#include <vector>

namespace mcp_mqtt::command_line {

/// What a shell can complete.
struct Completable {
  std::vector<std::string> options;  ///< Of all subcommands, with their dashes.
  /// Subcommands and their own options.
  std::map<std::string, std::vector<std::string>> commands;
  std::vector<std::string> with_server;  ///< Subcommands whose first word is a server's name.
  std::vector<std::string> with_file;    ///< Options whose value is a file.
  std::vector<std::string> with_value;   ///< Other options that take a value.
};

/// A bash script that completes subcommands, options, files and, where the broker answers within a
/// second, the names of servers.
std::string bash_completion(const Completable& what);

}  // namespace mcp_mqtt::command_line
