#pragma once

#include "troupe/config.hpp"

#include <string>

namespace troupe {

/// How the served client behaves on pages that set no options of their own.
struct client_options {
  /// Listeners get the text of a payload whatever its type, as pages written
  /// for the original (docs/contract.md) expect (C63).
  bool legacy_strings = false;
};

/// The JavaScript client (C63, C64) as a plain script that defines the global
/// `Ws`. It carries the event prefix of `cfg` (C2), escaped, so that the script
/// may also stand inside an HTML page. Thread-safe (pure).
/// @see docs/client.md
std::string client_source(const config& cfg, client_options options = {});

/// The same as an ES module that exports `Ws`.
std::string client_module(const config& cfg, client_options options = {});

} // namespace troupe
