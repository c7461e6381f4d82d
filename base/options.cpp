#include "base/options.hpp"

#include "troupe/error.hpp"

#include <caf/config_value.hpp>
#include <caf/pec.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace troupe::options {

namespace {

/// Converts `a|b|c` to `a, b or c`.
std::string alternatives(std::string words) {
  if (auto last = words.rfind('|'); last != words.npos)
    words.replace(last, 1, " or ");
  for (auto i = words.find('|'); i != words.npos; i = words.find('|'))
    words.replace(i, 1, ", ");
  return words;
}

/// Returns the environment variable of the option `name` in `group`.
std::string variable(std::string_view group, std::string_view name) {
  std::string result = "troupe_";
  if (group != "global")
    result.append(group) += '_';
  result.append(name);
  for (auto& c : result)
    c = std::isalnum(static_cast<unsigned char>(c))
          ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
          : '_';
  return result;
}

/// Where descriptions begin.
constexpr size_t help_column = 42;

/// Returns the lines of `option` in the help text, which help2man reads, too.
std::string lines(const caf::config_option& option, bool is_ours) {
  std::string result = "  ";
  for (auto c : option.short_names())
    result += std::string{"-"} + c + ", ";
  result += "--";
  if (!option.has_flat_cli_name())
    result += str(option.category()) + '.';
  result += str(option.long_name());
  if (!option.is_flag())
    result += "=<" + str(option.type_name()) + '>';
  if (result.size() + 2 > help_column) {
    result += '\n';
    result.append(help_column, ' ');
  } else {
    result.resize(help_column, ' ');
  }
  result += str(option.description());
  if (auto value = option.get(); is_ours && value && !option.is_flag()) {
    auto text = to_string(*value);
    // CAF prints zero as "0d", which it cannot parse.
    result += " [" + (text == "0d" ? "0s" : text) + ']';
  }
  return result + '\n';
}

/// Former name of the group "ws".
constexpr std::string_view old_group = "troupe";

/// Returns an error message for the unknown option `--name`.
std::string explain_unknown(const set& known, std::string_view name) {
  auto dot = name.find('.');
  if (name.substr(0, dot) == old_group && dot != name.npos) {
    auto now = "ws." + std::string{name.substr(dot + 1)};
    if (known.cli_long_name_lookup(now) != nullptr)
      return "this option is --" + now + " now";
  }
  return "no such option";
}

/// Returns an error that explains why CAF rejected `arg`.
caf::error explain(const set& known, const std::string& arg, caf::pec why) {
  if (arg.size() < 2 || arg.front() != '-')
    return invalid("'" + arg + "' is not an option");
  auto name = arg.substr(2, arg.find('=') - 2);
  const auto* option = arg.starts_with("--")
                         ? known.cli_long_name_lookup(name)
                         : known.cli_short_name_lookup(arg[1]);
  if (option == nullptr)
    return invalid(arg + ": " + explain_unknown(known, name));
  if (option->is_flag())
    return invalid(arg + ": this option takes no value");
  if (why == caf::pec::missing_argument)
    return invalid(arg + ": the value is missing, as in --name=value");
  return invalid(arg + ": the value must be " + kind(*option));
}

/// Checks the settings of one group.
/// @returns an error message, or an empty string.
std::string check_group(const set& known, const std::string& group,
                        const caf::settings& entries) {
  if (group == old_group)
    return group + ": this group is ws now";
  auto is_member = [&](const auto& x) { return x.category() == group; };
  if (std::none_of(known.begin(), known.end(), is_member))
    return {}; // The application may read these by name.
  for (const auto& [key, value] : entries) {
    auto name = group + '.';
    name += key;
    const auto* option = known.qualified_name_lookup(group, key);
    if (option == nullptr)
      return name + ": no such option";
    if (option->check(value))
      return name + " = " + to_string(value) + ": the value must be "
             + kind(*option);
  }
  return {};
}

} // namespace

