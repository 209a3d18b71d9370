#include "mqtt/paho/proxy_environment.hpp"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unistd.h>
#include <utility>

namespace mcp_mqtt::mqtt::paho {
namespace {

struct Variable {
  const char* name;
  // What stands in the environment meanwhile; its own name is as good as unset.
  char placeholder[40];
  char* hidden = nullptr;
};

std::mutex hiding;
std::size_t instances = 0;
std::array<Variable, 2> variables{{{"http_proxy", "MCP_MQTT_HIDDEN_HTTP_PROXY="},
                                   {"https_proxy", "MCP_MQTT_HIDDEN_HTTPS_PROXY="}}};

void store(char** place, char* value) noexcept { __atomic_store_n(place, value, __ATOMIC_RELEASE); }

void hide(Variable& variable) noexcept {
  const std::size_t length = std::strlen(variable.name);
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, variable.name, length) == 0 && (*entry)[length] == '=') {
      variable.hidden = *entry;
      store(entry, variable.placeholder);
      return;
    }
  }
}

void restore(Variable& variable) noexcept {
  char* const hidden = std::exchange(variable.hidden, nullptr);
  // Where the program has set the variable meanwhile, its new value stays.
  if (hidden == nullptr || std::getenv(variable.name) != nullptr) return;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (*entry == variable.placeholder) store(entry, hidden);
  }
}

}  // namespace

bool HiddenProxyEnvironment::needed() noexcept {
  const std::lock_guard lock(hiding);
  if (instances > 0) return true;
  for (const Variable& variable : variables) {
    if (std::getenv(variable.name) != nullptr) return true;
  }
  return false;
}

HiddenProxyEnvironment::HiddenProxyEnvironment() {
  const std::lock_guard lock(hiding);
  if (instances++ > 0) return;
  for (Variable& variable : variables) hide(variable);
}

HiddenProxyEnvironment::~HiddenProxyEnvironment() {
  const std::lock_guard lock(hiding);
  if (--instances > 0) return;
  for (Variable& variable : variables) restore(variable);
}

}  // namespace mcp_mqtt::mqtt::paho
