#include "net/runtime/file_stamp.hpp"

#include <sys/stat.h>

#include <ctime>

namespace troupe::net {

namespace {

int64_t nanoseconds(const timespec& x) {
  return int64_t{x.tv_sec} * 1'000'000'000 + x.tv_nsec;
}

} // namespace

file_stamp file_stamp::of(const std::string& file) {
  struct stat x {};
  if (::stat(file.c_str(), &x) != 0)
    return {};
  return {x.st_dev, x.st_ino, x.st_size, nanoseconds(x.st_mtim),
          nanoseconds(x.st_ctim)};
}

} // namespace troupe::net