caf::error invalid(std::string why) {
  return make_error(errc::invalid_config, std::move(why));
}

std::string str(caf::string_view x) {
  return {x.begin(), x.end()};
}

std::string kind(const caf::config_option& option) {
  auto type = str(option.type_name());
  if (type == "timespan")
    return "a time span with its unit, such as 5s or 100ms";
  if (type == "boolean")
    return "true or false";
  if (type == "uint16")
    return "a whole number from 0 to 65535";
  if (type.starts_with("uint"))
    return "a whole number from 0 on";
  if (type.starts_with("int"))
    return "a whole number";
  if (type.starts_with("list"))
    return "a list, such as a,b or [\"a\", \"b\"]";
  if (type.find('|') != type.npos)
    return alternatives(type);
  return "of type " + type;
}

std::string variable(const caf::config_option& option) {
  return variable(str(option.category()), str(option.long_name()));
}

std::string help(const set& all, size_t caf_options) {
  std::string result = "Options:\n";
  size_t i = 0;
  for (const auto& option : all) {
    auto is_ours = i++ >= caf_options;
    if (is_ours || option.has_flat_cli_name())
      result += lines(option, is_ours);
  }
  return result
         + "\nDefaults are in brackets. Lists are written as a,b or "
           "[\"a\", \"b\"], in a file only as the latter.\n"
           "\nEnvironment:\n"
           "  Variables set options, too: TROUPE_PORT=80, "
           "TROUPE_WS_PING_PERIOD=30s, TROUPE_HTTP_MAX_HEADER_SIZE=4096\n";
}

std::string find_old_variable(const set& known,
                              const caf::config_option& option) {
  auto name = str(option.long_name());
  auto old = variable("global", name);
  const auto* text = std::getenv(old.c_str());
  if (option.category() != "ws" || text == nullptr || *text == '\0'
      || known.qualified_name_lookup("global", name) != nullptr)
    return {};
  return old + ": this variable is " + variable(option) + " now";
}

bool asks_for_help(const std::string& arg) {
  return arg == "--help" || arg == "-h" || arg == "-?";
}

arguments join_values(const set& known, const arguments& args) {
  arguments res;
  for (size_t i = 0; i < args.size(); ++i) {
    res.push_back(args[i]);
    if (!args[i].starts_with("--") || args[i].find('=') != std::string::npos)
      continue;
    const auto* option = known.cli_long_name_lookup(args[i].substr(2));
    if (option == nullptr || option->is_flag())
      continue;
    if (i + 1 < args.size() && !args[i + 1].starts_with("--"))
      res.back() += '=' + args[++i];
  }
  return res;
}

std::string config_file(const arguments& args) {
  constexpr std::string_view name = "--config-file=";
  for (auto i = args.rbegin(); i != args.rend(); ++i)
    if (i->starts_with(name))
      return i->substr(name.size());
  const auto* value = std::getenv("TROUPE_CONFIG_FILE");
  return value == nullptr ? "" : value;
}

/// CAF's `parse` is not sufficient: it accepts some invalid arguments, and its
/// errors have no descriptions.
caf::error check_arguments(const set& known, const arguments& args,
                           caf::settings& values) {
  auto [code, pos] = known.parse(values, args);
  if (pos != args.end())
    return explain(known, *pos, code);
  // CAF reports success for a short option at the end whose value is missing.
  return code == caf::pec::success ? caf::none
                                   : explain(known, args.back(), code);
}

std::string check_file(const set& known, const caf::settings& file) {
  caf::settings global; // Settings without a group are in `file` itself.
  for (const auto& [key, value] : file) {
    const auto* group = caf::get_if<caf::settings>(&value);
    if (group == nullptr)
      global.emplace(key, value);
    else if (auto why = check_group(known, key, *group); !why.empty())
      return why;
  }
  return check_group(known, "global", global);
}

} // namespace troupe::options
