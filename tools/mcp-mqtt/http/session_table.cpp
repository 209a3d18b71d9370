#include "mcp-mqtt/http/session_table.hpp"

#include <array>
#include <cerrno>
#include <sys/random.h>
#include <system_error>
#include <thread>

namespace mcp_mqtt::command_line {

GatewaySession::GatewaySession(std::string id, std::string server, const HttpSessionLimits& limits,
                               Time now)
    : id_(std::move(id)),
      server_(std::move(server)),
      link_(std::make_shared<HttpSession>(limits)),
      used_(now) {}

void GatewaySession::set_host(std::unique_ptr<HostSession> host) {
  const std::lock_guard lock(mutex_);
  host_ = std::move(host);
}

void GatewaySession::deliver(std::vector<wire::RpcMessage> messages) {
  const std::lock_guard delivery(delivery_);
  std::shared_ptr<HostSession> host;
  {
    const std::lock_guard lock(mutex_);
    host = host_;
  }
  if (!host) return;
  for (wire::RpcMessage& message : messages) host->on_message(std::move(message));
}

std::shared_ptr<HostSession> GatewaySession::close() {
  link_->close();
  const std::lock_guard lock(mutex_);
  return std::exchange(host_, nullptr);
}

void GatewaySession::touch(Time now) {
  const std::lock_guard lock(mutex_);
  used_ = now;
}

GatewaySession::Time GatewaySession::used(Time now) const {
  if (link_->being_read()) return now;
  const std::lock_guard lock(mutex_);
  return used_;
}

std::shared_ptr<GatewaySession> SessionTable::create(const std::string& server, Time now) {
  auto session = std::make_shared<GatewaySession>(make_session_id(), server, limits_, now);
  const std::lock_guard lock(mutex_);
  if (stopped_ || sessions_.size() >= most_) return nullptr;
  sessions_.emplace(session->id(), session);
  return session;
}

std::shared_ptr<GatewaySession> SessionTable::find(const std::string& id) {
  std::shared_ptr<GatewaySession> session;
  {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return nullptr;
    session = found->second;
  }
  if (const auto reason = session->link()->end_reason()) {
    remove(session, reason->message);
    return nullptr;
  }
  return session;
}

void SessionTable::remove(const std::shared_ptr<GatewaySession>& session,
                          const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (sessions_.erase(session->id()) == 0) return;
    over_.push_back(session->close());
  }
  if (on_end_) on_end_(*session, reason);
}

std::size_t SessionTable::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

void SessionTable::tend(Time now) {
  std::vector<std::shared_ptr<GatewaySession>> sessions;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, session] : sessions_) sessions.push_back(session);
  }
  for (const auto& session : sessions) {
    std::vector<wire::RpcMessage> answers;
    for (const RequestId& id : session->link()->take_unheard()) {
      answers.push_back(wire::ErrorResponse{
          id, rpc_error(error_code::internal_error, "the host did not read the request in time")});
    }
    if (!answers.empty()) session->deliver(std::move(answers));
    if (const auto reason = session->link()->end_reason()) {
      remove(session, reason->message);
    } else if (now - session->used(now) > idle_) {
      remove(session, "nobody used it");
    }
  }
  std::vector<std::shared_ptr<HostSession>> over;
  {
    const std::lock_guard lock(mutex_);
    over.swap(over_);
  }
}

void SessionTable::stop() {
  std::vector<std::shared_ptr<HostSession>> over;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    over.swap(over_);
    for (const auto& [id, session] : sessions_) over.push_back(session->close());
    sessions_.clear();
  }
  // Side by side: each may wait for its goodbye at a broker.
  std::vector<std::jthread> goodbyes;
  for (auto& host : over) {
    try {
      goodbyes.emplace_back([host = std::move(host)]() mutable { host.reset(); });
    } catch (const std::system_error&) {
      host.reset();
    }
  }
}

std::string make_session_id() {
  std::array<unsigned char, 16> bytes{};
  if (getentropy(bytes.data(), bytes.size()) != 0) {
    throw std::system_error(errno, std::generic_category(), "no random numbers");
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) {
    id += digits[byte >> 4U];
    id += digits[byte & 15U];
  }
  return id;
}

}  // namespace mcp_mqtt::command_line
