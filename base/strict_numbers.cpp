#include "troupe/strict_numbers.hpp"

#include <cmath>
#include <utility>

namespace troupe::detail {

namespace {

thread_local bool is_strict = false;

bool is_between(const nlohmann::json& x, int64_t least, uint64_t most) {
  if (const auto* natural = x.get_ptr<const uint64_t*>())
    return *natural <= most;
  const auto* integer = x.get_ptr<const int64_t*>();
  return integer != nullptr
         && (*integer < 0 ? *integer >= least
                          : static_cast<uint64_t>(*integer) <= most);
}

bool is_at_most(const nlohmann::json& x, double most) {
  const auto* real = x.get_ptr<const double*>();
  return real == nullptr ? x.is_number() : std::abs(*real) <= most;
}

[[noreturn]] void refuse(const nlohmann::json& x, const char* wanted) {
  throw nlohmann::json::type_error::create(302, wanted, &x);
}

} // namespace

strict_numbers::strict_numbers() noexcept
  : outer_{std::exchange(is_strict, true)} {
}

strict_numbers::~strict_numbers() {
  is_strict = outer_;
}

void require_integer(const nlohmann::json& x, int64_t least, uint64_t most) {
  if (is_strict && !is_between(x, least, most))
    refuse(x, "wanted an integer in range");
}

void require_real(const nlohmann::json& x, double most) {
  if (is_strict && !is_at_most(x, most))
    refuse(x, "wanted a number in range");
}

} // namespace troupe::detail
