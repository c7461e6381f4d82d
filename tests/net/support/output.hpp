#pragma once

#include "net/runtime/worker.hpp"

#include <functional>
#include <utility>

namespace troupe::test {

/// Calls a function when it is flushed.
struct output : net::flushable {
  std::function<void()> on_flush;

  explicit output(std::function<void()> f) : on_flush(std::move(f)) {
  }

  void flush() override {
    on_flush();
  }
};

} // namespace troupe::test
