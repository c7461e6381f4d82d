#include "troupe/runtime.hpp"

#include "base/address.hpp"
#include "base/config_text.hpp"
#include "base/options.hpp"
#include "net/basp/basp_transport.hpp"
#include "net/basp/tls_context.hpp"
#include "net/http/tls_certificates.hpp"
#include "net/inspector.hpp"
#include "net/option_table.hpp"
#include "net/runtime/inherited_sockets.hpp"
#include "net/runtime/node_id.hpp"
#include "net/runtime/roster.hpp"
#include "net/runtime/scheduler.hpp"
#include "troupe/error.hpp"

#include <caf/config_option.hpp>
#include <caf/config_option_set.hpp>
#include <caf/make_config_option.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>
#include <utility>

namespace troupe {

namespace {

constexpr size_t most_threads = 1024;

constexpr caf::timespan longest_drain = std::chrono::hours{1};

/// Options that a configuration file should not repeat.
constexpr std::array not_in_files{"config-file", "check-config",
                                  "print-config"};

/// Returns whether users other than the owner and the group may read or write
/// `file`.
bool is_open_to_all(const std::string& file) {
  struct stat x {};
  return ::stat(file.c_str(), &x) == 0
         && (x.st_mode & (S_IROTH | S_IWOTH)) != 0;
}

/// Returns what is wrong; empty if nothing.
std::string fault_of(const admin_config& x) {
  auto where = base::parse_address(x.listen);
  if (!x.listen.empty() && !where)
    return "admin.listen is \"" + x.listen + "\", but must be HOST:PORT";
  if (!x.inspector)
    return {};
  if (!where)
    return "admin.inspector needs admin.listen";
  if (x.token_file.empty() && !base::is_loopback(where->host))
    return "admin.inspector needs admin.token-file on " + where->host
           + ", which other machines may reach";
  return {};
}

} // namespace

// -- construction -------------------------------------------------------------

runtime_config::runtime_config() : roster_{std::make_unique<net::roster>()} {
  profiler = roster_.get();
  replace_caf_options();
  caf_options_ = custom_options_.size();
  net::add_options(custom_options_, *this);
  troupe::add_message_types(*this);
  auto category = make_error(errc::invalid_config).category();
  add_error_category(category, [](uint8_t code, caf::atom_value x,
                                  const caf::message& context) {
    return what(caf::error{code, x, context});
  });
  module_factories.emplace_back([this](caf::actor_system& sys) {
    return new net::scheduler(sys, threads, slow_handler,
                              http.limits.queued_bytes);
  });
  module_factories.emplace_back(net::make_random_node_id);
}

runtime_config::~runtime_config() = default;

void runtime_config::replace_caf_options() {
  auto replace = [this](caf::string_view name, caf::config_option by) {
    auto is_it = [=](const auto& x) { return x.full_name() == name; };
    *std::find_if(custom_options_.begin(), custom_options_.end(), is_it)
      = std::move(by);
  };
  config_file_path.clear(); // Keeps `parse` from reading a file as well.
  replace("global.config-file",
          caf::make_config_option(config_file_path, "global", "config-file",
                                  "configuration file (default: none)"));
  // CAF says that these print to standard error.
  auto flag = [](caf::string_view name, caf::string_view text) {
    return caf::make_config_option<bool>("global", name, text);
  };
  replace("global.help", flag("help,h?", "print this text and exit"));
  replace("global.long-help", flag("long-help", "print all options and exit"));
  // CAF prints settings that its own parser rejects.
  replace("global.dump-config",
          caf::make_config_option(
            print_config_, "global", "print-config",
            "print the settings as a configuration file and exit"));
  opt_group{custom_options_, "global"}.add(check_config_, "check-config",
                                           "check the settings and exit");
}

// -- reading ------------------------------------------------------------------

caf::error runtime_config::read(int argc, char** argv) {
  return read(string_list(argv + std::min(argc, 1), argv + argc));
}

caf::error runtime_config::read(string_list args) {
  net::inherited_sockets::of_process(); // before there are other threads
  if (std::any_of(args.begin(), args.end(), options::asks_for_help)) {
    std::cout << options::help(custom_options_, caf_options_) << std::flush;
    cli_helptext_printed = true;
    return caf::none;
  }
  args = options::join_values(custom_options_, args);
  // In this order: each source overwrites the previous one.
  if (auto path = options::config_file(args); !path.empty())
    if (auto err = read_file(path))
      return err;
  if (auto err = read_environment())
    return err;
  if (auto err = read_arguments(std::move(args)))
    return err;
  if (auto err = validate())
    return err;
  if (check_config_ || print_config_)
    return report();
  set_log_config(log);
  if (cluster.enabled() && !std::exchange(has_basp_, true))
    net::load_basp(*this, cluster);
  return caf::none;
}

caf::error runtime_config::read_file(const std::string& path) {
  std::ifstream in{path};
  if (!in)
    return options::invalid(path + ": cannot open this file");
  // Parsed without options, since CAF would silently drop values of the wrong
  // type and ignore options in braces.
  auto file = parse_config(in);
  if (!file)
    return options::invalid(path + ": " + what(file.error()));
  if (auto why = options::check_file(custom_options_, *file); !why.empty())
    return options::invalid(path + ": " + why);
  options::for_each_setting(*file, [&](const auto& group, const auto& name,
                                       const caf::config_value& value) {
    assign(group, name, value, path);
  });
  return caf::none;
}

caf::error runtime_config::read_environment() {
  for (const auto& option : custom_options_) {
    auto name = options::variable(option);
    if (auto why = options::find_old_variable(custom_options_, option);
        !why.empty())
      return options::invalid(why);
    const char* text = std::getenv(name.c_str());
    if (text == nullptr || *text == '\0')
      continue;
    auto value = option.parse(std::string{text});
    if (!value)
      return options::invalid(name + '=' + text + ": the value must be "
                              + options::kind(option));
    assign(options::str(option.category()), options::str(option.long_name()),
           *value, name);
  }
  return caf::none;
}

caf::error runtime_config::read_arguments(string_list args) {
  caf::settings values;
  if (auto err = options::check_arguments(custom_options_, args, values))
    return err;
  options::for_each_setting(values, [&](const auto& group, const auto& name,
                                        const caf::config_value&) {
    sources_[options::full_name(group, name)] = "command line";
  });
  std::istringstream no_file;
  return parse(std::move(args), no_file);
}

/// Sets an option in the same way as CAF.
void runtime_config::assign(const std::string& group, const std::string& name,
                            const caf::config_value& value,
                            std::string source) {
  if (const auto* option = custom_options_.qualified_name_lookup(group, name))
    option->store(value);
  auto& entries = group == "global" ? content : content[group].as_dictionary();
  entries.insert_or_assign(name, value);
  sources_[options::full_name(group, name)] = std::move(source);
}

caf::error runtime_config::validate() const {
  if (threads > most_threads)
    return options::invalid("threads is " + std::to_string(threads)
                            + ", but must be at most "
                            + std::to_string(most_threads));
  if (slow_handler <= caf::timespan{0})
    return options::invalid("slow-handler must be more than 0");
  if (auto why = fault_of(admin); !why.empty())
    return options::invalid(why);
  for (auto x : {drain.delay, drain.window, drain.patience})
    if (x < caf::timespan{0} || x > longest_drain)
      return options::invalid("the times of drain must be 0 to 1h");
  if (auto err = http.validate())
    return err;
  if (auto err = ws.validate())
    return err;
  if (auto err = cluster.validate())
    return err;
  return cluster.enabled() ? cluster.validate_for(ws) : caf::none;
}

// -- reporting ----------------------------------------------------------------

/// Does what `--check-config` and `--print-config` ask for.
caf::error runtime_config::report() {
  if (net::tls_context tls{cluster}; !cluster.tls_ca.empty() && !tls.current())
    return options::invalid(tls.problem());
  if (http.tls.is_enabled())
    if (auto err = net::tls_certificates{http.tls}.read())
      return err;
  if (!admin.token_file.empty())
    if (auto token = read_token(admin.token_file); !token)
      return token.error();
  for (const auto& x : warnings())
    std::cerr << "warning: " << x << std::endl;
  for (const auto* name : not_in_files)
    sources_.erase(name);
  if (print_config_)
    std::cout << options::config_text(custom_options_, caf_options_, content,
                                      sources_)
              << std::flush;
  else
    std::cout << "the settings are valid" << std::endl;
  cli_helptext_printed = true;
  return caf::none;
}

/// Returns what is valid but unsafe.
std::vector<std::string> runtime_config::warnings() const {
  std::vector<std::string> result;
  if (!base::is_loopback(http.host))
    result.push_back("host is " + http.host + ": other machines can connect"
                     + (http.tls.is_enabled() ? "" : ", without encryption"));
  if (ws.allow_any_origin)
    result.push_back(
      "ws.allow-any-origin: the pages of all sites can connect "
      "in the name of their visitors");
  if (cluster.allow_plaintext && cluster.tls_ca.empty())
    result.push_back(
      "cluster.allow-plaintext: whoever reaches the port for "
      "nodes has full control of the cluster");
  if (is_open_to_all(cluster.tls_key))
    result.push_back(cluster.tls_key + ": all users of this machine can read "
                     "or write this private key");
  if (is_open_to_all(admin.token_file))
    result.push_back(admin.token_file + ": all users of this machine can read "
                     "or write this token");
  return result;
}

} // namespace troupe
