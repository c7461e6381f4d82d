#include "net/runtime/line_file.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace troupe::net {

namespace {

/// Waits until `file` is writable.
/// @returns false if `wake` is readable.
bool await_room(int file, int wake) {
  std::array<pollfd, 2> both{{{file, POLLOUT, 0}, {wake, POLLIN, 0}}};
  ::poll(both.data(), both.size(), -1);
  return both[1].revents == 0;
}

} // namespace

std::error_code line_file::append(std::string_view& lines, int wake) {
  if (is_torn_) {
    std::string_view end{"\n"};
    if (auto why = write(end, wake))
      return why;
    is_torn_ = false;
  }
  auto rest = lines;
  auto why = write(rest, wake);
  auto written = lines.substr(0, lines.size() - rest.size());
  auto whole = written.rfind('\n') + 1; // 0 if there is none
  is_torn_ = whole < written.size();
  lines.remove_prefix(whole);
  return why;
}

/// Writes text and removes what is written.
std::error_code line_file::write(std::string_view& text, int wake) {
  while (!text.empty()) {
    auto n = ::write(file_.get(), text.data(), text.size());
    auto why = errno;
    if (n >= 0)
      text.remove_prefix(static_cast<size_t>(n));
    else if (why != EAGAIN && why != EINTR)
      return {why, std::generic_category()};
    else if (why == EAGAIN && !await_room(file_.get(), wake))
      return std::make_error_code(std::errc::operation_canceled);
  }
  return {};
}

} // namespace troupe::net
