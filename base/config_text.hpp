#pragma once

#include "base/options.hpp"

#include <caf/config_value.hpp>
#include <caf/settings.hpp>

#include <cstddef>
#include <map>
#include <string>

/// Settings as text in the format of a configuration file.
namespace troupe::options {

/// The sources of settings, by the full names of the settings: `port`,
/// `ws.ping-period`. A setting that is not in here has its default value.
using sources = std::map<std::string, std::string>;

/// Returns the full name of a setting. Settings without a group are in
/// "global".
std::string full_name(const std::string& group, const std::string& name);

/// Returns `x` as a configuration file has it.
std::string to_text(const caf::config_value& x);

/// Returns the effective settings as a configuration file, with the source of
/// each one in a comment: all options of troupe and of the program, and what
/// else has a source.
/// @param caf_options number of options of CAF, which come first in `all`.
/// @param values settings whose options have no variable, and those that are
///               not options.
std::string config_text(const set& all, size_t caf_options,
                        const caf::settings& values, const sources& from);

} // namespace troupe::options
