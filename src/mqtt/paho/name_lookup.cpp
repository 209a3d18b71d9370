#include "mqtt/paho/name_lookup.hpp"

#include <exception>
#include <memory>
#include <netdb.h>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "ground/logging.hpp"

namespace mcp_mqtt::mqtt::paho {
namespace {

struct Free {
  void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};

Error cannot_look_up(const std::string& host, const char* reason) {
  return Error{
      ErrorKind::not_connected, 0,
      "the name of the broker, \"" + log::printable(host) + "\", has no address: " + reason,
      nullptr};
}

Result<std::vector<TcpEndpoint>> addresses_of(const std::string& host, std::uint16_t port,
                                              int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = IPPROTO_TCP;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  const int fault = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, Free> list(found);
  if (fault != 0) return cannot_look_up(host, gai_strerror(fault));
  std::vector<TcpEndpoint> endpoints;
  for (const addrinfo* at = list.get(); at != nullptr; at = at->ai_next) {
    if (auto endpoint = TcpEndpoint::from(at->ai_addr, at->ai_addrlen)) {
      endpoints.push_back(*endpoint);
    }
  }
  if (endpoints.empty()) return cannot_look_up(host, "the system knows no IPv4 or IPv6 address");
  return endpoints;
}

}  // namespace

void look_up(const std::string& host, std::uint16_t port, LookupCompletion done) {
  if (auto numeric = addresses_of(host, port, AI_NUMERICHOST)) return done(std::move(numeric));
  auto shared = std::make_shared<LookupCompletion>(std::move(done));
  try {
    std::thread([host, port, shared] {
      try {
        (*shared)(addresses_of(host, port, 0));
      } catch (const std::exception& fault) {
        log::error("the lookup of a broker's name failed: {}", fault.what());
      }
    }).detach();
  } catch (const std::system_error& fault) {
    (*shared)(cannot_look_up(host, fault.what()));
  }
}

}  // namespace mcp_mqtt::mqtt::paho
