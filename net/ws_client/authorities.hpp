#pragma once

#include "net/runtime/openssl.hpp"

#include <caf/expected.hpp>

#include <string>

namespace troupe::net {

/// Returns the context of clients that verify servers by the authorities in
/// `file`. Clients share it, since the authorities of a system take a megabyte
/// and tens of milliseconds to read. Read again if the file has changed.
/// Thread-safe. May block.
/// @param file  PEM file; empty: the authorities of the system.
/// @returns the context; errc::invalid_config if the file cannot be used.
caf::expected<ssl_context> client_tls_context(const std::string& file);

} // namespace troupe::net
