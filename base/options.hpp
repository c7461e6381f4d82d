#pragma once

#include <caf/config_option.hpp>
#include <caf/config_option_set.hpp>
#include <caf/error.hpp>
#include <caf/settings.hpp>
#include <caf/string_view.hpp>

#include <cstddef>
#include <string>
#include <vector>

/// What CAF's options lack: they are explained in words, `--name value` works,
/// the environment has them, and nothing wrong passes in silence.
namespace troupe::options {

using set = caf::config_option_set;
using arguments = std::vector<std::string>;

std::string str(caf::string_view x);

/// What the value of an option must be.
std::string kind(const caf::config_option& option);

/// The environment variable of an option.
std::string variable(const caf::config_option& option);

/// @returns what is wrong if the environment still has the variable that
///          `option` had; else nothing.
std::string find_old_variable(const set& known,
                              const caf::config_option& option);

/// What `--help` prints: unlike CAF, all of our options, with their defaults.
/// @param caf_options how many of them, the first, are CAF's.
std::string help(const set& all, size_t caf_options);

bool asks_for_help(const std::string& arg);

/// Makes `--name value` the `--name=value` that CAF knows.
arguments join_values(const set& known, const arguments& args);

/// The last `--config-file=`, else what the environment says, else nothing.
std::string config_file(const arguments& args);

/// @returns none, or errc::invalid_config with what is wrong.
caf::error check_arguments(const set& known, const arguments& args);

/// @returns what is wrong with a file's settings, else nothing.
std::string check_file(const set& known, const caf::settings& file);

} // namespace troupe::options
