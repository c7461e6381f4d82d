#pragma once

#include <cstdlib>
#include <string>

namespace troupe::test {

/// Which random schedules a test plays: those of seeds 1 to `usual`, unless the
/// environment has `TROUPE_SEEDS`, a number of them or `first-last`.
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
  bool is_usual = true; ///< What is true of many need not be of any.
};

} // namespace troupe::test
