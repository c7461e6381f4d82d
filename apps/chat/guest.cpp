#include "guest.hpp"

#include <algorithm>

namespace chat {

namespace {

/// Number of warnings after which the connection is closed.
constexpr int max_excess = 200;

/// Maximum size of a client's text that is repeated in a refusal.
constexpr size_t max_about = 256;

} // namespace

bool allowance::take() noexcept {
  auto now = clock::now();
  std::chrono::duration<double> passed = now - filled_at_;
  filled_at_ = now;
  left_ = std::min(burst, left_ + passed.count() * per_second);
  if (left_ < 1) {
    ++excess_;
    return false;
  }
  left_ -= 1;
  excess_ = 0;
  return true;
}

void refuse(troupe::connection& c, std::string_view about, std::string reason) {
  if (about.size() > max_about)
    about = {};
  refusal x{std::string{about}, std::move(reason)};
  if (c.emit("refused", x)) { // `about` is not UTF-8.
    x.about.clear();
    c.emit("refused", x);
  }
}

void refuse_excess(troupe::connection& c, const guest& me,
                   std::string_view about) {
  refuse(c, about, "You are sending too fast. Wait a moment.");
  if (me.events.excess() > max_excess)
    c.disconnect(troupe::close_code::policy_violation, "too many events");
}

bool is_in(const troupe::connection& c, const std::string& room) {
  return room.starts_with('#') && c.is_joined(room);
}

} // namespace chat
