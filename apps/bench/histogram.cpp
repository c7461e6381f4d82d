#include "histogram.hpp"

#include <cmath>

namespace troupe::bench {

std::uint64_t histogram::quantile(double share) const {
  auto wanted = std::max(
    std::uint64_t{1},
    static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_))));
  auto seen = std::uint64_t{0};
  for (auto slot = std::size_t{0}; slot < slots; ++slot)
    if (seen += counts_[slot]; seen >= wanted)
      return std::min(last_of(slot), max_);
  return max_;
}

} // namespace troupe::bench
