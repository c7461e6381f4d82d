#include "net/peer_log.hpp"

#include "troupe/log.hpp"

#include <string>
#include <utility>

namespace troupe::net {

using namespace std::chrono_literals;

namespace {

constexpr auto period = 1s;
constexpr uint32_t lines_per_period = 10;

} // namespace

std::optional<uint64_t> log_quota::take(time_point now) noexcept {
  if (now - since_ >= period) {
    since_ = now;
    lines_ = 0;
  }
  if (lines_ == lines_per_period) {
    ++left_out_;
    return std::nullopt;
  }
  ++lines_;
  return std::exchange(left_out_, 0);
}

void log_peer(std::string_view remote, std::string_view what) {
  thread_local log_quota quota;
  auto left_out = quota.take(std::chrono::steady_clock::now());
  if (!left_out)
    return;
  std::string line{remote};
  line.append(": ").append(what);
  if (*left_out > 0)
    line += " (" + std::to_string(*left_out) + " such lines left out before)";
  log(log_level::info, line);
}

} // namespace troupe::net
