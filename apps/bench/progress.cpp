#include "progress.hpp"

#include <cstdio>
#include <unistd.h>

namespace troupe::bench {

namespace {

constexpr auto redraw_interval = std::chrono::milliseconds{500};

constexpr const char* erase_line = "\r\x1b[K";

} // namespace

progress::progress()
  : is_terminal_{isatty(STDERR_FILENO) == 1},
    next_{clock::now() + redraw_interval},
    last_{clock::now()} {
}

progress::~progress() {
  if (is_terminal_)
    std::fputs(erase_line, stderr);
}

void progress::draw(clock::time_point now, std::string_view phase,
                    std::uint64_t count) {
  auto rate = static_cast<double>(count - last_count_)
              / seconds_between(last_, now);
  std::fprintf(stderr, "%s%.*s: %.0f per second", erase_line,
               static_cast<int>(phase.size()), phase.data(), rate);
  last_ = now;
  last_count_ = count;
  next_ = now + redraw_interval;
}

} // namespace troupe::bench
