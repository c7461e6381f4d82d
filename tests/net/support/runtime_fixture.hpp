#pragma once

#include "troupe/error.hpp"
#include "troupe/runtime.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace troupe::test {

/// A configuration and the sources of its settings. The destructor removes the
/// variables and the file that a test has created.
struct runtime_fixture {
  /// The beginning of each error that `read` returns.
  const std::string invalid
    = std::string{to_string(errc::invalid_config)}.append(": ");

  runtime_config cfg;
  std::vector<std::string> variables;
  std::string file = std::filesystem::temp_directory_path()
                     / ("troupe_runtime_test." + std::to_string(getpid()));

  ~runtime_fixture() {
    for (auto& x : variables)
      unsetenv(x.c_str());
    std::filesystem::remove(file);
  }

  void set(const std::string& variable, const std::string& value) {
    variables.push_back(variable);
    setenv(variable.c_str(), value.c_str(), 1);
  }

  /// Writes a file with settings.
  /// @returns the option that names it.
  std::string with_file(const std::string& text) {
    std::ofstream{file} << text;
    return "--config-file=" + file;
  }

  std::string read(std::vector<std::string> args) {
    auto err = cfg.read(std::move(args));
    return err ? what(err) : "fine";
  }
};

} // namespace troupe::test
