#pragma once

#include <fstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include "support/child_process.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::test {

/// Resident memory of a process, in KiB.
inline std::size_t resident_kib(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    std::size_t kib = 0;
    status >> kib;
    return kib;
  }
  throw std::runtime_error("no VmRSS of process " + std::to_string(process));
}

/// How much more there is than before.
inline std::size_t growth_kib(pid_t process, std::size_t before) {
  const std::size_t now = resident_kib(process);
  return now > before ? now - before : 0;
}

/// A server in a process of its own. Start it on the main thread: it dies with its starter.
class ServerProcess {
 public:
  ServerProcess(const std::string& url, const std::string& name, const std::string& id)
      : process_({FAULT_PEER_PROGRAM, "serve", url, name, id}) {
    if (!process_.wait_for_output("serving", patience)) {
      throw std::runtime_error("the server process does not serve: " + process_.error_output());
    }
  }

  pid_t pid() const { return process_.pid(); }
  void kill() { process_.kill(); }
  void signal(int number) { process_.signal(number); }
  /// Waits until its tool `hold` runs for this call.
  bool wait_until_held(std::size_t call) const {
    return process_.wait_for_output("held " + std::to_string(call) + ";", patience);
  }

 private:
  ChildProcess process_;
};

}  // namespace mcp_mqtt::test
