#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace troupe {

/// A handle by which a program gives one answer to a client that waits for it.
/// Copies are handles to the same answer; only the first call has an effect.
/// When the last copy is destroyed without a call, the client gets a default.
/// Thread-safe.
template <class T>
class one_shot {
public:
  /// Creates a handle without a client, which ignores calls.
  one_shot() = default;

  /// @param deliver     receives the answer, once, on the thread that gives it.
  ///                    Must not throw.
  /// @param client      exists as long as the client waits.
  /// @param if_dropped  the default.
  one_shot(std::function<void(T)> deliver, std::weak_ptr<const void> client,
           T if_dropped)
    : state_{std::make_shared<state>(std::move(deliver), std::move(client),
                                     std::move(if_dropped))} {
  }

  /// Gives the answer.
  void operator()(T x) const {
    if (state_)
      state_->give(std::move(x));
  }

  /// Returns whether nobody waits for the answer.
  bool is_gone() const noexcept {
    return !state_ || state_->is_given || state_->client.expired();
  }

private:
  struct state {
    state(std::function<void(T)> f, std::weak_ptr<const void> who, T x)
      : deliver{std::move(f)},
        client{std::move(who)},
        if_dropped{std::move(x)} {
    }

    state(const state&) = delete;
    state& operator=(const state&) = delete;

    ~state() {
      give(std::move(if_dropped));
    }

    void give(T x) {
      if (!is_given.exchange(true))
        deliver(std::move(x));
    }

    const std::function<void(T)> deliver;
    const std::weak_ptr<const void> client;
    T if_dropped;
    std::atomic<bool> is_given = false;
  };

  std::shared_ptr<state> state_;
};

} // namespace troupe
