#include "net/http/media_type.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace troupe::net {

namespace {

using row = std::pair<std::string_view, std::string_view>;

/// What web pages consist of.
constexpr std::array types{
  row{"avif", "image/avif"},
  row{"css", "text/css; charset=utf-8"},
  row{"csv", "text/csv; charset=utf-8"},
  row{"gif", "image/gif"},
  row{"gz", "application/gzip"},
  row{"htm", "text/html; charset=utf-8"},
  row{"html", "text/html; charset=utf-8"},
  row{"ico", "image/x-icon"},
  row{"jpeg", "image/jpeg"},
  row{"jpg", "image/jpeg"},
  row{"js", "text/javascript; charset=utf-8"},
  row{"json", "application/json"},
  row{"map", "application/json"},
  row{"md", "text/markdown; charset=utf-8"},
  row{"mjs", "text/javascript; charset=utf-8"},
  row{"mp3", "audio/mpeg"},
  row{"mp4", "video/mp4"},
  row{"ogg", "audio/ogg"},
  row{"otf", "font/otf"},
  row{"pdf", "application/pdf"},
  row{"png", "image/png"},
  row{"svg", "image/svg+xml"},
  row{"ttf", "font/ttf"},
  row{"txt", "text/plain; charset=utf-8"},
  row{"wasm", "application/wasm"},
  row{"wav", "audio/wav"},
  row{"webm", "video/webm"},
  row{"webmanifest", "application/manifest+json"},
  row{"webp", "image/webp"},
  row{"woff", "font/woff"},
  row{"woff2", "font/woff2"},
  row{"xml", "application/xml"},
  row{"zip", "application/zip"},
};

} // namespace

std::string_view media_type(std::string_view name) {
  auto dot = name.rfind('.');
  auto extension = dot == name.npos ? "" : base::to_lower(name.substr(dot + 1));
  const auto* i = std::ranges::find(types, extension, &row::first);
  return i == types.end() ? "application/octet-stream" : i->second;
}

} // namespace troupe::net
