#pragma once

#include <string_view>

namespace troupe::net {

/// Returns how much a client prefers a coding, in thousandths, according to its
/// Accept-Encoding field (RFC 9110 section 12.5.3); 0 if it does not accept it.
unsigned quality_of(std::string_view coding, std::string_view accept_encoding);

} // namespace troupe::net
