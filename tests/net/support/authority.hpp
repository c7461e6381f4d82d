#pragma once

#include "net/support/node.hpp"
#include "net/support/scratch_folder.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace troupe::test {

/// A certificate authority in its own folder.
class authority {
public:
  authority() = default;

  /// Creates an authority and a certificate for `name`.
  explicit authority(const std::string& name) : authority{} {
    add(name);
  }

  authority(const authority&) = delete;
  authority& operator=(const authority&) = delete;

  /// Creates a certificate for `name` that is valid for `days`, and its key.
  void add(const std::string& name, int days = 30) const {
    auto script = std::filesystem::path{TROUPE_TEST_DATA}
                  / "../../scripts/make_test_ca.sh";
    auto command = script.string() + " --days " + std::to_string(days) + ' '
                   + folder_.path() + ' ' + name + " 2>&1 >/dev/null";
    CAF_REQUIRE_EQUAL(std::system(command.c_str()), 0);
  }

  /// Replaces the certificate for `name` and its key.
  void replace(const std::string& name) const {
    std::filesystem::remove(certificate(name));
    std::filesystem::remove(key(name));
    add(name);
  }

  std::string ca() const {
    return folder_.path("ca.pem");
  }

  std::string certificate(const std::string& name) const {
    return folder_.path(name + ".pem");
  }

  std::string key(const std::string& name) const {
    return folder_.path(name + ".key");
  }

  /// Returns the settings of a node with a certificate that is valid for
  /// `days`.
  cluster_config member(const std::string& name, int days = 30) const {
    add(name, days);
    auto result = node::settings();
    result.tls_ca = ca();
    result.tls_certificate = certificate(name);
    result.tls_key = key(name);
    return result;
  }

private:
  scratch_folder folder_;
};

} // namespace troupe::test
