#pragma once

#include <csignal>
#include <openssl/err.h>

namespace mcp_mqtt::mqtt::libmosquitto {

/// What a call of the library needs around it when TLS is `active`. OpenSSL writes to sockets with
/// write(), whose SIGPIPE on a broken connection would end the program, so the signal is kept from
/// the calling thread; and it takes errors that others left in the thread's queue for its own.
class TlsCallGuard {
 public:
  explicit TlsCallGuard(bool active) noexcept : active_(active) {
    if (!active_) return;
    ERR_clear_error();
    was_pending_ = is_pending();
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &mask, &before_);
  }
  TlsCallGuard(const TlsCallGuard&) = delete;
  TlsCallGuard& operator=(const TlsCallGuard&) = delete;
  ~TlsCallGuard() {
    if (!active_) return;
    if (!was_pending_ && is_pending()) {
      sigset_t mask;
      sigemptyset(&mask);
      sigaddset(&mask, SIGPIPE);
      const timespec at_once{0, 0};
      sigtimedwait(&mask, nullptr, &at_once);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  static bool is_pending() noexcept {
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGPIPE) == 1;
  }

  bool active_;
  bool was_pending_ = false;
  sigset_t before_{};
};

}  // namespace mcp_mqtt::mqtt::libmosquitto
