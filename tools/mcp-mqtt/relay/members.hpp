#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <mcp_mqtt/client.hpp>

#include "mcp-mqtt/relay/server_words.hpp"

namespace mcp_mqtt::command_line {

/// One server of several, while it is there.
struct Member {
  std::shared_ptr<ServerWords> words;
  ClientSession session;
};

struct MembersSetup {
  std::vector<std::string> filters;  ///< Server-names, or MQTT filters over them.
  std::size_t most = 32;             ///< Servers at a time.
  std::size_t name_length = 64;      ///< Of a tool's name as the host sees it.
  std::chrono::milliseconds handshake{10'000};
  std::optional<Revision> revision = {};
};

/// The servers that match, each with a session that opens when the server comes; over one client.
/// Any thread.
class Members {
 public:
  struct Events {
    std::function<void(const Member&)> came;
    std::function<void(const Member&)> went;
    std::function<void(const std::string& line)> note;
  };

  Members(MembersSetup setup, Events events);
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;
  ~Members() { stop(); }

  void set_revision(std::optional<Revision> revision) { setup_.revision = revision; }
  /// Begins, once; the client is connected.
  void start(McpClient& client);
  /// Ends wait().
  void begin_to_stop();
  /// Uses the client no more. Its callbacks may still come. Not beside start().
  void stop();
  /// For the client's callbacks.
  void look_again();
  void on_announced(const std::string& server_name);
  void on_state(const ClientEvent& event);
  /// Waits until a session with each server that is online, and with each that was named without a
  /// wildcard, has opened; at most so long.
  void wait(std::chrono::milliseconds timeout);
  /// Servers that were named and are not there.
  std::vector<std::string> missing() const;

  /// Those with a session, by prefix.
  std::vector<Member> all() const;
  std::optional<Member> with_prefix(const std::string& prefix) const;
  std::optional<Member> with_name(const std::string& server_name) const;

 private:
  using Clock = std::chrono::steady_clock;
  enum class State { waiting, opening, open };
  struct Entry {
    State state = State::waiting;
    Clock::time_point since = {};       ///< It is open.
    Clock::time_point not_before = {};  ///< It is tried again.
    Member member;
  };
  using Entries = std::map<std::string, Entry>;  // by prefix

  void keep();
  void look();
  void take_in(const std::set<std::string>& online, std::vector<std::string>& lines);
  void open(const std::string& prefix, const std::string& server_name);
  void opened(const std::string& prefix, const Result<ClientSession>& outcome);
  void close(const std::string& prefix, const Error& reason);
  Clock::time_point next_try() const;
  std::vector<std::string> named_and_missing() const;

  MembersSetup setup_;
  Events events_;
  McpClient* client_ = nullptr;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Entries entries_;
  bool look_again_ = true;
  bool stopping_ = false;
  bool told_of_more_ = false;
  std::set<std::string> told_of_same_prefix_;
  std::thread keeper_;
};

}  // namespace mcp_mqtt::command_line
