#include "mqtt/paho/client_handle.hpp"

#include <mqtt/async_client.h>

namespace mcp_mqtt::mqtt::paho {
namespace {

using HandleMember = MQTTAsync(::mqtt::async_client::*);

// The wrapper keeps its handle private and offers no way to it. An explicit instantiation may name
// a private member ([temp.spec]/6); through its base this one publishes the pointer to that member.
struct PublishedHandle {
  friend HandleMember handle_member(PublishedHandle) noexcept;
};

template <HandleMember Member>
struct Publish : PublishedHandle {
  friend HandleMember handle_member(PublishedHandle) noexcept { return Member; }
};

template struct Publish<&::mqtt::async_client::cli_>;

}  // namespace

MQTTAsync handle_of(::mqtt::async_client& client) noexcept {
  return client.*handle_member(PublishedHandle{});
}

}  // namespace mcp_mqtt::mqtt::paho
