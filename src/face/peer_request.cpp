#include <atomic>
#include <utility>

#include <mcp_mqtt/peer_request.hpp>

namespace mcp_mqtt {

struct PeerRequest::State {
  State(std::string method, Json params, std::stop_token stop,
        std::function<void(Result<Json>)> answer)
      : method(std::move(method)),
        params(std::move(params)),
        stop(std::move(stop)),
        answer(std::move(answer)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { settle(rpc_error(error_code::internal_error, "the request was not answered")); }

  void settle(Result<Json> result) {
    if (answered.exchange(true)) return;
    if (!result && result.error().kind != ErrorKind::rpc) {
      result = rpc_error(error_code::internal_error, std::move(result).error().message);
    }
    if (answer) answer(std::move(result));
  }

  std::string method;
  Json params;
  std::stop_token stop;
  std::function<void(Result<Json>)> answer;
  std::atomic<bool> answered{false};
};

PeerRequest::PeerRequest(std::string method, Json params, std::stop_token stop,
                         std::function<void(Result<Json>)> answer)
    : state_(std::make_shared<State>(std::move(method), std::move(params), std::move(stop),
                                     std::move(answer))) {}

const std::string& PeerRequest::method() const noexcept { return state_->method; }
const Json& PeerRequest::params() const noexcept { return state_->params; }
const std::stop_token& PeerRequest::stop_token() const noexcept { return state_->stop; }
void PeerRequest::answer(Result<Json> answer) const { state_->settle(std::move(answer)); }

}  // namespace mcp_mqtt
