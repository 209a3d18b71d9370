#include "mcp-mqtt/relay/members.hpp"

#include <algorithm>
#include <utility>

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// Before a server that did not open is tried again.
constexpr auto pause = 30s;
/// A server that was cut off may come back for so long, before it counts as gone.
constexpr auto away = 30s;
/// A session that ended so soon may end again.
constexpr auto short_life = 5s;
/// What comes within so long is looked at in one go.
constexpr auto breath = 50ms;

bool has_wildcard(const std::string& filter) {
  return filter.find_first_of("+#") != std::string::npos;
}

}  // namespace

Members::Members(MembersSetup setup, Events events)
    : setup_(std::move(setup)), events_(std::move(events)) {}

void Members::begin_to_stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

void Members::stop() {
  begin_to_stop();
  if (keeper_.joinable()) keeper_.join();
}

void Members::start(McpClient& client) {
  client_ = &client;
  look();
  keeper_ = std::thread([this] { keep(); });
}

void Members::look_again() {
  const std::lock_guard lock(mutex_);
  look_again_ = true;
  changed_.notify_all();
}

/// Who comes anew is tried at once.
void Members::on_announced(const std::string& server_name) {
  const std::lock_guard lock(mutex_);
  for (auto& [prefix, entry] : entries_) {
    if (entry.member.words->server_name() == server_name) entry.not_before = Clock::now();
  }
  look_again_ = true;
  changed_.notify_all();
}

void Members::keep() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto until = next_try();
    const auto wake = [this] { return stopping_ || look_again_; };
    if (until == Clock::time_point::max()) {
      changed_.wait(lock, wake);
    } else {
      changed_.wait_until(lock, until, wake);
    }
    changed_.wait_for(lock, breath, [this] { return stopping_; });
    if (stopping_) return;
    lock.unlock();
    try {
      look();
    } catch (const McpError& error) {
      events_.note("the servers cannot be looked at: " + error.error().message);
    }
    lock.lock();
  }
}

Members::Clock::time_point Members::next_try() const {
  auto next = Clock::time_point::max();
  for (const auto& [prefix, entry] : entries_) {
    if (entry.state == State::waiting) next = std::min(next, entry.not_before);
  }
  return next;
}

void Members::look() {
  {
    const std::lock_guard lock(mutex_);
    look_again_ = false;
  }
  std::set<std::string> online;
  for (const std::string& filter : setup_.filters) {
    for (const ServerInstance& instance : client_->servers(filter)) {
      online.insert(instance.server_name);
    }
  }
  std::vector<std::string> lines;
  std::vector<std::pair<std::string, std::string>> ready;
  {
    const std::lock_guard lock(mutex_);
    take_in(online, lines);
    for (auto& [prefix, entry] : entries_) {
      if (entry.state != State::waiting || Clock::now() < entry.not_before) continue;
      entry.state = State::opening;
      ready.emplace_back(prefix, entry.member.words->server_name());
    }
    changed_.notify_all();
  }
  for (const std::string& line : lines) events_.note(line);
  for (const auto& [prefix, server_name] : ready) open(prefix, server_name);
}

/// Leaves out who went, and takes in who came.
void Members::take_in(const std::set<std::string>& online, std::vector<std::string>& lines) {
  std::erase_if(entries_, [&](const auto& item) {
    return item.second.state == State::waiting &&
           !online.contains(item.second.member.words->server_name());
  });
  std::set<std::string> names;
  for (const auto& [prefix, entry] : entries_) names.insert(entry.member.words->server_name());
  for (const std::string& name : online) {
    if (names.contains(name)) continue;
    if (entries_.size() >= setup_.most) {
      if (!std::exchange(told_of_more_, true)) {
        lines.push_back("more than " + std::to_string(setup_.most) +
                        " servers match: the others are left out, " + name +
                        " for one (--max-servers)");
      }
      return;
    }
    auto words = std::make_shared<ServerWords>(name, setup_.name_length);
    const std::string prefix = words->prefix();
    const auto [at, added] = entries_.try_emplace(prefix);
    if (added) {
      at->second.member.words = std::move(words);
    } else if (told_of_same_prefix_.size() < 100 && told_of_same_prefix_.insert(name).second) {
      lines.push_back(name + " is left out: its prefix is that of " +
                      at->second.member.words->server_name());
    }
  }
}

