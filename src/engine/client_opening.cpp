#include <algorithm>
#include <exception>
#include <utility>

#include "engine/client_engine.hpp"
#include "engine/handshake.hpp"
#include "ground/logging.hpp"

// How the client engine opens a session: find candidates, let the policy choose, get a connection
// that the instance has not seen yet, shake hands, and on failure go on with the next candidate.
namespace mcp_mqtt::engine {
namespace {

/// The instance did not answer or left: another may do better. Anything else is an answer. A
/// session that was open once is worth more trouble.
bool worth_another_instance(const Error& error, bool reopening) {
  if (reopening && error.kind != ErrorKind::rpc) {
    return error.kind != ErrorKind::unsupported && error.kind != ErrorKind::invalid_argument &&
           error.kind != ErrorKind::protocol_violation && error.kind != ErrorKind::stopped;
  }
  return error.kind == ErrorKind::timeout || error.kind == ErrorKind::server_gone ||
         error.kind == ErrorKind::connection_lost ||
         (error.kind == ErrorKind::rpc && error.code == error_code::server_busy);
}

}  // namespace

void ClientEngine::open(OpenRequest request, TimePoint now) {
  const auto fail = [&](Error error) {
    shared_.out.emplace_back(OpenFailed{request.call, std::move(error)});
  };
  if (leaving_) return fail({ErrorKind::stopped, 0, "the client was stopped", nullptr});
  if (gave_up_) return fail(*gave_up_);
  if (auto covered = discovery_.cover(request.server_name_filter); !covered) {
    return fail(std::move(covered).error());
  }
  const OpeningNumber number = ++last_opening_;
  Opening opening;
  opening.deadline = after(now, request.timeout);
  opening.request = std::move(request);
  openings_.emplace(number, std::move(opening));
  try_opening(number, now);
}

void ClientEngine::try_waiting_openings(TimePoint now) {
  std::vector<OpeningNumber> waiting;
  for (const auto& [number, opening] : openings_) {
    if (!opening.instance) waiting.push_back(number);
  }
  for (const OpeningNumber number : waiting) try_opening(number, now);
}

void ClientEngine::try_opening(OpeningNumber number, TimePoint now) {
  const auto found = openings_.find(number);
  if (found == openings_.end() || !links_.at(0).connected) return;
  Opening& opening = found->second;
  if (opening.instance || (opening.not_before && now < *opening.not_before)) return;
  // Thousands may be announced meanwhile: they are looked through when it is time to choose.
  if (opening.reopens == 0 && opening.choose_at && now < *opening.choose_at) return;
  // After a reconnect an instance may be gone until it is announced again.
  auto candidates = discovery_.registry().confirmed(opening.request.server_name_filter);
  std::erase_if(candidates, [&](const ServerInstance& instance) {
    return opening.tried.contains(instance.server_id) ||
           avoided_.contains(instance.server_id, now) ||
           (opening.request.server_id && *opening.request.server_id != instance.server_id);
  });
  if (candidates.empty()) {
    opening.found_none = true;
    if (!opening.last_error || discovery_.rediscovering()) return;  // the next presence tries again
    if (opening.reopens != 0) {
      pause_reopening(opening, now);
    } else {
      fail_opening(number, *opening.last_error, now);
    }
    return;
  }
  bool own = false;
  if (const auto kept = kept_.find(opening.reopens); kept != kept_.end()) {
    // The same instance again where it is there.
    const auto same =
        std::find_if(candidates.begin(), candidates.end(), [&](const ServerInstance& instance) {
          return instance.server_id == kept->second.instance.server_id;
        });
    if (same != candidates.end()) {
      own = true;
      candidates = {std::move(*same)};
    } else if (opening.only_same) {
      return;
    }
  }
  if (!own && gathers(opening, now)) return;
  std::size_t chosen = no_choice;
  try {
    chosen = opening.request.select ? opening.request.select(candidates) : 0;
  } catch (const std::exception& error) {
    fail_opening(number,
                 {ErrorKind::invalid_argument, 0,
                  std::string("the selection policy failed: ") + error.what(), nullptr},
                 now);
    return;
  } catch (...) {
    fail_opening(number, {ErrorKind::invalid_argument, 0, "the selection policy failed", nullptr},
                 now);
    return;
  }
  if (chosen >= candidates.size()) return;  // the policy waits for a better one
  opening.instance = std::move(candidates[chosen]);
  opening.tried.insert(opening.instance->server_id);
  if (shared_.config.fixed_client_id && has_session_with(*opening.instance)) {
    // Both would share one RPC topic and its request ids.
    opening.last_error = Error{ErrorKind::unsupported, 0,
                               "a session with " + opening.instance->server_id +
                                   " is open already, and the client id is fixed",
                               nullptr};
    opening.instance.reset();
    try_opening(number, now);
    return;
  }
  opening.connection = connection_for(opening.instance->server_id);
  if (links_.at(opening.connection).connected) start_session(number, now);
}

/// Whether a better choice may come soon: more instances, or the one that the session had.
bool ClientEngine::gathers(Opening& opening, TimePoint now) const {
  if (!std::exchange(opening.gathered, true) && !opening.request.server_id) {
    const auto kept = kept_.find(opening.reopens);
    if (kept != kept_.end() && discovery_.rediscovering()) {
      const ServerInstance& own = kept->second.instance;
      const bool may_come = discovery_.registry().contains(own.server_id, own.server_name) &&
                            !opening.tried.contains(own.server_id) &&
                            !avoided_.contains(own.server_id, now);
      if (may_come) opening.choose_at = after(now, shared_.config.own_instance_grace);
    }
    const bool by_itself = opening.request.call == 0 && opening.reopens == 0;  // on a presence
    if (!opening.choose_at && (opening.found_none || by_itself)) {
      opening.choose_at = after(now, shared_.config.choice_window);
    }
  }
  if (opening.choose_at && now >= *opening.choose_at) opening.choose_at.reset();
  return opening.choose_at.has_value();
}

/// T30: a connection whose client id this instance has not seen in an initialize.
ConnectionNumber ClientEngine::connection_for(const std::string& server_id) {
  if (shared_.config.fixed_client_id) return 0;
  for (const auto& [connection, link] : links_) {
    if (link.connected && !link.initialized.contains(server_id)) return connection;
  }
  const ConnectionNumber connection = ++last_link_;
  links_[connection].client_id = fresh_client_id(links_.at(0).client_id);
  shared_.out.emplace_back(OpenConnection{connection});
  return connection;
}

void ClientEngine::start_session(OpeningNumber number, TimePoint now) {
  Opening& opening = openings_.at(number);
  Link& link = links_.at(opening.connection);
  remember_initialized(link, opening.instance->server_id);
  ++link.sessions;
  opening.session = opening.reopens != 0 ? opening.reopens : ++last_session_;
  ClientSession::Setup setup{opening.session,          opening.connection,
                             link.client_id,           *opening.instance,
                             opening.request.revision, opening.request.initialize_timeout};
  setup.kept = opening.request.reopen != Reopen::never;
  setup.health_check = opening.request.health_check;
  if (opening.reopens != 0) setup.last_request_id = kept_.at(opening.reopens).last_request_id;
  if (shared_.config.fixed_client_id) {
    // The topic has been in use: a late answer must not fit a request of this session.
    setup.last_request_id = std::max(setup.last_request_id, last_request_id_);
  }
  auto session = std::make_unique<ClientSession>(shared_, std::move(setup), now);
  session_by_rpc_topic_[session->rpc_topic()] = opening.session;
  sessions_.emplace(opening.session, std::move(session));
  touched_.insert(opening.session);
}

void ClientEngine::fail_attempt(OpeningNumber number, const Error& error, TimePoint now) {
  Opening& opening = openings_.at(number);
  const std::string server_id = opening.instance->server_id;
  opening.instance.reset();
  const bool asked = std::exchange(opening.session, 0) != 0;
  if (error.kind == ErrorKind::timeout && asked) {
    log::info("{} did not answer; it is left alone for a while", log::printable(server_id));
    avoided_.avoid(server_id, now);
  }
  if (const auto revision = supported_revision(error, opening.request.revision)) {
    if (!std::exchange(opening.negotiated_again, true)) {
      opening.request.revision = *revision;
      opening.tried.erase(server_id);  // the same instance, in a revision that it named (T23)
      try_opening(number, now);
      return;
    }
  }
  if (!worth_another_instance(error, opening.reopens != 0)) {
    fail_opening(number, error, now);
    return;
  }
  // Our own connection broke: the instance is not to blame, and may be tried after the reconnect.
  const bool cut_off = error.kind == ErrorKind::connection_lost && !links_.at(0).connected;
  if (cut_off) opening.tried.erase(server_id);
  opening.last_error = error;
  try_opening(number, now);
}

void ClientEngine::fail_opening(OpeningNumber number, Error error, TimePoint now) {
  auto node = openings_.extract(number);
  if (node.empty()) return;
  const Opening& opening = node.mapped();
  if (ClientSession* session = session_of(opening.session)) {
    session->close(error, session->state() == ClientSession::State::initializing);
    const auto link = links_.find(session->connection());
    session_by_rpc_topic_.erase(session->rpc_topic());
    last_request_id_ = std::max(last_request_id_, session->last_request_id());
    sessions_.erase(opening.session);
    if (link != links_.end() && --link->second.sessions == 0) release_connection(link->first);
  } else if (opening.instance && opening.connection != 0) {
    release_connection(opening.connection);
  }
  if (opening.reopens != 0) {
    close_for_good(opening.reopens, opening.request.server_name_filter, error, now);
    return;
  }
  if (opening.request.call != 0) {
    shared_.out.emplace_back(OpenFailed{opening.request.call, std::move(error)});
    return;
  }
  log::warning("'{}' could not be opened: {}", log::printable(opening.request.server_name_filter),
               error.message);
  if (!leaving_)
    open_again_at_[opening.request.server_name_filter] = after(now, shared_.config.avoid_for);
}

bool ClientEngine::has_session_with(const ServerInstance& instance) const {
  return std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& item) {
    const ServerInstance& other = item.second->instance();
    return other.server_id == instance.server_id && other.server_name == instance.server_name;
  });
}

