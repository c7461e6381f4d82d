#pragma once

#include "troupe/http.hpp"

#include <string>
#include <vector>

/// Header fields that the program adds to a response.
namespace troupe::net {

/// Returns the first field that is invalid, or that belongs to the handshake or
/// the connection; empty if all are valid.
std::string find_invalid(const std::vector<header_field>& fields);

/// Returns what is wrong with a response of the program; empty if nothing.
std::string find_fault(const response& x);

/// Returns the fields as header lines.
std::string to_lines(const std::vector<header_field>& fields);

} // namespace troupe::net
