#pragma once

#include "troupe/config.hpp"

#include <string>

namespace troupe {

/// Defaults of the served JavaScript client, for pages that set no options of
/// their own.
struct client_options {
  /// If true, listeners receive the text of each payload regardless of its
  /// type, as pages written for the original (docs/contract.md) expect (C63).
  bool legacy_strings = false;
};

/// Returns the JavaScript client as a plain script that defines the global `Ws`
/// (C63, C64), minified. The script contains the event prefix (C2) and the
/// maximum size of a message of `cfg`, escaped such that the script may also be
/// placed inside an HTML page. Pure; thread-safe.
/// @see docs/client.md
std::string client_source(const config& cfg, client_options options = {});

/// Returns the JavaScript client as an ES module that exports `Ws`, `WsError`,
/// `encode` and `decode`. Pure; thread-safe.
std::string client_module(const config& cfg, client_options options = {});

} // namespace troupe
