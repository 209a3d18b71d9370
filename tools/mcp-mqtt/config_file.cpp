#include "mcp-mqtt/config_file.hpp"

#include <array>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>

#include <mcp_mqtt/json.hpp>

#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/files.hpp"

namespace mcp_mqtt::command_line {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 9> known_keys{
    "broker",           "username", "password",  "password_file", "ca_file",
    "certificate_file", "key_file", "client_id", "transport"};

bool is_path(std::string_view key) { return key.ends_with("_file"); }

[[noreturn]] void refuse(const std::string& path, const std::string& reason) {
  throw Failure(ExitCode::usage, "the configuration file '" + path + "' " + reason);
}

void check_key(const std::string& path, const std::string& key) {
  std::string names;
  for (const std::string_view known : known_keys) {
    if (key == known) return;
    names += (names.empty() ? "" : ", ") + std::string(known);
  }
  refuse(path, "has the unknown key '" + key + "'; there are " + names);
}

std::optional<std::string> usual_place(const Environment& environment) {
  std::string folder;
  if (const auto xdg = environment("XDG_CONFIG_HOME"); xdg && xdg->starts_with('/')) {
    folder = *xdg;
  } else if (const auto home = environment("HOME")) {
    folder = *home + "/.config";
  } else {
    return std::nullopt;
  }
  std::string path = folder + "/mcp-mqtt/config.json";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::nullopt;
  return path;
}

}  // namespace

std::optional<std::string> ConfigFile::value(const std::string& key) const {
  const auto found = values.find(key);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

std::optional<ConfigFile> find_config_file(const std::optional<std::string>& named,
                                           const Environment& environment) {
  const auto path = named ? named : usual_place(environment);
  if (!path) return std::nullopt;
  ConfigFile file{.path = *path, .values = {}, .readable_by_others = readable_by_others(*path)};
  const Json json = Json::parse(read_file(*path), nullptr, false);
  if (!json.is_object()) {
    refuse(*path, R"(is no JSON object such as {"broker": "mqtt://localhost"})");
  }
  for (const auto& [key, value] : json.items()) {
    check_key(*path, key);
    if (!value.is_string()) refuse(*path, "has no text for '" + key + "'");
    auto text = value.get<std::string>();
    if (is_path(key) && fs::path(text).is_relative()) {
      text = (fs::path(*path).parent_path() / text).string();
    }
    file.values.emplace(key, std::move(text));
  }
  return file;
}

bool readable_by_others(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return false;
  return (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

}  // namespace mcp_mqtt::command_line
