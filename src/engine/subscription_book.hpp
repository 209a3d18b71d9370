#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/client_actions.hpp"
#include "engine/clock.hpp"

namespace mcp_mqtt::engine {

/// Who wants to hear of which resource. Subscriptions to one resource in one session share one
/// `resources/subscribe`. A subscription belongs to a service: when its session is over it waits,
/// and goes on in the next session that opens with that service.
///
/// The requests are made by the owner, under tokens from here, and their outcomes come back.
class SubscriptionBook {
 public:
  /// A `resources/subscribe` to send.
  struct Wanted {
    CallToken call = 0;
    std::string uri;
  };
  /// A `resources/unsubscribe` to send.
  struct Dropped {
    CallToken call = 0;
    SessionNumber session = 0;
    std::string uri;
  };

  /// A subscription in a session with the service `server_name`. It completes the call of its own
  /// number: at once where another one has subscribed, else with the outcome of the request. After
  /// `deadline` it waits for that no longer.
  std::optional<Wanted> add(SubscriptionNumber number, SessionNumber session,
                            const std::string& server_name, const std::string& uri,
                            TimePoint deadline, std::vector<ClientAction>& out);
  /// Ends a subscription; nullopt where nothing is to be sent.
  std::optional<Dropped> remove(SubscriptionNumber number);
  /// Subscriptions that have waited for their first outcome for too long. They stay.
  std::vector<SubscriptionNumber> overdue(TimePoint now) const;
  Deadline next_deadline() const;
  /// Whether the subscription still waits for its first outcome.
  bool waits(SubscriptionNumber number) const;

  /// Renews what waited for this service: with requests, or at once where another subscription to
  /// the resource is there.
  std::vector<Wanted> on_session_opened(SessionNumber session, const std::string& server_name,
                                        std::vector<ClientAction>& out);
  void on_session_closed(SessionNumber session);

  /// Takes the outcome of a request that was made from here. False: it was not. Look at take_again()
  /// afterwards.
  bool on_outcome(CallToken call, const Result<Json>& outcome, std::vector<ClientAction>& out);

  struct Again {
    SessionNumber session = 0;
    Wanted wanted;
  };
  /// What has to be asked once more: the one whose request it was had less time than the others.
  std::vector<Again> take_again();

  /// Who hears of an update in this session: subscriptions to the resource itself, and to one that
  /// it is a part of.
  std::vector<SubscriptionNumber> hearers(SessionNumber session, const std::string& uri) const;

 private:
  using Place = std::pair<SessionNumber, std::string>;  // a session and an uri
  struct Subscription {
    std::string server_name;
    std::string uri;
    SessionNumber session = 0;  // 0: waits for the next one
    bool waits = true;          // for its first outcome
    TimePoint deadline;         // for that
  };
  struct Shared {
    CallToken call = 0;  // the request under way; 0: subscribed
    std::set<SubscriptionNumber> members;
  };

  Wanted ask(const Place& place);
  void stop_waiting(SubscriptionNumber number, Subscription& subscription);

  std::map<SubscriptionNumber, Subscription> subscriptions_;
  std::map<Place, Shared> shared_;
  std::set<std::pair<TimePoint, SubscriptionNumber>> waiting_;
  std::map<CallToken, Place> asking_;
  std::vector<Again> again_;
  CallToken last_call_ = first_subscription_call;
};

}  // namespace mcp_mqtt::engine
