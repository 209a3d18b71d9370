#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "mcp-mqtt/expose/backends.hpp"
#include "mcp-mqtt/expose/words.hpp"

namespace mcp_mqtt::command_line {
namespace {

/// What the probe's thread finds out.
struct Probed {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<Result<Json>> answer;
  std::optional<ChildEnd> end;
};

}  // namespace

Json probe(const ChildSetup& setup, Children& children, const std::stop_token& stop) {
  const auto probed = std::make_shared<Probed>();
  const auto peer = std::make_shared<std::weak_ptr<ChildPeer>>();
  const auto child = ChildPeer::make(
      setup, "probe",
      {[peer](const wire::Request& request) {
         const auto asked = peer->lock();
         if (asked == nullptr) return;
         asked->answer(request.id, request.method == "ping"
                                       ? Result<Json>(Json::object())
                                       : rpc_error(error_code::method_not_found,
                                                   "this client can do nothing of that kind"));
       },
       [](const wire::Notification&) {},
       [probed, peer](const ChildEnd& end) {
         const auto asked = peer->lock();
         // Otherwise it is why this fails.
         if (end.asked && asked != nullptr) asked->log(end.text);
         const std::lock_guard lock(probed->mutex);
         probed->end = end;
         probed->changed.notify_all();
       }});
  *peer = child;
  child->ask(
      PeerRequest("initialize", words::initialize_params(), {}, [probed](Result<Json> answer) {
        const std::lock_guard lock(probed->mutex);
        probed->answer = std::move(answer);
        probed->changed.notify_all();
      }));
  child->run(children);

  std::unique_lock lock(probed->mutex);
  probed->changed.wait(lock, stop, [&] { return probed->answer || probed->end; });
  if (stop.stop_requested()) throw Failure(ExitCode::interrupted, "interrupted");
  // An answer that is missing since the child ended is told with the reason.
  if (child->ended()) probed->changed.wait(lock, stop, [&] { return probed->end.has_value(); });
  if (probed->end) throw words::failure_of(setup.command, *probed->end, {}, false);
  const std::string refusal = words::refusal_of(*probed->answer);
  if (!refusal.empty()) throw words::failure_of(setup.command, {}, refusal, false);
  child->ready();
  child->tell("notifications/initialized");
  child->end();
  return **probed->answer;
}

}  // namespace mcp_mqtt::command_line
