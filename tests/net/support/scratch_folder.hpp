#pragma once

#include <caf/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace troupe::test {

/// A folder with files for one test.
class scratch_folder {
public:
  scratch_folder() {
    auto name
      = (std::filesystem::temp_directory_path() / "troupe-XXXXXX").string();
    CAF_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }

  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  ~scratch_folder() {
    std::filesystem::remove_all(path_);
  }

  std::string path(std::string_view name = "") const {
    return (path_ / name).string();
  }

  /// Writes a file, and creates the folders above it.
  void write(std::string_view name, std::string_view bytes) const {
    auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file, std::ios::binary} << bytes;
  }

  void link(std::string_view name, std::string_view target) const {
    std::filesystem::create_symlink(target, path_ / name);
  }

private:
  std::filesystem::path path_;
};

} // namespace troupe::test
