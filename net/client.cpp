#include "troupe/client.hpp"

#include "embedded/browser.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace troupe {

namespace {

/// The lines of the client's source that are replaced.
constexpr std::string_view settings_line = "const served = {};";
constexpr std::string_view export_line
  = "export {Ws, WsError, encode, decode};";

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

void replace(std::string& text, std::string_view what, std::string_view by) {
  text.replace(text.find(what), what.size(), by);
}

} // namespace

std::string client_module(const config& cfg, client_options options) {
  auto served = to_script({{"eventPrefix", cfg.event_prefix},
                           {"legacyStrings", options.legacy_strings}});
  std::string result{embedded::browser::client_js};
  replace(result, settings_line, "const served = " + served + ';');
  return result;
}

std::string client_source(const config& cfg, client_options options) {
  auto result = client_module(cfg, options);
  replace(result, export_line, "globalThis.Ws = Ws;");
  // A function scope, so that the script does not define global names.
  return "(() => {\n'use strict';\n" + result + "})();\n";
}

} // namespace troupe