void Members::open(const std::string& prefix, const std::string& server_name) {
  OpenOptions options;
  options.initialize_timeout = setup_.handshake;
  options.timeout = 2 * setup_.handshake;
  options.revision = setup_.revision;
  options.reopen_timeout = away;
  client_->async_open(server_name, options, [this, prefix](const Result<ClientSession>& outcome) {
    opened(prefix, outcome);
  });
}

void Members::opened(const std::string& prefix, const Result<ClientSession>& outcome) {
  std::optional<Member> came;
  std::string line;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(prefix);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    const bool open = outcome && outcome->state() != SessionState::closed;
    entry.state = open ? State::open : State::waiting;
    if (open) {
      entry.member.session = *outcome;
      entry.since = Clock::now();
      came = entry.member;
    } else {
      entry.not_before = Clock::now() + (outcome ? Clock::duration(breath) : pause);
      line = "no session with " + entry.member.words->server_name() +
             (outcome ? std::string() : ": " + outcome.error().message);
    }
    look_again_ = look_again_ || !open;
    changed_.notify_all();
  }
  if (!line.empty()) events_.note(line);
  if (came) events_.came(*came);
}

void Members::on_state(const ClientEvent& event) {
  if (event.kind == ClientEvent::Kind::session_closed) {
    std::string prefix;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [each, entry] : entries_) {
        if (entry.state == State::open && entry.member.session == event.session) prefix = each;
      }
    }
    if (!prefix.empty()) close(prefix, event.reason);
  } else if (event.kind == ClientEvent::Kind::session_reopened) {
    if (const auto member = with_name(event.session.instance().server_name)) events_.came(*member);
  }
}

void Members::close(const std::string& prefix, const Error& reason) {
  Member went;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(prefix);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    went = std::exchange(entry.member, Member{entry.member.words, {}});
    entry.state = State::waiting;
    const bool short_lived = Clock::now() - entry.since < short_life;
    entry.not_before = Clock::now() + (short_lived ? short_life : 0s);
    look_again_ = true;
    changed_.notify_all();
  }
  events_.note(went.words->server_name() + " is gone: " + reason.message);
  events_.went(went);
}

void Members::wait(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [this] {
    return stopping_ || (!look_again_ && named_and_missing().empty() &&
                         std::none_of(entries_.begin(), entries_.end(), [](const auto& item) {
                           return item.second.state == State::opening;
                         }));
  });
}

std::vector<std::string> Members::missing() const {
  const std::lock_guard lock(mutex_);
  return named_and_missing();
}

std::vector<std::string> Members::named_and_missing() const {
  std::vector<std::string> out;
  for (const std::string& filter : setup_.filters) {
    if (has_wildcard(filter)) continue;
    const bool there = std::any_of(entries_.begin(), entries_.end(), [&](const auto& item) {
      return item.second.state == State::open && item.second.member.words->server_name() == filter;
    });
    if (!there) out.push_back(filter);
  }
  return out;
}

std::vector<Member> Members::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<Member> out;
  for (const auto& [prefix, entry] : entries_) {
    if (entry.state == State::open) out.push_back(entry.member);
  }
  return out;
}

std::optional<Member> Members::with_prefix(const std::string& prefix) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(prefix);
  if (found == entries_.end() || found->second.state != State::open) return std::nullopt;
  return found->second.member;
}

std::optional<Member> Members::with_name(const std::string& server_name) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [prefix, entry] : entries_) {
    if (entry.state == State::open && entry.member.words->server_name() == server_name) {
      return entry.member;
    }
  }
  return std::nullopt;
}

}  // namespace mcp_mqtt::command_line