/// After a session that opened by itself: at once on another instance, but with a pause where this
/// one stays online, since it may end the next session as quickly.
void ClientEngine::reopen_by_itself(const ClientSession& closed, TimePoint now) {
  const ServerInstance& instance = closed.instance();
  const bool stays = closed.reason().kind == ErrorKind::server_gone &&
                     discovery_.registry().contains(instance.server_id, instance.server_name);
  if (shared_.config.open_every_service && stays && !leaving_) {
    open_again_at_.emplace(instance.server_name, after(now, shared_.config.reopen_after));
  } else {
    open_by_itself(instance.server_name, now);
  }
}

/// With `open_every_service`: one session to each service that is online, unless the host closed
/// it.
void ClientEngine::open_by_itself(const std::string& server_name, TimePoint now) {
  if (!shared_.config.open_every_service || leaving_ || gave_up_) return;
  if (closed_by_host_.contains(server_name) || open_again_at_.contains(server_name) ||
      !discovery_.registry().service_online(server_name)) {
    return;
  }
  const bool has_session = std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& item) {
    return item.second->instance().server_name == server_name;
  });
  const bool has_opening = std::any_of(openings_.begin(), openings_.end(), [&](const auto& item) {
    return item.second.request.server_name_filter == server_name;
  });
  if (has_session || has_opening) return;
  OpenRequest request;
  request.server_name_filter = server_name;
  request.select = shared_.config.select;
  request.timeout = shared_.config.initialize_timeout * 2;
  request.initialize_timeout = shared_.config.initialize_timeout;
  open(std::move(request), now);
}

}  // namespace mcp_mqtt::engine
