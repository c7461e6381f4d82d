#pragma once

#include <cstdlib>
#include <string>
#include <vector>

namespace troupe::test {

/// Environment variables that exist until the end of a test.
class variables {
public:
  ~variables() {
    for (const auto& x : names_)
      ::unsetenv(x.c_str());
  }

  void set(const std::string& name, const std::string& value) {
    names_.push_back(name);
    ::setenv(name.c_str(), value.c_str(), 1);
  }

private:
  std::vector<std::string> names_;
};

} // namespace troupe::test
