#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mcp-mqtt/doctor/finding.hpp"
#include "mcp-mqtt/doctor/probe.hpp"

namespace mcp_mqtt::command_line {

/// What the doctor is to look at.
struct Examination {
  enum class As { both, server, client };

  As as = As::both;
  /// Which user the other side is, where it is another one.
  std::optional<std::string> peer_username = {};
  std::string peer_password = {};
  /// Client ids to keep; empty: made up.
  std::string client_id = {};
  std::string peer_client_id = {};
  /// A server-name to use in the topics; empty: one that nobody else has.
  std::string server_name = {};
  int round_trips = 200;
  /// How many retained messages are asked for at once; 0: none.
  int burst = 1'200;
};

/// The doctor's connections and what the checks learned so far. Main thread.
class Site {
 public:
  /// `now_checking` is told what comes next, for a status line.
  Site(const Examination& examination, Route route, Report& report,
       std::function<void(const std::string&)> now_checking);

  const Examination& examination() const noexcept { return examination_; }
  Report& report() noexcept { return report_; }
  void now_checking(const std::string& what) { now_checking_(what); }
  void add(Finding finding) { report_.add(std::move(finding)); }

  /// Connects, and learns who the doctor is at this broker. The error of the first connection is
  /// the caller's to explain; what fails behind it is a finding.
  Result<void> open();

  /// One side; null where no user of ours plays it. Both are the same where one user has one
  /// connection.
  Probe* server() noexcept { return server_.get(); }
  Probe* client() noexcept { return client_.get(); }
  /// Two connections, one of each role.
  bool is_pair() const noexcept { return server_ && client_ && server_ != client_; }
  /// The one with the user that was asked about.
  Probe& main() noexcept;
  std::chrono::microseconds connect_time() const noexcept { return connect_time_; }
  /// The user name is the client id here.
  bool id_is_user_name() const noexcept { return id_is_user_name_; }

  const std::string& server_name() const noexcept { return server_name_; }
  void adopt_server_name(const std::string& name) { server_name_ = name; }
  /// What makes this run's topics its own.
  const std::string& token() const noexcept { return token_; }
  const std::string& server_id() const noexcept { return server_id_; }
  const std::string& client_id() const noexcept { return client_id_; }
  std::string rpc_topic() const;

  /// Finds out where main() may read and write what it likes: its RPC topics, or topics beside
  /// MCP's. False where it may nowhere.
  bool find_own_topics();
  bool has_own_topics() const noexcept { return own_ != Own::none; }
  /// A topic that is read and written by main() alone, by a word in it.
  std::string own_topic(const std::string& word) const;
  /// Filters that cover all of these; the second one also what lies below.
  std::string own_filter() const;
  std::string own_subtree() const;
  /// Waits until everything that main() sent itself before has come back. False if it does not.
  bool fence();
  /// Connects main() again, as `opening` says beside role and id, with its fence.
  Result<void> reconnect_main(Opening opening = {});

  /// Both RPC directions of a pair work.
  bool rpc_works = false;
  bool retained_works = false;
  /// Median of the round trip at QoS 1, once it was measured.
  std::optional<std::chrono::microseconds> round_trip = {};

 private:
  enum class Own { none, rpc, plain };

  Result<void> connect_one(std::shared_ptr<Probe>& probe, Role role, const std::string& id,
                           bool peer);
  bool takes_over(Probe& first, Role role, bool peer);
  bool is_thrown_out(Probe& probe);
  Result<void> open_both();
  Result<void> open_one(Role role);
  bool echoes(Own own);

  const Examination examination_;
  const Route route_;
  Report& report_;
  std::function<void(const std::string&)> now_checking_;
  std::string token_;
  std::string server_name_;
  std::string server_id_;
  std::string client_id_;
  std::shared_ptr<Probe> server_;
  std::shared_ptr<Probe> client_;
  std::chrono::microseconds connect_time_{0};
  bool id_is_user_name_ = false;
  Own own_ = Own::none;
  int fences_ = 0;
};

}  // namespace mcp_mqtt::command_line
