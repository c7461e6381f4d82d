#include "net/http/file_part.hpp"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

namespace troupe::net {

namespace {

constexpr uint64_t largest_piece = 64 * 1024;

} // namespace

std::string file_part::read() {
  std::string result(std::min(left_, largest_piece), '\0');
  ssize_t size = -1;
  do {
    size = ::pread(file_.get(), result.data(), result.size(),
                   static_cast<off_t>(next_));
  } while (size < 0 && errno == EINTR);
  result.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  next_ += result.size();
  left_ -= result.size();
  return result;
}

} // namespace troupe::net
