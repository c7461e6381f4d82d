#include "troupe/client.hpp"

#include "embedded/browser.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace troupe {

namespace {

/// The place in the bundles for the settings: net/browser/settings.js.
constexpr std::string_view place = "{served:{}}";

/// Serializes `x` to ASCII without characters that could end a script element.
std::string to_script(const nlohmann::json& x) {
  constexpr auto replace = nlohmann::json::error_handler_t::replace;
  std::string result;
  for (auto c : x.dump(-1, ' ', true, replace))
    if (c == '<')
      result += "\\u003c";
    else
      result += c;
  return result;
}

std::string with_settings(std::string_view bundle, const config& cfg,
                          const client_options& options) {
  auto served = to_script({{"eventPrefix", cfg.event_prefix},
                           {"legacyStrings", options.legacy_strings},
                           {"maxMessageSize", cfg.max_message_size}});
  std::string result{bundle};
  result.replace(result.find(place), place.size(), "{served:" + served + '}');
  return result;
}

} // namespace

std::string client_source(const config& cfg, client_options options) {
  return with_settings(embedded::browser::script_js, cfg, options);
}

std::string client_module(const config& cfg, client_options options) {
  return with_settings(embedded::browser::client_js, cfg, options);
}

} // namespace troupe
