#include "mcp-mqtt/child/spawn.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace mcp_mqtt::command_line {
namespace {

void checked_call(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

struct StreamPipe {
  Descriptor out;
  Descriptor in;
};

/// Never one of the three standard streams, which the child's own would overwrite.
Descriptor above_streams(int number) {
  if (number > STDERR_FILENO) return Descriptor(number);
  const Descriptor low(number);
  const int high = ::fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (high < 0) throw std::system_error(errno, std::generic_category(), "fcntl");
  return Descriptor(high);
}

StreamPipe stream_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  Descriptor out = above_streams(ends[0]);
  return {std::move(out), above_streams(ends[1])};
}

void set_nonblocking(const Descriptor& end) {
  ::fcntl(end.get(), F_SETFL, ::fcntl(end.get(), F_GETFL) | O_NONBLOCK);
}

class SpawnActions {
 public:
  SpawnActions() { checked_call(::posix_spawn_file_actions_init(&actions_), "file actions"); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions_); }

  void use(const Descriptor& end, int as) {
    checked_call(::posix_spawn_file_actions_adddup2(&actions_, end.get(), as), "dup2");
  }
  void change_folder(const std::string& folder) {
    checked_call(::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str()), "chdir");
  }
  void close_the_rest() {
#if __GLIBC_PREREQ(2, 34)
    // A library may have opened one without O_CLOEXEC.
    checked_call(::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1), "close");
#endif
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class SpawnAttributes {
 public:
  SpawnAttributes() {
    checked_call(::posix_spawnattr_init(&attributes_), "attributes");
    sigset_t set;
    sigemptyset(&set);
    ::posix_spawnattr_setsigmask(&attributes_, &set);
    sigfillset(&set);
    ::posix_spawnattr_setsigdefault(&attributes_, &set);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> out;
  for (const auto& [name, value] : added) {
    const std::string start = name + '=';
    std::erase_if(out, [&](const std::string& before) { return before.starts_with(start); });
    out.push_back(start + value);
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    bool replaced = name.starts_with("MCP_MQTT_");
    for (const auto& one : added) replaced |= one.first == name;
    if (!replaced) out.emplace_back(text);
  }
  return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& string : strings) out.push_back(string.data());
  out.push_back(nullptr);
  return out;
}

std::string spawn_error(const ChildCommand& command, int error) {
  const std::string& program = command.words.front();
  if (error == ENOENT) {
    if (!command.folder.empty() && ::access(command.folder.c_str(), X_OK) != 0) {
      return "there is no folder '" + command.folder + "'";
    }
    return "there is no program '" + program + "'";
  }
  return "'" + program + "' cannot be started: " + std::generic_category().message(error);
}

}  // namespace

Spawned spawn(const ChildCommand& command) {
  try {
    StreamPipe input = stream_pipe();
    StreamPipe output = stream_pipe();
    StreamPipe errors = stream_pipe();
    SpawnActions actions;
    actions.use(input.out, STDIN_FILENO);
    actions.use(output.in, STDOUT_FILENO);
    actions.use(errors.in, STDERR_FILENO);
    actions.close_the_rest();
    if (!command.folder.empty()) actions.change_folder(command.folder);
    const SpawnAttributes attributes;
    std::vector<std::string> words = command.words;
    std::vector<std::string> environment = environment_with(command.environment);
    Spawned out;
    const int error =
        ::posix_spawnp(&out.pid, command.words.front().c_str(), actions.get(), attributes.get(),
                       pointers_to(words).data(), pointers_to(environment).data());
    if (error != 0) {
      out.pid = -1;
      out.error = spawn_error(command, error);
      return out;
    }
    out.input = std::move(input.in);
    out.output = std::move(output.out);
    out.errors = std::move(errors.out);
    set_nonblocking(out.input);
    set_nonblocking(out.output);
    set_nonblocking(out.errors);
    return out;
  } catch (const std::system_error& error) {
    Spawned out;
    out.error = "'" + command.words.front() + "' cannot be started: " + error.what();
    return out;
  }
}

}  // namespace mcp_mqtt::command_line
