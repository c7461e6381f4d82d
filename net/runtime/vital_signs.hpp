#pragma once

#include <caf/actor.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace troupe::net {

/// Watches over actors without which a program is of no use. Thread-safe.
class vital_signs : public std::enable_shared_from_this<vital_signs> {
public:
  /// @param on_loss is called when one is lost, on the thread where that is
  ///                noticed, and not any more after `rest`.
  explicit vital_signs(std::function<void()> on_loss);

  /// Watches `who`, which the log calls `what`.
  /// @param is_meant tells, when it has ended, whether that was intended; null:
  ///                 unless it ended by an error.
  void watch(const caf::actor& who, std::string what,
             std::function<bool()> is_meant);

  /// From now on they may end.
  /// @returns whether all lived until now.
  bool rest();

private:
  void lose(const std::string& name, const caf::error& why);

  std::mutex mutex_;
  std::function<void()> on_loss_;
  bool is_lost_ = false;
};

} // namespace troupe::net
