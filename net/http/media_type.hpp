#pragma once

#include <string_view>

namespace troupe::net {

/// Returns the Content-Type of a file by the extension of its name;
/// `application/octet-stream` if it is not known.
std::string_view media_type(std::string_view name);

} // namespace troupe::net
