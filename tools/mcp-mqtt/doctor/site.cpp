#include "mcp-mqtt/doctor/site.hpp"

#include <random>
#include <utility>

namespace mcp_mqtt::command_line {
namespace {

std::string random_token() {
  static constexpr char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
  std::random_device device;
  std::uniform_int_distribution<std::size_t> pick(0, sizeof letters - 2);
  std::string token;
  for (int at = 0; at < 8; ++at) token += letters[pick(device)];
  return token;
}

}  // namespace

Site::Site(const Examination& examination, Route route, Report& report,
           std::function<void(const std::string&)> now_checking)
    : examination_(examination),
      route_(std::move(route)),
      report_(report),
      now_checking_(std::move(now_checking)),
      token_(random_token()),
      server_name_(examination.server_name.empty() ? "mcp-mqtt-doctor/" + token_
                                                   : examination.server_name) {}

Probe& Site::main() noexcept {
  const bool server_is = server_ && examination_.as != Examination::As::client;
  return server_is ? *server_ : *client_;
}

std::string Site::rpc_topic() const {
  return "$mcp-rpc/" + client_id_ + '/' + server_id_ + '/' + server_name_;
}

Result<void> Site::connect_one(std::shared_ptr<Probe>& probe, Role role, const std::string& id,
                               bool peer) {
  Route route = route_;
  if (peer) {
    route.broker.username = *examination_.peer_username;
    route.broker.password = examination_.peer_password;
  }
  auto made = std::make_shared<Probe>(std::move(route));
  if (auto connected = made->connect({.role = role, .id = id}); !connected) return connected;
  probe = std::move(made);
  return {};
}

bool Site::takes_over(Probe& first, Role role, bool peer) {
  // The broker does not tell that it replaced an id: it shows by who is thrown out.
  std::shared_ptr<Probe> second;
  if (!connect_one(second, role, "mcp-mqtt-doctor-" + token_ + "-t", peer)) return false;
  return is_thrown_out(first);
}

bool Site::is_thrown_out(Probe& probe) {
  // A broker that closed the connection before it answered another one never answers this.
  const auto asked = probe.subscribe("$mcp-rpc/" + token_ + '/' + token_ + '/' + server_name_);
  return !asked && (asked.error().kind == ErrorKind::connection_lost ||
                    asked.error().kind == ErrorKind::not_connected ||
                    asked.error().kind == ErrorKind::id_conflict || !probe.connected());
}

Result<void> Site::open() {
  const auto begin = std::chrono::steady_clock::now();
  auto opened = examination_.as == Examination::As::both ? open_both() : Result<void>();
  if (examination_.as == Examination::As::server) opened = open_one(Role::server);
  if (examination_.as == Examination::As::client) opened = open_one(Role::client);
  if (!opened) return opened;
  if (connect_time_.count() == 0) {
    connect_time_ = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begin);
  }
  server_id_ = server_ ? server_->id() : token_ + "-server";
  client_id_ = client_ ? client_->id() : token_ + "-client";
  return {};
}

Result<void> Site::open_both() {
  const std::string made_up = "mcp-mqtt-doctor-" + token_;
  const std::string& given = examination_.client_id;
  const auto begin = std::chrono::steady_clock::now();
  auto connected =
      connect_one(server_, Role::server, given.empty() ? made_up + "-s" : given, false);
  if (!connected) return connected;
  connect_time_ = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin);
  if (given.empty()) {
    connected = connect_one(client_, Role::client, made_up + "-c", false);
    if (!connected) {
      add({"second connection", Verdict::failed, connected.error().message,
           "each server and each client is a connection: let the broker take more (max_connections "
           "in mosquitto.conf)"});
      return {};
    }
    if (route_.broker.username.empty() || !is_thrown_out(*server_)) return {};
    id_is_user_name_ = true;
    client_.reset();
    connected = connect_one(server_, Role::server, route_.broker.username, false);
    if (!connected) return connected;
  }
  client_ = server_;
  return {};
}

Result<void> Site::open_one(Role role) {
  const auto open_side = [&](Role side, bool peer) -> Result<void> {
    std::shared_ptr<Probe>& probe = side == Role::server ? server_ : client_;
    const std::string& given = peer ? examination_.peer_client_id : examination_.client_id;
    const std::string& user = peer ? *examination_.peer_username : route_.broker.username;
    std::string id = given;
    if (id.empty()) {
      id = id_is_user_name_ ? user
                            : "mcp-mqtt-doctor-" + token_ + (side == Role::server ? "-s" : "-c");
    }
    const auto begin = std::chrono::steady_clock::now();
    if (auto connected = connect_one(probe, side, id, peer); !connected) return connected;
    if (!peer) {
      connect_time_ = std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::steady_clock::now() - begin);
    }
    if (!given.empty() || user.empty() || id == user || !takes_over(*probe, side, peer)) return {};
    id_is_user_name_ = true;
    return connect_one(probe, side, user, peer);
  };
  if (auto opened = open_side(role, false); !opened) return opened;
  if (!examination_.peer_username) return {};
  const Role other = role == Role::server ? Role::client : Role::server;
  if (auto opened = open_side(other, true); !opened) {
    add({"peer", Verdict::failed, opened.error().message,
         "check --peer-username and --peer-password-file: without the other side some checks are "
         "left out"});
  }
  return {};
}

std::string Site::own_topic(const std::string& word) const {
  if (own_ == Own::plain) return "mcp-mqtt-doctor/" + token_ + '/' + word;
  const bool as_server = server_ && examination_.as != Examination::As::client;
  const std::string other = token_ + '-' + word;
  return "$mcp-rpc/" + (as_server ? other + '/' + server_id_ : client_id_ + '/' + other) + '/' +
         server_name_;
}

std::string Site::own_filter() const {
  if (own_ == Own::plain) return "mcp-mqtt-doctor/" + token_ + "/+";
  const bool as_server = server_ && examination_.as != Examination::As::client;
  return "$mcp-rpc/" + (as_server ? "+/" + server_id_ : client_id_ + "/+") + '/' + server_name_;
}

std::string Site::own_subtree() const {
  if (own_ == Own::plain) return "mcp-mqtt-doctor/" + token_ + "/#";
  const bool as_server = server_ && examination_.as != Examination::As::client;
  return as_server ? "$mcp-rpc/" + token_ + "-subtree/#" : "$mcp-rpc/" + client_id_ + "/#";
}

bool Site::find_own_topics() {
  for (const Own own : {Own::rpc, Own::plain}) {
    if (echoes(own)) return true;
  }
  own_ = Own::none;
  return false;
}

bool Site::echoes(Own own) {
  own_ = own;
  if (!main().subscribe(own_topic("fence"))) return false;
  // A first message proves nothing by its absence but the denial.
  return fence();
}

bool Site::fence() {
  const std::string topic = own_topic("fence");
  const std::string payload = "fence " + std::to_string(++fences_);
  if (!main().connected() || !main().publish({topic, payload})) return false;
  return main().wait_for(on_topic(topic, payload)).has_value();
}

Result<void> Site::reconnect_main(Opening opening) {
  Probe& probe = main();
  opening.role = probe.role();
  opening.id = probe.id();
  if (auto connected = probe.connect(opening); !connected) return connected;
  if (own_ == Own::none) return {};
  return probe.subscribe(own_topic("fence"));
}

}  // namespace mcp_mqtt::command_line
