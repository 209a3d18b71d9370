#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <mcp_mqtt/mqtt/transport.hpp>

namespace mcp_mqtt::golden {

/// What both sides of a dialogue published, in order, and what the scenario says about it. A
/// message counts when it is handed to the transport: its answer comes later, so the order is that
/// of cause and effect whatever the broker does.
class Record {
 public:
  struct Entry {
    enum class Kind { comment, publish, will };
    Kind kind = Kind::comment;
    std::string who = {};
    mqtt::Message message = {};
    std::string text = {};  // a comment
  };

  /// Nothing counts until it is switched on.
  void listen(bool on);
  void comment(std::string text);
  void publish(const std::string& who, const mqtt::Message& message);
  void will(const std::string& who, const mqtt::Message& message);

  /// Waits for the next message, since the last comment or wait, for which `wanted` is true. False
  /// where none comes.
  bool wait_for(const std::function<bool(const mqtt::Message&)>& wanted);

  std::vector<Entry> entries() const;

 private:
  void add(Entry entry);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool listening_ = false;
  std::vector<Entry> entries_;
  std::size_t seen_ = 0;
};

/// A transport that tells `record` what `who` publishes over it.
std::shared_ptr<mqtt::Transport> recording(std::shared_ptr<mqtt::Transport> transport,
                                           std::shared_ptr<Record> record, std::string who);

/// The dialogue as its file shows it: comments, and for each message who sent it where, then its
/// JSON. What differs from run to run stands there as a placeholder.
std::string render(const std::vector<Record::Entry>& entries);

}  // namespace mcp_mqtt::golden
