#pragma once

#include <caf/config_option.hpp>
#include <caf/config_option_set.hpp>
#include <caf/config_value.hpp>
#include <caf/error.hpp>
#include <caf/settings.hpp>
#include <caf/string_view.hpp>

#include <cstddef>
#include <string>
#include <vector>

/// Adds to CAF's options: help texts with defaults, `--name value`, environment
/// variables, and error messages for everything that is invalid.
namespace troupe::options {

using set = caf::config_option_set;
using arguments = std::vector<std::string>;

std::string str(caf::string_view x);

/// Calls `f(group, name, value)` for each setting. The group of settings
/// without a group is "global".
template <class F>
void for_each_setting(const caf::settings& xs, F f) {
  for (const auto& [key, value] : xs)
    if (const auto* group = caf::get_if<caf::settings>(&value))
      for (const auto& [name, x] : *group)
        f(key, name, x);
    else
      f(std::string{"global"}, key, value);
}

/// Returns errc::invalid_config with the text `why`.
caf::error invalid(std::string why);

/// Returns a description of valid values for `option`.
std::string kind(const caf::config_option& option);

/// Returns the name of the environment variable for `option`.
std::string variable(const caf::config_option& option);

/// Checks whether the environment sets the former variable of a renamed option.
/// @returns an error message, or an empty string.
std::string find_old_variable(const set& known,
                              const caf::config_option& option);

/// Returns the output of `--help`: all options of troupe with their defaults,
/// and the options of CAF that work without a group.
/// @param caf_options number of options of CAF, which come first in `all`.
std::string help(const set& all, size_t caf_options);

bool asks_for_help(const std::string& arg);

/// Converts each `--name value` to `--name=value`, the only form that CAF
/// accepts.
arguments join_values(const set& known, const arguments& args);

/// Returns the name of the configuration file: the last `--config-file=`, else
/// the value of TROUPE_CONFIG_FILE, else an empty string.
std::string config_file(const arguments& args);

/// Checks command line arguments.
/// @param values receives the settings that they contain.
/// @returns none, or errc::invalid_config with a description.
caf::error check_arguments(const set& known, const arguments& args,
                           caf::settings& values);

/// Checks the settings of a configuration file.
/// @returns an error message, or an empty string.
std::string check_file(const set& known, const caf::settings& file);

} // namespace troupe::options
