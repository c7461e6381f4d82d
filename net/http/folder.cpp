#include "net/http/folder.hpp"

#include "base/ascii.hpp"
#include "troupe/error.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace troupe::net {

namespace {

error_code last_error() {
  return {errno, boost::system::system_category()};
}

/// Opens `path`, which may not lead out of the folder `root`.
descriptor open_beneath(const descriptor& root, const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  constexpr auto most_tries = 4; // if folders are renamed meanwhile
  for (auto i = 0;; ++i) {
    auto file = ::syscall(SYS_openat2, root.get(), path.c_str(), &how,
                          sizeof(how));
    if (file >= 0 || (errno != EAGAIN && errno != EINTR) || i == most_tries)
      return descriptor{static_cast<int>(file)};
  }
}

bool is_valid_name(std::string_view x) {
  return !x.empty() && !x.starts_with('.')
         && std::ranges::none_of(x, [](char c) {
              return c == '/' || static_cast<unsigned char>(c) < ' '
                     || c == 0x7f;
            });
}

} // namespace

caf::expected<folder> folder::at(const std::string& path) {
  std::error_code unknown;
  folder result{std::filesystem::absolute(path, unknown).string()};
  error_code ec;
  auto found = result.open(".", ec);
  if (!ec && !found.is_folder)
    ec = {ENOTDIR, boost::system::system_category()};
  if (unknown || ec)
    return make_error(errc::invalid_config,
                      "the folder \"" + path + "\": "
                        + (unknown ? unknown.message() : ec.message()));
  return result;
}

found_file folder::open(const std::string& path, error_code& ec) const {
  found_file result;
  descriptor root{::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (root.get() >= 0)
    result.file = open_beneath(root, path);
  struct ::stat info {};
  if (result.file.get() < 0 || ::fstat(result.file.get(), &info) != 0) {
    ec = last_error();
    return result;
  }
  result.is_folder = S_ISDIR(info.st_mode);
  if (!result.is_folder && !S_ISREG(info.st_mode))
    ec = {ENOENT, boost::system::system_category()};
  result.size = static_cast<uint64_t>(info.st_size);
  result.changed = info.st_mtim;
  return result;
}

std::optional<std::string> decode_path(std::string_view encoded) {
  std::string result;
  while (!encoded.empty()) {
    auto is_last = encoded.find('/') == encoded.npos;
    auto name = base::percent_decode(base::split_off(encoded, '/'));
    if (!is_valid_name(name))
      return std::nullopt;
    result += name;
    if (!is_last)
      result += '/';
  }
  return result;
}

} // namespace troupe::net
