#include "engine/fair_outbox.hpp"

#include <utility>

namespace mcp_mqtt::engine {
namespace {

/// Of these only the number counts.
constexpr std::size_t small = 4'096;

}  // namespace

std::size_t FairOutbox::size_of(const Publish& message) {
  return message.message.payload.size() + message.message.topic.size();
}

bool FairOutbox::push(const std::string& client_id, Publish message) {
  const std::size_t size = size_of(message);
  Client& client = clients_[client_id];
  if (!client.queue.empty()) {
    const bool room = client.waiting.messages < limits_.messages_per_client &&
                      (size <= small || (client.waiting.bytes + size <= limits_.bytes_per_client &&
                                         waiting_.bytes + size <= limits_.bytes));
    if (!room) return false;
  }
  client.queue.push_back(std::move(message));
  client.waiting.add(size);
  waiting_.add(size);
  if (!std::exchange(client.in_turn, true)) turns_.push_back(client_id);
  return true;
}

bool FairOutbox::crowded(const std::string& client_id) const {
  const auto found = clients_.find(client_id);
  if (found == clients_.end() || found->second.queue.empty()) return false;
  const Load& waiting = found->second.waiting;
  return waiting.messages >= limits_.messages_per_client / 2 ||
         waiting.bytes >= limits_.bytes_per_client / 2;
}

void FairOutbox::send_first(const std::string& client_id, Client& client,
                            std::vector<Publish>& out) {
  Publish message = std::move(client.queue.front());
  client.queue.pop_front();
  const std::size_t size = size_of(message);
  client.waiting.remove(size);
  waiting_.remove(size);
  client.under_way.add(size);
  under_way_.add(size);
  tickets_.emplace(message.ticket, UnderWay{client_id, size});
  out.push_back(std::move(message));
}

std::vector<Publish> FairOutbox::take() {
  std::vector<Publish> out;
  while (!turns_.empty()) {
    std::string client_id = std::move(turns_.front());
    turns_.pop_front();
    Client& client = clients_.at(client_id);
    if (client.queue.empty()) {
      client.in_turn = false;
      continue;
    }
    const std::size_t size = size_of(client.queue.front());
    if (!under_way_.fits(size, limits_.messages_under_way, limits_.bytes_under_way)) {
      turns_.push_front(std::move(client_id));
      break;
    }
    if (!client.under_way.fits(size, limits_.client_messages_under_way,
                               limits_.client_bytes_under_way)) {
      client.in_turn = false;  // its next acknowledgement brings it back
      continue;
    }
    send_first(client_id, client, out);
    if (client.queue.empty()) {
      client.in_turn = false;
    } else {
      turns_.push_back(std::move(client_id));
    }
  }
  return out;
}

std::vector<Publish> FairOutbox::take_all(const std::string& client_id) {
  std::vector<Publish> out;
  const auto found = clients_.find(client_id);
  if (found == clients_.end()) return out;
  Client& client = found->second;
  while (!client.queue.empty()) send_first(client_id, client, out);
  if (std::exchange(client.in_turn, false)) std::erase(turns_, client_id);
  return out;
}

void FairOutbox::settle(Ticket ticket) {
  const auto node = tickets_.extract(ticket);
  if (node.empty()) return;
  const auto& [client_id, size] = node.mapped();
  under_way_.remove(size);
  const auto found = clients_.find(client_id);
  Client& client = found->second;
  client.under_way.remove(size);
  if (!client.queue.empty()) {
    if (!std::exchange(client.in_turn, true)) turns_.push_back(client_id);
  } else {
    forget_if_idle(client_id);
  }
}

void FairOutbox::forget_if_idle(const std::string& client_id) {
  const auto found = clients_.find(client_id);
  const bool idle = found != clients_.end() && found->second.queue.empty() &&
                    found->second.under_way.messages == 0 && !found->second.in_turn;
  if (idle) clients_.erase(found);
}

std::vector<Ticket> FairOutbox::drop(const std::string& client_id) {
  std::vector<Ticket> dropped;
  const auto found = clients_.find(client_id);
  if (found == clients_.end()) return dropped;
  Client& client = found->second;
  for (const Publish& message : client.queue) {
    dropped.push_back(message.ticket);
    const std::size_t size = size_of(message);
    client.waiting.remove(size);
    waiting_.remove(size);
  }
  client.queue.clear();
  if (std::exchange(client.in_turn, false)) std::erase(turns_, client_id);
  forget_if_idle(client_id);
  return dropped;
}

void FairOutbox::clear() {
  clients_.clear();
  turns_.clear();
  tickets_.clear();
  waiting_ = {};
  under_way_ = {};
}

std::size_t FairOutbox::waiting(const std::string& client_id) const {
  const auto found = clients_.find(client_id);
  return found == clients_.end() ? 0 : found->second.queue.size();
}

}  // namespace mcp_mqtt::engine
