#pragma once

namespace troupe::net {

/// The windowBits of zlib for permessage-deflate: 2^15 bytes, without a header
/// and a checksum (RFC 7692 section 7.2).
constexpr int raw_window = -15;

} // namespace troupe::net
