#pragma once

#include <map>
#include <optional>
#include <string>

#include "mcp-mqtt/settings.hpp"

namespace mcp_mqtt::command_line {

/// A configuration file: a JSON object of texts. Paths in it that are not absolute start at the
/// file's own directory.
struct ConfigFile {
  std::string path;
  std::map<std::string, std::string> values;
  bool readable_by_others = false;

  std::optional<std::string> value(const std::string& key) const;
};

/// The file that `--config` names, which must be there; else the one in the place that the XDG
/// rules give it, where there is one. Throws Failure (`usage`) for one that cannot be read or
/// understood; the message never repeats a value.
std::optional<ConfigFile> find_config_file(const std::optional<std::string>& named,
                                           const Environment& environment);

/// Whether somebody else than the file's owner may read it. False where there is no such file.
bool readable_by_others(const std::string& path);

}  // namespace mcp_mqtt::command_line
