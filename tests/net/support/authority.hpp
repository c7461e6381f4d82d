#pragma once

#include "net/support/node.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace troupe::test {

/// A certificate authority in its own folder.
class authority {
public:
  authority() {
    std::string name
      = (std::filesystem::temp_directory_path() / "troupe-ca-XXXXXX").string();
    CAF_REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }

  ~authority() {
    std::filesystem::remove_all(folder_);
  }

  /// Returns the settings of a node with a certificate that is valid for
  /// `days`.
  cluster_config member(const std::string& name, int days = 30) const {
    auto script = std::filesystem::path{TROUPE_TEST_DATA}
                  / "../../scripts/make_test_ca.sh";
    auto command = script.string() + " --days " + std::to_string(days) + ' '
                   + folder_.string() + ' ' + name + " 2>&1 >/dev/null";
    CAF_REQUIRE_EQUAL(std::system(command.c_str()), 0);
    auto result = node::settings();
    result.tls_ca = folder_ / "ca.pem";
    result.tls_certificate = folder_ / (name + ".pem");
    result.tls_key = folder_ / (name + ".key");
    return result;
  }

private:
  std::filesystem::path folder_;
};

} // namespace troupe::test
