#include "mcp-mqtt/doctor/probe.hpp"

#include <algorithm>
#include <utility>

#include <mcp_mqtt/version.hpp>

#include "mcp-mqtt/failure.hpp"
#include "mcp-mqtt/numbers.hpp"

namespace mcp_mqtt::command_line {
namespace {

using namespace std::chrono_literals;

/// Of what arrives unasked for, no more than that is held.
constexpr std::size_t most_messages = 20'000;

const char* component(Role role) { return role == Role::server ? "mcp-server" : "mcp-client"; }

Json meta_of_doctor() {
  return {{"version", MCP_MQTT_VERSION},
          {"implementation", {{"name", "mcp-mqtt doctor"}, {"version", MCP_MQTT_VERSION}}}};
}

}  // namespace

Probe::Wanted on_topic(std::string topic, std::optional<std::string> payload) {
  return [topic = std::move(topic), payload = std::move(payload)](const mqtt::Message& message) {
    return message.topic == topic && (!payload || message.payload == *payload);
  };
}

Probe::~Probe() {
  // What is to be cleaned up does not depend on who waits for it.
  route_.stop = {};
  if (!kept_.empty()) take_back();
  leave();
}

void Probe::end_if_interrupted() const {
  if (route_.stop.stop_requested()) throw Failure(ExitCode::interrupted, "interrupted");
}

template <class T, class Start>
Result<T> Probe::await(Start start, std::chrono::milliseconds limit) {
  struct Slot {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::optional<Result<T>> result;
  };
  end_if_interrupted();
  const auto slot = std::make_shared<Slot>();
  start([slot](Result<T> result) {
    const std::lock_guard lock(slot->mutex);
    slot->result = std::move(result);
    slot->changed.notify_all();
  });
  std::unique_lock lock(slot->mutex);
  slot->changed.wait_for(lock, route_.stop, limit, [&] { return slot->result.has_value(); });
  if (slot->result) return *std::move(slot->result);
  end_if_interrupted();
  return Error{ErrorKind::timeout, 0,
               "the broker did not answer within " +
                   number_text(static_cast<double>(limit.count()) / 1'000) + " s"};
}

Result<void> Probe::connect(const Opening& opening) {
  leave();
  opening_ = opening;
  info_ = {};
  auto made = route_.make_transport(route_.broker);
  if (!made) return made.error();
  transport_ = *std::move(made);
  mailbox_ = std::make_shared<Mailbox>();
  mqtt::ConnectOptions options;
  options.broker = route_.broker;
  options.tls = route_.tls;
  options.client_id = opening.id;
  options.will = opening.will;
  options.user_properties = {{"MCP-COMPONENT-TYPE", component(opening.role)},
                             {"MCP-META", meta_of_doctor().dump()}};
  options.connect_timeout = route_.connect_timeout;
  options.receive_maximum = opening.receive_maximum;
  mqtt::ConnectionEvents events;
  events.on_message = [mailbox = mailbox_](mqtt::Message message) {
    const std::lock_guard lock(mailbox->mutex);
    if (mailbox->messages.size() == most_messages) mailbox->messages.pop_front();
    mailbox->messages.push_back(std::move(message));
    ++mailbox->arrived;
    mailbox->changed.notify_all();
  };
  events.on_connection_lost = [mailbox = mailbox_](const Error&) {
    const std::lock_guard lock(mailbox->mutex);
    mailbox->lost = true;
    mailbox->changed.notify_all();
  };
  // The transport keeps its own deadline.
  auto connected = await<mqtt::ConnectionInfo>(
      [&](auto done) {
        transport_->connect(std::move(options), std::move(events), std::move(done));
      },
      route_.connect_timeout + 5s);
  if (!connected) {
    transport_.reset();
    return connected.error();
  }
  info_ = *std::move(connected);
  if (!info_.assigned_client_id.empty()) opening_.id = info_.assigned_client_id;
  return {};
}

bool Probe::connected() const {
  if (!transport_) return false;
  const std::lock_guard lock(mailbox_->mutex);
  return !mailbox_->lost;
}

Result<void> Probe::subscribe(const std::string& filter, bool no_local) {
  return await<void>(
      [&](auto done) {
        transport_->subscribe({filter, mqtt::Qos::at_least_once, no_local}, std::move(done));
      },
      route_.patience);
}

Result<void> Probe::unsubscribe(const std::string& filter) {
  return await<void>([&](auto done) { transport_->unsubscribe(filter, std::move(done)); },
                     route_.patience);
}

mqtt::Message Probe::message_of(const Parcel& parcel, Role role) const {
  mqtt::Message message;
  message.topic = parcel.topic;
  message.payload = parcel.payload;
  message.retain = parcel.retain;
  message.qos = std::min(parcel.qos, info_.maximum_qos);
  message.user_properties = {{"MCP-COMPONENT-TYPE", component(role)}, {"MCP-MQTT-CLIENT-ID", id()}};
  for (const auto& property : parcel.properties) message.user_properties.push_back(property);
  return message;
}

Result<void> Probe::publish(const Parcel& parcel, std::optional<Role> as) {
  const bool kept = parcel.retain && !parcel.payload.empty();
  if (kept) kept_.insert(parcel.topic);
  auto published = await<void>(
      [&](auto done) {
        transport_->publish(message_of(parcel, as.value_or(role())), std::move(done));
      },
      route_.patience);
  if (published && parcel.retain && !kept) kept_.erase(parcel.topic);
  return published;
}

void Probe::send(const Parcel& parcel) {
  transport_->publish(message_of(parcel, role()), [](const Result<void>&) {});
}

Result<void> Probe::keep(const std::vector<std::string>& topics, const std::string& payload,
                         std::chrono::milliseconds limit) {
  struct Tally {
    std::mutex mutex;
    std::size_t left = 0;
    std::optional<Error> error;
  };
  if (topics.empty()) return {};
  if (!payload.empty()) kept_.insert(topics.begin(), topics.end());
  const auto tally = std::make_shared<Tally>();
  tally->left = topics.size();
  auto done = await<void>(
      [&](const auto& all_done) {
        for (const std::string& topic : topics) {
          const Parcel parcel{topic, payload, true};
          transport_->publish(message_of(parcel, role()), [tally, all_done](Result<void> result) {
            std::unique_lock lock(tally->mutex);
            if (!result && !tally->error) tally->error = result.error();
            if (--tally->left > 0) return;
            lock.unlock();
            if (tally->error) return all_done(*tally->error);
            all_done(Result<void>());
          });
        }
      },
      limit);
  if (done && payload.empty()) {
    for (const std::string& topic : topics) kept_.erase(topic);
  }
  return done;
}

void Probe::take_back() {
  const std::vector<std::string> topics(kept_.begin(), kept_.end());
  if (connected() && keep(topics, "", 5s)) return;
  Opening again = opening_;
  again.will.reset();
  route_.connect_timeout = std::min(route_.connect_timeout, std::chrono::milliseconds(5'000));
  if (!connect(again)) return;
  (void)keep(topics, "", 10s);
}

std::optional<mqtt::Message> Probe::wait_for(const Wanted& wanted,
                                             std::chrono::milliseconds limit) {
  Mailbox& mailbox = *mailbox_;
  std::unique_lock lock(mailbox.mutex);
  std::optional<mqtt::Message> found;
  mailbox.changed.wait_for(lock, route_.stop, limit, [&] {
    const auto at = std::find_if(mailbox.messages.begin(), mailbox.messages.end(), wanted);
    if (at == mailbox.messages.end()) return mailbox.lost;
    found = std::move(*at);
    mailbox.messages.erase(at);
    return true;
  });
  end_if_interrupted();
  return found;
}

std::size_t Probe::count(const Wanted& wanted, std::size_t enough,
                         std::chrono::milliseconds quiet) {
  Mailbox& mailbox = *mailbox_;
  std::unique_lock lock(mailbox.mutex);
  while (true) {
    const auto came = static_cast<std::size_t>(
        std::count_if(mailbox.messages.begin(), mailbox.messages.end(), wanted));
    if (came >= enough) return came;
    const std::uint64_t before = mailbox.arrived;
    const bool more = mailbox.changed.wait_for(
        lock, route_.stop, quiet, [&] { return mailbox.lost || mailbox.arrived != before; });
    end_if_interrupted();
    if (!more || mailbox.lost) return came;
  }
}

void Probe::leave() {
  if (!transport_) return;
  const std::stop_token stop = std::exchange(route_.stop, {});
  (void)await<void>([&](auto done) { transport_->disconnect(std::move(done)); }, 3s);
  transport_.reset();
  route_.stop = stop;
}

void Probe::vanish() { transport_.reset(); }

}  // namespace mcp_mqtt::command_line
