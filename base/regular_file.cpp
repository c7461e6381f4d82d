#include "base/regular_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

namespace troupe::base {

namespace {

struct closer {
  void operator()(std::FILE* x) const noexcept {
    std::fclose(x);
  }
};

using file_ptr = std::unique_ptr<std::FILE, closer>;

/// Does not wait for a writer, as opening a FIFO otherwise does.
file_ptr open(const std::string& path) {
  auto number = ::open(path.c_str(),
                       O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return file_ptr{number < 0 ? nullptr : ::fdopen(number, "rb")};
}

bool is_regular(std::FILE* file) {
  struct ::stat info {};
  return ::fstat(::fileno(file), &info) == 0 && S_ISREG(info.st_mode);
}

std::string last_error() {
  return std::generic_category().message(errno);
}

} // namespace

std::optional<std::string> read_regular_file(const std::string& path,
                                             std::string& why) {
  auto file = open(path);
  if (!file) {
    why = path + ": " + last_error();
    return std::nullopt;
  }
  if (!is_regular(file.get())) {
    why = path + ": not a regular file";
    return std::nullopt;
  }
  std::string result;
  std::array<char, 4096> part;
  while (auto size = std::fread(part.data(), 1, part.size(), file.get()))
    result.append(part.data(), size);
  if (std::ferror(file.get()) != 0) {
    why = path + ": " + last_error();
    return std::nullopt;
  }
  return result;
}

} // namespace troupe::base
