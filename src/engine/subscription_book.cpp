#include "engine/subscription_book.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "ground/logging.hpp"

namespace mcp_mqtt::engine {

SubscriptionBook::Wanted SubscriptionBook::ask(const Place& place) {
  const CallToken call = ++last_call_;
  shared_[place].call = call;
  asking_.emplace(call, place);
  return {call, place.second};
}

std::optional<SubscriptionBook::Wanted> SubscriptionBook::add(
    SubscriptionNumber number, SessionNumber session, const std::string& server_name,
    const std::string& uri, TimePoint deadline, std::vector<ClientAction>& out) {
  const Place place(session, uri);
  const auto known = shared_.find(place);
  const bool subscribed = known != shared_.end() && known->second.call == 0;
  subscriptions_.emplace(number, Subscription{server_name, uri, session, !subscribed, deadline});
  if (!subscribed) waiting_.emplace(deadline, number);
  if (known == shared_.end()) {
    Wanted wanted = ask(place);
    shared_.at(place).members.insert(number);
    return wanted;
  }
  known->second.members.insert(number);
  if (subscribed) out.emplace_back(CompleteCall{number, Json::object()});
  return std::nullopt;
}

std::optional<SubscriptionBook::Dropped> SubscriptionBook::remove(SubscriptionNumber number) {
  auto node = subscriptions_.extract(number);
  if (node.empty()) return std::nullopt;
  stop_waiting(number, node.mapped());
  if (node.mapped().session == 0) return std::nullopt;
  const Place place(node.mapped().session, node.mapped().uri);
  const auto shared = shared_.find(place);
  if (shared == shared_.end()) return std::nullopt;
  shared->second.members.erase(number);
  if (!shared->second.members.empty()) return std::nullopt;
  // Also where the server has not answered yet: it reads this after the subscription.
  asking_.erase(shared->second.call);
  shared_.erase(shared);
  return Dropped{++last_call_, place.first, place.second};
}

void SubscriptionBook::stop_waiting(SubscriptionNumber number, Subscription& subscription) {
  if (!std::exchange(subscription.waits, false)) return;
  waiting_.erase({subscription.deadline, number});
}

std::vector<SubscriptionNumber> SubscriptionBook::overdue(TimePoint now) const {
  std::vector<SubscriptionNumber> numbers;
  for (const auto& [deadline, number] : waiting_) {
    if (now < deadline) break;
    numbers.push_back(number);
  }
  return numbers;
}

Deadline SubscriptionBook::next_deadline() const {
  return waiting_.empty() ? Deadline() : Deadline(waiting_.begin()->first);
}

bool SubscriptionBook::waits(SubscriptionNumber number) const {
  const auto found = subscriptions_.find(number);
  return found != subscriptions_.end() && found->second.waits;
}

std::vector<SubscriptionBook::Wanted> SubscriptionBook::on_session_opened(
    SessionNumber session, const std::string& server_name, std::vector<ClientAction>& out) {
  std::vector<Wanted> wanted;
  for (auto& [number, subscription] : subscriptions_) {
    if (subscription.session != 0 || subscription.server_name != server_name) continue;
    subscription.session = session;
    const Place place(session, subscription.uri);
    if (!shared_.contains(place)) wanted.push_back(ask(place));
    Shared& shared = shared_.at(place);
    shared.members.insert(number);
    if (shared.call == 0) out.emplace_back(ResourceChanged{{number}, subscription.uri, true});
  }
  return wanted;
}

void SubscriptionBook::on_session_closed(SessionNumber session) {
  for (auto shared = shared_.lower_bound({session, {}});
       shared != shared_.end() && shared->first.first == session;) {
    for (const SubscriptionNumber number : shared->second.members) {
      subscriptions_.at(number).session = 0;
    }
    asking_.erase(shared->second.call);
    shared = shared_.erase(shared);
  }
}

bool SubscriptionBook::on_outcome(CallToken call, const Result<Json>& outcome,
                                  std::vector<ClientAction>& out) {
  if (call <= first_subscription_call) return false;
  const auto asked = asking_.extract(call);
  if (asked.empty()) return true;  // nobody wants it any more
  const Place& place = asked.mapped();
  Shared& shared = shared_.at(place);
  shared.call = 0;
  ResourceChanged renewed{{}, place.second, true};
  const std::set<SubscriptionNumber> members = shared.members;
  const bool late = !outcome && outcome.error().kind == ErrorKind::timeout &&
                    std::any_of(members.begin(), members.end(),
                                [&](auto number) { return subscriptions_.at(number).waits; });
  for (const SubscriptionNumber number : members) {
    Subscription& subscription = subscriptions_.at(number);
    if (subscription.waits) {
      stop_waiting(number, subscription);
      out.emplace_back(CompleteCall{number, outcome});
      if (outcome) continue;
      shared.members.erase(number);
      subscriptions_.erase(number);
    } else if (outcome) {
      renewed.subscriptions.push_back(number);
    } else if (!late) {
      subscription.session = 0;  // perhaps the next session has it
      shared.members.erase(number);
    }
  }
  if (!outcome && shared.members.size() < members.size()) {
    log::info("{}: no subscription: {}", log::printable(place.second), outcome.error().message);
  }
  if (shared.members.empty()) {
    shared_.erase(place);
  } else if (late) {
    again_.push_back({place.first, ask(place)});
  }
  if (!renewed.subscriptions.empty()) out.emplace_back(std::move(renewed));
  return true;
}

std::vector<SubscriptionBook::Again> SubscriptionBook::take_again() {
  // What nobody wants any more, or not in this session, is no longer asked.
  std::erase_if(again_, [&](const Again& one) { return !asking_.contains(one.wanted.call); });
  return std::exchange(again_, {});
}

std::vector<SubscriptionNumber> SubscriptionBook::hearers(SessionNumber session,
                                                          const std::string& uri) const {
  std::vector<SubscriptionNumber> hearers;
  const auto add = [&](std::string_view part) {
    const auto found = shared_.find(Place(session, part));
    if (found == shared_.end()) return;
    hearers.insert(hearers.end(), found->second.members.begin(), found->second.members.end());
  };
  for (std::size_t i = 1; i < uri.size(); ++i) {
    if (uri[i] != '/' && uri[i] != '?' && uri[i] != '#') continue;
    add(std::string_view(uri).substr(0, i));
    if (uri[i] == '/') add(std::string_view(uri).substr(0, i + 1));
  }
  if (uri.empty() || uri.back() != '/') add(uri);
  return hearers;
}

}  // namespace mcp_mqtt::engine
