#pragma once

#include <csignal>

#include <pthread.h>

namespace troupe::base {

/// Blocks all signals while a thread is created, so that signals are delivered
/// to threads of the program. A write to a closed pipe then fails instead of
/// raising SIGPIPE.
class signals_blocked {
public:
  signals_blocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }

  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

  ~signals_blocked() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

private:
  sigset_t before_;
};

} // namespace troupe::base
