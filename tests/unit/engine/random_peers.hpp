#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "world.hpp"

// The peers of a random dialogue, and what is under way between them.
namespace mcp_mqtt::engine::test {

/// A handler that waits for its client.
struct Question {
  std::string client_id;
  SessionNumber session = 0;
  CallNumber run = 0;
  std::function<void()> go_on;
};

struct RandomServer {
  std::unique_ptr<ServerPeer> peer;
  std::string id;
  std::string name;
  std::set<std::string> clients;  // between ClientConnected and ClientGone
  std::set<CallNumber> running;
  std::map<CallToken, Question> questions;  // without an outcome
};

struct Asked {
  enum class For { answer, task, result, nothing };
  SessionNumber session = 0;
  For what = For::answer;
  CallToken call = 0;  // whose handler's answer is wanted
};

struct RandomClient {
  std::unique_ptr<ClientPeer> peer;
  std::map<SessionNumber, SessionInfo> sessions;
  std::map<CallToken, Asked> requests;  // without an outcome
  std::set<CallToken> others;           // open, discover, wait without one
};

}  // namespace mcp_mqtt::engine::test
