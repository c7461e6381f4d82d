#include "base/log_quota.hpp"

#include <utility>

namespace troupe::base {

using namespace std::chrono_literals;

namespace {

constexpr auto period = 1s;

} // namespace

bool log_quota::try_take(time_point now, uint32_t limit) noexcept {
  if (now - since_ >= period) {
    since_ = now;
    lines_ = 0;
  }
  if (limit == 0 || lines_ < limit) {
    ++lines_;
    return true;
  }
  // The report is due at the end of the first period with omitted lines; a
  // continuous stream of lines must not postpone it.
  if (++left_out_ == 1)
    due_ = since_ + period;
  return false;
}

log_quota::time_point log_quota::due() const noexcept {
  return due_;
}

uint64_t log_quota::take_left_out() noexcept {
  due_ = time_point::max();
  return std::exchange(left_out_, 0);
}

} // namespace troupe::base
