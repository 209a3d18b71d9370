#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/connection_actions.hpp"

namespace mcp_mqtt::engine {

/// The messages of a server to its clients, in turns. Only so many are under way to the broker at a
/// time, of each client and in all; the rest waits here. So a client that makes the server say much
/// delays its own messages, and neither fills the transport's queue nor holds up another's.
/// The messages to one client keep their order.
class FairOutbox {
 public:
  struct Limits {
    // Waiting.
    std::size_t messages_per_client = 1'000;
    std::size_t bytes_per_client = 32U << 20;
    std::size_t bytes = 256U << 20;
    // Under way to the broker. At least one message is, whatever its size.
    std::size_t messages_under_way = 5'000;
    std::size_t bytes_under_way = 32U << 20;
    std::size_t client_messages_under_way = 256;
    std::size_t client_bytes_under_way = 4U << 20;
  };

  explicit FairOutbox(const Limits& limits) : limits_(limits) {}

  /// Takes a message with a ticket of its own. False: too much waits for this client, or in all. A
  /// message of a few kilobytes is only counted, so that an error still finds its way.
  bool push(const std::string& client_id, Publish message);
  /// Nothing more should be begun for this client: half of what may wait for it does.
  bool crowded(const std::string& client_id) const;

  /// What may go to the broker now, in order.
  std::vector<Publish> take();
  /// All that waits for this client, whatever is under way: nothing follows it but a goodbye.
  std::vector<Publish> take_all(const std::string& client_id);
  /// The message with this ticket has its outcome.
  void settle(Ticket ticket);
  /// Nobody reads what waits for this client: the tickets of what is dropped.
  std::vector<Ticket> drop(const std::string& client_id);
  /// The connection is gone, and what was under way with it.
  void clear();

  std::size_t waiting(const std::string& client_id) const;
  std::size_t waiting_bytes() const noexcept { return waiting_.bytes; }

 private:
  struct Load {
    std::size_t messages = 0;
    std::size_t bytes = 0;
    void add(std::size_t size) { ++messages, bytes += size; }
    void remove(std::size_t size) { --messages, bytes -= size; }
    bool fits(std::size_t size, std::size_t max_messages, std::size_t max_bytes) const {
      return messages == 0 ||
             (messages < max_messages && size <= max_bytes - bytes_up_to(max_bytes));
    }
    std::size_t bytes_up_to(std::size_t limit) const { return bytes < limit ? bytes : limit; }
  };
  struct Client {
    std::list<Publish> queue;  // a client with nothing waiting needs no memory for it
    Load waiting;
    Load under_way;
    bool in_turn = false;  // stands in turns_
  };
  struct UnderWay {
    std::string client_id;
    std::size_t size = 0;
  };

  static std::size_t size_of(const Publish& message);
  void forget_if_idle(const std::string& client_id);
  void send_first(const std::string& client_id, Client& client, std::vector<Publish>& out);

  Limits limits_;
  std::map<std::string, Client, std::less<>> clients_;
  std::deque<std::string> turns_;  // clients with waiting messages, next first
  std::unordered_map<Ticket, UnderWay> tickets_;
  Load waiting_;
  Load under_way_;
};

}  // namespace mcp_mqtt::engine
