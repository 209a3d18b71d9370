#pragma once

#include <memory>
#include <utility>

#include "face/blocking_call.hpp"
#include "face/calls.hpp"
#include "face/list_pages.hpp"
#include "face/session_impl.hpp"

// Each call of a ClientSession is a `start(options, done)` that begins it, with its outcome on the
// loop. Here it becomes the two functions that users see.
namespace mcp_mqtt::face {

inline Error no_session() {
  return {ErrorKind::not_connected, 0, "this handle has no session", nullptr};
}

inline const ClientSession::Impl& require(const std::shared_ptr<ClientSession::Impl>& impl) {
  if (!impl) throw McpError(no_session());
  return *impl;
}

template <class T, class Start>
T blocking(const std::shared_ptr<ClientSession::Impl>& impl, const CallOptions& options,
           Start&& start) {
  return call_and_wait<T>(*require(impl).gate(), options, std::forward<Start>(start));
}

template <class T, class Start>
PendingCall async(const std::shared_ptr<ClientSession::Impl>& impl, const CallOptions& options,
                  std::function<void(Result<T>)> done, Start&& start) {
  if (!impl) {
    if (done) done(no_session());
    return {};
  }
  return std::forward<Start>(start)(progress_on_worker(impl->gate(), options),
                                    on_worker(impl->gate(), std::move(done)));
}

/// A call that is one request, made once; `read` makes the Result<T> of its answer.
template <class T, class Read>
auto one_request(const std::shared_ptr<ClientSession::Impl>& impl, std::string method, Json params,
                 Read read) {
  return [impl, method = std::move(method), params = std::move(params), read](
             const CallOptions& options, std::function<void(Result<T>)> done) mutable {
    return start<T>(*impl, std::move(method), std::move(params), options, read, std::move(done));
  };
}

/// A call that walks a list.
template <class T, class Read>
auto whole_list(const std::shared_ptr<ClientSession::Impl>& impl, ListMethod list, Read read) {
  return [impl, list = std::move(list), read](const CallOptions& options,
                                              std::function<void(Result<std::vector<T>>)> done) {
    return start_list<T>(impl, list, options, read, std::move(done));
  };
}

}  // namespace mcp_mqtt::face
