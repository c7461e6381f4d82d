#pragma once

#include <caf/actor.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace troupe::net {

/// Watches actors that a program cannot run without. Thread-safe.
class vital_signs : public std::enable_shared_from_this<vital_signs> {
public:
  /// @param on_loss called when a watched actor is lost, on the thread that
  ///                notices; not called after `rest`.
  explicit vital_signs(std::function<void()> on_loss);

  /// Watches `who`, named `what` in the log.
  /// @param is_meant called when the actor has terminated; returns whether that
  ///                 was intended. If null, any end without an error is
  ///                 intended.
  void watch(const caf::actor& who, std::string what,
             std::function<bool()> is_meant);

  /// Stops watching.
  /// @returns whether all actors were alive until now.
  bool rest();

private:
  void lose(const std::string& name, const caf::error& why);

  std::mutex mutex_;
  std::function<void()> on_loss_;
  bool is_lost_ = false;
};

} // namespace troupe::net
