#pragma once

#include <cstdlib>
#include <string>

namespace troupe::test {

/// The seeds of the random schedules that a test plays: 1 to `usual`, unless
/// the environment variable `TROUPE_SEEDS` is a number of seeds or
/// `first-last`.
class seeds {
public:
  explicit seeds(unsigned usual) : last(usual) {
    const auto* text = std::getenv("TROUPE_SEEDS");
    if (text == nullptr)
      return;
    is_usual = false;
    std::string x = text;
    if (auto dash = x.find('-'); dash != std::string::npos) {
      first = static_cast<unsigned>(std::stoul(x));
      x.erase(0, dash + 1);
    }
    last = static_cast<unsigned>(std::stoul(x));
  }

  unsigned first = 1;
  unsigned last;
  bool is_usual = true; ///< If false, totals over all seeds are not checked.
};

} // namespace troupe::test
