#pragma once

#include "net/http/http_checks.hpp"
#include "troupe/listener_config.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {

/// The hosts that a listener serves (`listener_config::allowed_hosts`).
/// Thread-safe.
class allowed_hosts {
public:
  explicit allowed_hosts(const listener_config& cfg);

  /// Returns whether every host is served although the port is reachable from
  /// other machines and no setting says so.
  bool is_open_by_default() const noexcept {
    return is_open_by_default_;
  }

  /// @param host `request::host` of a valid request; empty if there is none,
  ///             which is served, since browsers always send one.
  /// @returns the reason for refusal, or nothing.
  std::optional<refusal> check(std::string_view host) const;

private:
  std::vector<std::string> patterns_;
  bool is_open_by_default_ = false;
};

} // namespace troupe::net
