#pragma once

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

/// @file
///
/// Reads test vectors of the wire formats, tests/data/*_vectors.json.

namespace troupe::test {

/// Returns the rows of a file.
inline nlohmann::json read_vectors(const std::string& file_name) {
  std::ifstream file{TROUPE_TEST_DATA "/" + file_name};
  return nlohmann::json::parse(file);
}

inline std::string bytes_of_hex(const std::string& hex) {
  std::string result;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    result += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return result;
}

/// Returns a text, or the bytes of `<key>_hex`.
inline std::string bytes_at(const nlohmann::json& x, const std::string& key) {
  if (auto i = x.find(key + "_hex"); i != x.end())
    return bytes_of_hex(i->get<std::string>());
  return x.at(key).get<std::string>();
}

} // namespace troupe::test
