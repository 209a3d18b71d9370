#pragma once

#include <csignal>
#include <thread>
#include <utility>

namespace mcp_mqtt::mqtt::libmosquitto {

/// A thread that takes no signals: those belong to the program's own threads. Throws
/// std::system_error where there is no thread to be had.
template <class Body>
std::thread start_quiet_thread(Body body) {
  sigset_t all;
  sigfillset(&all);
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread thread(std::move(body));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
}

}  // namespace mcp_mqtt::mqtt::libmosquitto
