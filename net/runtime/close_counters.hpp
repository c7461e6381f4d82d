#pragma once

#include "actors/seams/counter.hpp"
#include "troupe/error.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace troupe::net {

/// Ends of WebSocket connections by close code and by who has begun. Written by
/// one thread. Clients choose from thousands of codes, so those without a
/// meaning of their own are counted together.
class close_counters {
public:
  void add(close_code code, bool by_peer) noexcept {
    counts_[by_peer][class_of(static_cast<uint16_t>(code))].add(1);
  }

  /// Calls `f(name, by_peer, count)` for each class.
  template <class F>
  void for_each(F f) const {
    for (auto by_peer : {false, true})
      for (size_t i = 0; i < classes; ++i)
        f(name(i), by_peer, counts_[by_peer][i].value());
  }

private:
  /// The registered codes that an endpoint sends or reports (RFC 6455 section
  /// 7.4.1).
  static constexpr std::array<uint16_t, 14> codes{1000, 1001, 1002, 1003, 1005,
                                                  1006, 1007, 1008, 1009, 1010,
                                                  1011, 1012, 1013, 1014};

  /// Those of libraries (3000 to 3999), of programs, and all others.
  static constexpr std::array ranges{"3xxx", "4xxx", "other"};

  static constexpr size_t classes = codes.size() + ranges.size();

  static size_t class_of(uint16_t code) noexcept {
    auto i = std::ranges::find(codes, code);
    if (i != codes.end())
      return static_cast<size_t>(i - codes.begin());
    return codes.size() + (code / 1000 == 3 ? 0 : code / 1000 == 4 ? 1 : 2);
  }

  static std::string name(size_t i) {
    return i < codes.size() ? std::to_string(codes[i])
                            : ranges[i - codes.size()];
  }

  std::array<std::array<actors::counter, classes>, 2> counts_;
};

} // namespace troupe::net
